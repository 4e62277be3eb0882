//! Authenticated encryption with a secret as the key.

use strongroom::Aead;
use strongroom_core::guest;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource, WasmList};

use super::instance;
use super::reveal::wiped;
use super::types::AeadAlgorithm as Algorithm;
use crate::call::with_key;
use crate::{Handle, SecretView, Uses};

/// Links `strongroom:secret/aead`.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    type Key = Resource<Handle>;
    type Bytes = WasmList<u8>;

    let mut aead = instance(linker, "aead")?;
    aead.func_wrap(
        "seal",
        |store, (key, algorithm, plain, data): (Key, Algorithm, Bytes, Bytes)| {
            with_key::<T, _>(store, "aead.seal", &key, Uses::SEAL, |key, arguments| {
                let (plain, data) = (arguments.bytes(&plain)?, arguments.bytes(&data)?);
                let aead = Aead::from(algorithm);
                guest::length(aead.sealed_len(plain.len()) as u64)?;
                Ok(key.seal_aead(aead, plain, data)?)
            })
        },
    )?;
    aead.func_wrap(
        "open",
        |store, (key, algorithm, sealed, data): (Key, Algorithm, Bytes, Bytes)| {
            with_key::<T, _>(store, "aead.open", &key, Uses::OPEN, |key, arguments| {
                let (sealed, data) = (arguments.bytes(&sealed)?, arguments.bytes(&data)?);
                Ok(wiped(key.open_aead(algorithm.into(), sealed, data)?))
            })
        },
    )?;
    aead.func_wrap(
        "seal-with-nonce",
        |store, (key, algorithm, nonce, plain, data): (Key, Algorithm, Bytes, Bytes, Bytes)| {
            with_key::<T, _>(store, "aead.seal-with-nonce", &key, Uses::SEAL, |key, arguments| {
                let (plain, data) = (arguments.bytes(&plain)?, arguments.bytes(&data)?);
                let nonce = arguments.bytes(&nonce)?;
                guest::length((plain.len() + Aead::TAG_LEN) as u64)?;
                Ok(key.seal_aead_with_nonce(algorithm.into(), nonce, plain, data)?)
            })
        },
    )?;
    aead.func_wrap(
        "open-with-nonce",
        |store, (key, algorithm, nonce, sealed, data): (Key, Algorithm, Bytes, Bytes, Bytes)| {
            with_key::<T, _>(store, "aead.open-with-nonce", &key, Uses::OPEN, |key, arguments| {
                let (sealed, data) = (arguments.bytes(&sealed)?, arguments.bytes(&data)?);
                let nonce = arguments.bytes(&nonce)?;
                Ok(wiped(key.open_aead_with_nonce(algorithm.into(), nonce, sealed, data)?))
            })
        },
    )
}
