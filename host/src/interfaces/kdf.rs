//! From secret to new secret.

use strongroom as native;
use strongroom_core::guest;
use wasmtime::Result;
use wasmtime::component::{ComponentType, Lift, Linker, Resource, WasmList};

use super::instance;
use crate::call::from_key;
use crate::{Handle, SecretView, Uses};

/// `argon2-cost`, as it crosses.
#[derive(ComponentType, Lift, Clone, Copy)]
#[component(record)]
struct Argon2Cost {
    #[component(name = "memory-kib")]
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl From<Argon2Cost> for native::Argon2Cost {
    fn from(Argon2Cost { memory_kib, passes, lanes }: Argon2Cost) -> Self {
        Self { memory_kib, passes, lanes }
    }
}

/// Links `strongroom:secret/kdf`.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    type Key = Resource<Handle>;
    type Bytes = WasmList<u8>;

    let mut kdf = instance(linker, "kdf")?;
    kdf.func_wrap("hkdf-sha256", |store, (key, salt, info, len): (Key, Bytes, Bytes, u64)| {
        from_key::<T>(store, "kdf.hkdf-sha256", &key, Uses::KDF, |key, arguments| {
            let (salt, info) = (arguments.bytes(&salt)?, arguments.bytes(&info)?);
            let len = guest::length(len)?;
            arguments.room(len, key.cost(len))?;
            Ok(key.hkdf_sha256(salt, info, len)?)
        })
    })?;
    kdf.func_wrap(
        "argon2id",
        |mut store, (password, salt, cost, len): (Key, Bytes, Argon2Cost, u64)| {
            let limit = SecretView::secrets(store.data_mut()).ctx.argon2_limit;
            from_key::<T>(store, "kdf.argon2id", &password, Uses::KDF, |password, arguments| {
                let salt = arguments.bytes(&salt)?;
                let cost = native::Argon2Cost::from(cost).within(limit)?;
                let len = guest::length(len)?;
                arguments.room(len, password.cost(len))?;
                Ok(password.argon2id(salt, cost, len)?)
            })
        },
    )
}
