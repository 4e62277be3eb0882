//! Deriving secrets from secrets.

use strongroom_core::{Argon2Cost, Error};

use super::{Handle, bounded, check};

/// The most that one Argon2id may cost. It can't be interrupted, and the memory stays the instance's.
const ARGON2_LIMIT: Argon2Cost = Argon2Cost { memory_kib: 128 << 10, passes: 8, lanes: 16 };

impl Handle {
    /// A secret of `len` bytes, derived by HKDF-SHA256.
    pub(crate) fn hkdf_sha256(&self, salt: &[u8], info: &[u8], len: u64) -> Result<Self, Error> {
        check([salt, info])?;
        self.0.hkdf_sha256(salt, info, bounded(len)?).map(Self)
    }

    /// A secret of `len` bytes, derived by Argon2id at no more than [`ARGON2_LIMIT`].
    pub(crate) fn argon2id(&self, salt: &[u8], cost: Argon2Cost, len: u64) -> Result<Self, Error> {
        check([salt])?;
        self.0.argon2id(salt, cost.within(ARGON2_LIMIT)?, bounded(len)?).map(Self)
    }
}
