//! Secrets that leave as ciphertext under another, and come back as handles.

use alloc::vec::Vec;

use strongroom_core::Aead;
use strongroom_core::guest::{self, bytes};

use super::bindings::exports::strongroom::secret::wrap::{
    AeadAlgorithm, Error, Guest, Secret, SecretBorrow,
};
use super::held::Held;
use super::{Component, unseen};

impl Guest for Component {
    fn wrap_aead(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        secret: SecretBorrow<'_>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let (key, secret) = (key.get::<Held>(), secret.get::<Held>());
        let (aead, len) = (Aead::from(algorithm), secret.len()?);
        guest::refuse_guessable(len)?;
        guest::length(aead.sealed_len(len) as u64)?;
        Ok(key.wrap_aead(aead, secret, bytes(&associated_data)?)?)
    }

    fn unwrap_aead(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        wrapped: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Secret, Error> {
        let key = key.get::<Held>();
        let (wrapped, data) = (bytes(&wrapped)?, bytes(&associated_data)?);
        unseen(key.unwrap_aead(algorithm.into(), wrapped, data))
    }

    fn wrap_aes_kw(key: SecretBorrow<'_>, secret: SecretBorrow<'_>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().wrap_aes_kw(secret.get::<Held>())?)
    }

    fn unwrap_aes_kw(key: SecretBorrow<'_>, wrapped: Vec<u8>) -> Result<Secret, Error> {
        unseen(key.get::<Held>().unwrap_aes_kw(bytes(&wrapped)?))
    }
}
