//! Ed25519 signatures.

use strongroom::verify_ed25519;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource, WasmList};

use super::instance;
use crate::call::{with_arguments, with_key};
use crate::{Handle, SecretView, Uses};

/// Links `strongroom:secret/sign`.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    type Key = Resource<Handle>;
    type Bytes = WasmList<u8>;

    let mut sign = instance(linker, "sign")?;
    sign.func_wrap("sign-ed25519", |store, (seed, message): (Key, Bytes)| {
        with_key::<T, _>(store, "sign.sign-ed25519", &seed, Uses::SIGN, |seed, arguments| {
            Ok(seed.sign_ed25519(arguments.bytes(&message)?)?.to_vec())
        })
    })?;
    sign.func_wrap("ed25519-public-key", |store, (seed,): (Key,)| {
        with_key::<T, _>(store, "sign.ed25519-public-key", &seed, Uses::SIGN, |seed, _| {
            Ok(seed.ed25519_public_key()?.to_vec())
        })
    })?;
    sign.func_wrap(
        "verify-ed25519",
        |store, (public_key, message, signature): (Bytes, Bytes, Bytes)| {
            with_arguments::<T, _>(store, |arguments| {
                let (message, signature) =
                    (arguments.bytes(&message)?, arguments.bytes(&signature)?);
                Ok(verify_ed25519(arguments.bytes(&public_key)?, message, signature)?)
            })
        },
    )
}
