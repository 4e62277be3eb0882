//! From secret to new secret.

use alloc::vec::Vec;

use strongroom_core as core;

use super::Component;
use super::bindings::exports::strongroom::secret::kdf::{
    Argon2Cost, Error, Guest, Secret, SecretBorrow,
};
use crate::handle::Handle;

impl Guest for Component {
    fn hkdf_sha256(
        key: SecretBorrow<'_>,
        salt: Vec<u8>,
        info: Vec<u8>,
        length: u64,
    ) -> Result<Secret, Error> {
        Ok(Secret::new(key.get::<Handle>().hkdf_sha256(&salt, &info, length)?))
    }

    fn argon2id(
        password: SecretBorrow<'_>,
        salt: Vec<u8>,
        cost: Argon2Cost,
        length: u64,
    ) -> Result<Secret, Error> {
        Ok(Secret::new(password.get::<Handle>().argon2id(&salt, cost.into(), length)?))
    }
}

impl From<Argon2Cost> for core::Argon2Cost {
    fn from(Argon2Cost { memory_kib, passes, lanes }: Argon2Cost) -> Self {
        Self { memory_kib, passes, lanes }
    }
}
