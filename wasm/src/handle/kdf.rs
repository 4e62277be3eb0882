//! Deriving secrets from secrets.

use strongroom_core::{Argon2Cost, Error};

use super::{Handle, bounded, check};

impl Handle {
    /// A secret of `len` bytes, derived by HKDF-SHA256.
    pub(crate) fn hkdf_sha256(&self, salt: &[u8], info: &[u8], len: u64) -> Result<Self, Error> {
        check([salt, info])?;
        self.0.hkdf_sha256(salt, info, bounded(len)?).map(Self)
    }

    /// A secret of `len` bytes, derived by Argon2id at no more than [`Argon2Cost::LIMIT`].
    pub(crate) fn argon2id(&self, salt: &[u8], cost: Argon2Cost, len: u64) -> Result<Self, Error> {
        check([salt])?;
        self.0.argon2id(salt, cost.within(Argon2Cost::LIMIT)?, bounded(len)?).map(Self)
    }
}
