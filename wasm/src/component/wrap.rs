//! Secrets that leave as ciphertext under another, and come back as handles.

use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::strongroom::secret::wrap::{
    AeadAlgorithm, Error, Guest, Secret, SecretBorrow,
};
use crate::handle::Handle;

impl Guest for Component {
    fn wrap_aead(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        secret: SecretBorrow<'_>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Handle>().wrap_aead(algorithm.into(), secret.get(), &associated_data)?)
    }

    fn unwrap_aead(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        wrapped: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Secret, Error> {
        let key = key.get::<Handle>();
        Ok(Secret::new(key.unwrap_aead(algorithm.into(), &wrapped, &associated_data)?))
    }

    fn wrap_aes_kw(key: SecretBorrow<'_>, secret: SecretBorrow<'_>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Handle>().wrap_aes_kw(secret.get())?)
    }

    fn unwrap_aes_kw(key: SecretBorrow<'_>, wrapped: Vec<u8>) -> Result<Secret, Error> {
        Ok(Secret::new(key.get::<Handle>().unwrap_aes_kw(&wrapped)?))
    }
}
