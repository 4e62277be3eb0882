//! From secret to new secret.

use strongroom as native;
use wasmtime::Result;
use wasmtime::component::{ComponentType, Lift, Linker, Resource, WasmList};

use crate::call::{from_key, length};
use crate::{Error, Handle, SecretView, Uses};

/// `argon2-cost`, as it crosses.
#[derive(ComponentType, Lift, Clone, Copy)]
#[component(record)]
struct Argon2Cost {
    #[component(name = "memory-kib")]
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// The cost, unless it is more than the host allows: nothing stops a derivation that has begun.
    fn within(self, limit: native::Argon2Cost) -> Result<native::Argon2Cost, Error> {
        let Self { memory_kib, passes, lanes } = self;
        if memory_kib > limit.memory_kib || passes > limit.passes || lanes > limit.lanes {
            return Err(Error::QuotaExceeded);
        }
        Ok(native::Argon2Cost { memory_kib, passes, lanes })
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

    let mut kdf = linker.instance("strongroom:secret/kdf@0.1.0")?;
    kdf.func_wrap("hkdf-sha256", |store, (key, salt, info, len): (Key, Bytes, Bytes, u64)| {
        from_key::<T>(store, "kdf.hkdf-sha256", &key, Uses::KDF, |key, arguments| {
            let (salt, info) = (arguments.bytes(&salt)?, arguments.bytes(&info)?);
            Ok(key.hkdf_sha256(salt, info, length(len)?)?)
        })
    })?;
    kdf.func_wrap(
        "argon2id",
        |mut store, (password, salt, cost, len): (Key, Bytes, Argon2Cost, u64)| {
            let limit = SecretView::secrets(store.data_mut()).ctx.argon2_limit;
            from_key::<T>(store, "kdf.argon2id", &password, Uses::KDF, |password, arguments| {
                let salt = arguments.bytes(&salt)?;
                Ok(password.argon2id(salt, cost.within(limit)?, length(len)?)?)
            })
        },
    )
}
