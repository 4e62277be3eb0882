//! Message authentication by handle: HMAC (RFC 2104, FIPS 198-1) with SHA-256 and SHA-512.

use hmac::digest::Output;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

use crate::storage::Storage;
use crate::{Error, Secret, wipe};

/// Bytes of an HMAC-SHA256 tag.
pub const HMAC_SHA256_LEN: usize = 32;

/// Bytes of an HMAC-SHA512 tag.
pub const HMAC_SHA512_LEN: usize = 64;

const STACK: usize = wipe::stack_of(4 * 1024);

impl<S: Storage> Secret<S> {
    /// The HMAC-SHA256 of `message` under this secret, a key of any length (RFC 2104).
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn hmac_sha256(&self, message: &[u8]) -> Result<[u8; HMAC_SHA256_LEN], Error> {
        self.with_key(|key| tag::<Hmac<Sha256>>(key, message).into())
    }

    /// Whether `tag` is the HMAC-SHA256 of `message` under this secret, in constant time.
    ///
    /// A tag of another length than [`HMAC_SHA256_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn verify_hmac_sha256(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.with_key(|key| verify::<Hmac<Sha256>>(key, message, tag))
    }

    /// The HMAC-SHA512 of `message` under this secret, a key of any length (RFC 2104).
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn hmac_sha512(&self, message: &[u8]) -> Result<[u8; HMAC_SHA512_LEN], Error> {
        self.with_key(|key| tag::<Hmac<Sha512>>(key, message).into())
    }

    /// Whether `tag` is the HMAC-SHA512 of `message` under this secret, in constant time.
    ///
    /// A tag of another length than [`HMAC_SHA512_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn verify_hmac_sha512(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.with_key(|key| verify::<Hmac<Sha512>>(key, message, tag))
    }
}

fn tag<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Output<M> {
    wipe::scrubbed::<STACK, _>(|| keyed::<M>(key, message).finalize().into_bytes())
}

fn verify<M: Mac + KeyInit>(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    wipe::scrubbed::<STACK, _>(|| keyed::<M>(key, message).verify_slice(tag).is_ok())
}

fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> M {
    let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(message)
}
