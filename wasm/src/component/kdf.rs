//! From secret to new secret.

use alloc::vec::Vec;

use strongroom_core as core;
use strongroom_core::guest::{bytes, length};

use super::bindings::exports::strongroom::secret::kdf::{
    Argon2Cost, Error, Guest, Secret, SecretBorrow,
};
use super::held::Held;
use super::{Component, unseen};

impl Guest for Component {
    fn hkdf_sha256(
        key: SecretBorrow<'_>,
        salt: Vec<u8>,
        info: Vec<u8>,
        len: u64,
    ) -> Result<Secret, Error> {
        let (salt, info) = (bytes(&salt)?, bytes(&info)?);
        unseen(key.get::<Held>().hkdf_sha256(salt, info, length(len)?))
    }

    fn argon2id(
        password: SecretBorrow<'_>,
        salt: Vec<u8>,
        cost: Argon2Cost,
        len: u64,
    ) -> Result<Secret, Error> {
        let cost = core::Argon2Cost::from(cost).within(core::Argon2Cost::LIMIT)?;
        unseen(password.get::<Held>().argon2id(bytes(&salt)?, cost, length(len)?))
    }
}

impl From<Argon2Cost> for core::Argon2Cost {
    fn from(Argon2Cost { memory_kib, passes, lanes }: Argon2Cost) -> Self {
        Self { memory_kib, passes, lanes }
    }
}
