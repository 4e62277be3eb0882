//! HMAC-SHA256 by handle: the key stays where it is.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::storage::Storage;
use crate::{Error, Secret, wipe};

/// Bytes of an HMAC-SHA256 tag (RFC 2104, FIPS 180-4).
pub const TAG_LEN: usize = 32;

impl<S: Storage> Secret<S> {
    /// The HMAC-SHA256 of `message` under this secret (RFC 2104).
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn hmac_sha256(&self, message: &[u8]) -> Result<[u8; TAG_LEN], Error> {
        self.with_bytes(|key| scrubbed(|| keyed(key, message).finalize().into_bytes().into()))
    }

    /// Whether `tag` is the HMAC-SHA256 of `message` under this secret, in constant time.
    ///
    /// A tag of another length than [`TAG_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn verify_hmac_sha256(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.with_bytes(|key| scrubbed(|| keyed(key, message).verify_slice(tag).is_ok()))
    }
}

fn keyed(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac
}

/// Runs `f` in a frame of its own and wipes that frame and those below: `hmac` wipes its state,
/// but not the padded key block that it is derived from.
fn scrubbed<R>(f: impl FnOnce() -> R) -> R {
    let result = deeper(f);
    wipe::scrub_stack::<{ wipe::OPERATION_STACK }>();
    result
}

#[inline(never)]
fn deeper<R>(f: impl FnOnce() -> R) -> R {
    f()
}
