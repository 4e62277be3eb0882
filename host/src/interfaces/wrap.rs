//! Secrets that leave as ciphertext under another, and come back as handles.

use strongroom::{AES_KW_OVERHEAD, Aead, Restricted};
use strongroom_core::guest;
use wasmtime::component::{Linker, Resource, WasmList};
use wasmtime::{Result, StoreContextMut};

use super::instance;
use super::types::AeadAlgorithm as Algorithm;
use crate::call::{Arguments, Outcome, as_told, from_key, using};
use crate::error::Refused;
use crate::{Handle, SecretView, Uses};

/// Links `strongroom:secret/wrap`. A component can then read secrets of its own, by wrapping them
/// under a key that it knows; of the host's it can wrap those that are granted for
/// [`Uses::EXPORT`].
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    type Key = Resource<Handle>;
    type Bytes = WasmList<u8>;

    let mut wrap = instance(linker, "wrap")?;
    wrap.func_wrap(
        "wrap-aead",
        |store, (key, algorithm, secret, data): (Key, Algorithm, Key, Bytes)| {
            export::<T>(store, "wrap.wrap-aead", &key, &secret, |key, secret, arguments| {
                let (aead, len) = (Aead::from(algorithm), secret.len()?);
                guest::refuse_guessable(len)?;
                guest::length(aead.sealed_len(len) as u64)?;
                Ok(key.wrap_aead(aead, secret, arguments.bytes(&data)?)?)
            })
        },
    )?;
    wrap.func_wrap(
        "unwrap-aead",
        |store, (key, algorithm, wrapped, data): (Key, Algorithm, Bytes, Bytes)| {
            from_key::<T>(store, "wrap.unwrap-aead", &key, Uses::WRAP, |key, arguments| {
                let (wrapped, data) = (arguments.bytes(&wrapped)?, arguments.bytes(&data)?);
                let aead = Aead::from(algorithm);
                let len = wrapped.len().saturating_sub(aead.sealed_len(0));
                arguments.room(len, key.cost(len))?;
                Ok(key.unwrap_aead(aead, wrapped, data)?)
            })
        },
    )?;
    wrap.func_wrap("wrap-aes-kw", |store, (key, secret): (Key, Key)| {
        export::<T>(store, "wrap.wrap-aes-kw", &key, &secret, |key, secret, _| {
            Ok(key.wrap_aes_kw(secret)?)
        })
    })?;
    wrap.func_wrap("unwrap-aes-kw", |store, (key, wrapped): (Key, Bytes)| {
        from_key::<T>(store, "wrap.unwrap-aes-kw", &key, Uses::WRAP, |key, arguments| {
            let wrapped = arguments.bytes(&wrapped)?;
            let len = wrapped.len().saturating_sub(AES_KW_OVERHEAD);
            arguments.room(len, key.cost(len))?;
            Ok(key.unwrap_aes_kw(wrapped)?)
        })
    })
}

/// Wraps `secret`. There is an event for each of the two: the one leaves, the other is used.
fn export<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    operation: &'static str,
    key: &Resource<Handle>,
    secret: &Resource<Handle>,
    f: impl FnOnce(&Restricted, &Restricted, &Arguments<'_, T>) -> Result<Vec<u8>, Refused>,
) -> Outcome<Vec<u8>> {
    let view = store.data_mut().secrets();
    let (key, secret) = (view.find(key)?, view.find(secret)?);
    let exported = using(&secret, Uses::EXPORT, |secret| {
        using(&key, Uses::WRAP, |key| f(key, secret, &Arguments::of(&mut store)))
    });
    let auditor = &store.data_mut().secrets().ctx.auditor;
    for (handle, uses) in [(&secret, Uses::EXPORT), (&key, Uses::WRAP)] {
        auditor.tell(operation, uses, handle.name(), &exported);
    }
    Ok((as_told(exported),))
}
