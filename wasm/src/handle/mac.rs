//! Message authentication.

use strongroom_core::{Error, HMAC_SHA256_LEN, HMAC_SHA512_LEN};

use super::{Handle, check};

impl Handle {
    /// The HMAC-SHA256 tag of `message`.
    pub(crate) fn hmac_sha256(&self, message: &[u8]) -> Result<[u8; HMAC_SHA256_LEN], Error> {
        check([message])?;
        self.0.hmac_sha256(message)
    }

    /// Whether `tag` is the HMAC-SHA256 tag of `message`.
    pub(crate) fn verify_hmac_sha256(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        check([message, tag])?;
        self.0.verify_hmac_sha256(message, tag)
    }

    /// The HMAC-SHA512 tag of `message`.
    pub(crate) fn hmac_sha512(&self, message: &[u8]) -> Result<[u8; HMAC_SHA512_LEN], Error> {
        check([message])?;
        self.0.hmac_sha512(message)
    }

    /// Whether `tag` is the HMAC-SHA512 tag of `message`.
    pub(crate) fn verify_hmac_sha512(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        check([message, tag])?;
        self.0.verify_hmac_sha512(message, tag)
    }
}
