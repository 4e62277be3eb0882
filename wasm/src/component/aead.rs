//! Authenticated encryption with a secret as the key.

use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::strongroom::secret::aead::{
    AeadAlgorithm, Error, Guest, SecretBorrow,
};
use super::held::Held;

impl Guest for Component {
    fn seal(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        plaintext: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().seal(algorithm.into(), &plaintext, &associated_data)?)
    }

    fn open(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        sealed: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().open(algorithm.into(), &sealed, &associated_data)?)
    }

    fn seal_with_nonce(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        nonce: Vec<u8>,
        plaintext: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let key = key.get::<Held>();
        Ok(key.seal_with_nonce(algorithm.into(), &nonce, &plaintext, &associated_data)?)
    }

    fn open_with_nonce(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        nonce: Vec<u8>,
        sealed: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let key = key.get::<Held>();
        Ok(key.open_with_nonce(algorithm.into(), &nonce, &sealed, &associated_data)?)
    }
}
