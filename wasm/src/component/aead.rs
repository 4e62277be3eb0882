//! Authenticated encryption with a secret as the key.

use alloc::vec::Vec;

use core::mem;

use strongroom_core::Aead;
use strongroom_core::guest::{self, bytes};

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
        let (plaintext, data) = (bytes(&plaintext)?, bytes(&associated_data)?);
        let aead = Aead::from(algorithm);
        guest::length(aead.sealed_len(plaintext.len()) as u64)?;
        Ok(key.get::<Held>().seal_aead(aead, plaintext, data)?)
    }

    fn open(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        sealed: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let (sealed, data) = (bytes(&sealed)?, bytes(&associated_data)?);
        let mut plaintext = key.get::<Held>().open_aead(algorithm.into(), sealed, data)?;
        // Whoever frees it, the heap wipes it.
        Ok(mem::take(&mut *plaintext))
    }

    fn seal_with_nonce(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        nonce: Vec<u8>,
        plaintext: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let (plaintext, data) = (bytes(&plaintext)?, bytes(&associated_data)?);
        let (key, nonce) = (key.get::<Held>(), bytes(&nonce)?);
        guest::length((plaintext.len() + Aead::TAG_LEN) as u64)?;
        Ok(key.seal_aead_with_nonce(algorithm.into(), nonce, plaintext, data)?)
    }

    fn open_with_nonce(
        key: SecretBorrow<'_>,
        algorithm: AeadAlgorithm,
        nonce: Vec<u8>,
        sealed: Vec<u8>,
        associated_data: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let (sealed, data) = (bytes(&sealed)?, bytes(&associated_data)?);
        let (key, nonce) = (key.get::<Held>(), bytes(&nonce)?);
        let mut plaintext = key.open_aead_with_nonce(algorithm.into(), nonce, sealed, data)?;
        // Whoever frees it, the heap wipes it.
        Ok(mem::take(&mut *plaintext))
    }
}
