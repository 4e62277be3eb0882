//! Message authentication with a secret as the key.

use wasmtime::Result;
use wasmtime::component::{Linker, Resource, WasmList};

use super::instance;
use crate::call::with_key;
use crate::{Handle, SecretView, Uses};

/// Links `strongroom:secret/mac`.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    type Key = Resource<Handle>;
    type Bytes = WasmList<u8>;

    let mut mac = instance(linker, "mac")?;
    mac.func_wrap("hmac-sha256", |store, (key, message): (Key, Bytes)| {
        with_key::<T, _>(store, "mac.hmac-sha256", &key, Uses::MAC, |key, arguments| {
            Ok(key.hmac_sha256(arguments.bytes(&message)?)?.to_vec())
        })
    })?;
    mac.func_wrap("verify-hmac-sha256", |store, (key, message, tag): (Key, Bytes, Bytes)| {
        with_key::<T, _>(store, "mac.verify-hmac-sha256", &key, Uses::VERIFY, |key, arguments| {
            Ok(key.verify_hmac_sha256(arguments.bytes(&message)?, arguments.bytes(&tag)?)?)
        })
    })?;
    mac.func_wrap("hmac-sha384", |store, (key, message): (Key, Bytes)| {
        with_key::<T, _>(store, "mac.hmac-sha384", &key, Uses::MAC, |key, arguments| {
            Ok(key.hmac_sha384(arguments.bytes(&message)?)?.to_vec())
        })
    })?;
    mac.func_wrap("verify-hmac-sha384", |store, (key, message, tag): (Key, Bytes, Bytes)| {
        with_key::<T, _>(store, "mac.verify-hmac-sha384", &key, Uses::VERIFY, |key, arguments| {
            Ok(key.verify_hmac_sha384(arguments.bytes(&message)?, arguments.bytes(&tag)?)?)
        })
    })?;
    mac.func_wrap("hmac-sha512", |store, (key, message): (Key, Bytes)| {
        with_key::<T, _>(store, "mac.hmac-sha512", &key, Uses::MAC, |key, arguments| {
            Ok(key.hmac_sha512(arguments.bytes(&message)?)?.to_vec())
        })
    })?;
    mac.func_wrap("verify-hmac-sha512", |store, (key, message, tag): (Key, Bytes, Bytes)| {
        with_key::<T, _>(store, "mac.verify-hmac-sha512", &key, Uses::VERIFY, |key, arguments| {
            Ok(key.verify_hmac_sha512(arguments.bytes(&message)?, arguments.bytes(&tag)?)?)
        })
    })
}
