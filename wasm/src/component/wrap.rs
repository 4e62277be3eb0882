//! Secrets that leave as ciphertext under another, and come back as handles.

use alloc::vec::Vec;

use strongroom_core::guest;

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
        guest::refuse_guessable(secret.len()?)?;
        Ok(key.wrap_aead(algorithm.into(), secret, &associated_data)?)
    }

    fn unwrap_aead(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        wrapped: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Secret, Error> {
        let key = key.get::<Held>();
        unseen(key.unwrap_aead(algorithm.into(), &wrapped, &associated_data))
    }

    fn wrap_aes_kw(key: SecretBorrow<'_>, secret: SecretBorrow<'_>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().wrap_aes_kw(secret.get::<Held>())?)
    }

    fn unwrap_aes_kw(key: SecretBorrow<'_>, wrapped: Vec<u8>) -> Result<Secret, Error> {
        unseen(key.get::<Held>().unwrap_aes_kw(&wrapped))
    }
}
