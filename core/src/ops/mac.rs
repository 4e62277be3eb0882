//! Message authentication by handle: HMAC (RFC 2104, FIPS 198-1) with SHA-256, SHA-384 and
//! SHA-512.

use hmac::KeyInit;
use hmac::block_api::HmacCore;
use hmac::digest::Output;
use hmac::digest::block_api::{Buffer, EagerHash, FixedOutputCore, UpdateCore};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::operations::operations;
use crate::storage::Storage;
use crate::{Error, Secret, wipe};

/// Bytes of an HMAC-SHA256 tag.
pub const HMAC_SHA256_LEN: usize = 32;

/// Bytes of an HMAC-SHA384 tag.
pub const HMAC_SHA384_LEN: usize = 48;

/// Bytes of an HMAC-SHA512 tag.
pub const HMAC_SHA512_LEN: usize = 64;

const STACK: usize = wipe::stack_of(4 * 1024, 20 * 1024);

operations! {
    mac_operations; S: Storage;

    /// The HMAC-SHA256 of `message` under this secret, a key of any length (RFC 2104).
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn hmac_sha256(&self, message: &[u8]) -> Result<[u8; HMAC_SHA256_LEN], Error>
    where self: MAC
    {
        self.sign::<Sha256>(message).map(Into::into)
    }

    /// Whether `tag` is the HMAC-SHA256 of `message` under this secret, in constant time.
    ///
    /// A tag of another length than [`HMAC_SHA256_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn verify_hmac_sha256(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error>
    where self: VERIFY
    {
        self.with_key(|key| verify::<Sha256>(key, message, tag))
    }

    /// The HMAC-SHA384 of `message` under this secret, a key of any length (RFC 2104).
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn hmac_sha384(&self, message: &[u8]) -> Result<[u8; HMAC_SHA384_LEN], Error>
    where self: MAC
    {
        self.sign::<Sha384>(message).map(Into::into)
    }

    /// Whether `tag` is the HMAC-SHA384 of `message` under this secret, in constant time.
    ///
    /// A tag of another length than [`HMAC_SHA384_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn verify_hmac_sha384(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error>
    where self: VERIFY
    {
        self.with_key(|key| verify::<Sha384>(key, message, tag))
    }

    /// The HMAC-SHA512 of `message` under this secret, a key of any length (RFC 2104).
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn hmac_sha512(&self, message: &[u8]) -> Result<[u8; HMAC_SHA512_LEN], Error>
    where self: MAC
    {
        self.sign::<Sha512>(message).map(Into::into)
    }

    /// Whether `tag` is the HMAC-SHA512 of `message` under this secret, in constant time.
    ///
    /// A tag of another length than [`HMAC_SHA512_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn verify_hmac_sha512(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error>
    where self: VERIFY
    {
        self.with_key(|key| verify::<Sha512>(key, message, tag))
    }
}

impl<S: Storage> Secret<S> {
    fn sign<D: EagerHash>(&self, message: &[u8]) -> Result<Output<HmacCore<D>>, Error> {
        let mut tag = Output::<HmacCore<D>>::default();
        self.with_key(|key| wipe::scrubbed::<STACK, _>(|| hmac::<D>(key, message, &mut tag)))?;
        Ok(tag)
    }
}

fn verify<D: EagerHash>(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    wipe::scrubbed::<STACK, _>(|| {
        let mut expected = Output::<HmacCore<D>>::default();
        hmac::<D>(key, message, &mut expected);
        expected.as_slice().ct_eq(tag).into()
    })
}

/// By blocks, since an `Hmac` is moved from function to function, which takes time and leaves a copy of
/// what its key became.
pub(super) fn hmac<D: EagerHash>(key: &[u8], message: &[u8], tag: &mut Output<HmacCore<D>>) {
    let mut hmac = HmacCore::<D>::new_from_slice(key).expect("HMAC takes a key of any length");
    let mut buffer = Buffer::<HmacCore<D>>::default();
    buffer.digest_blocks(message, |blocks| hmac.update_blocks(blocks));
    hmac.finalize_fixed_core(&mut buffer, tag);
}
