//! `wasmcloud:secrets/store`: handles to the host's secrets, by name.

use strongroom::Secret;
use wasmtime::Result;
use wasmtime::component::{ComponentType, Linker, LinkerInstance, Lower, ResourceType, WasmStr};

use crate::ctx::SecretCtx;
use crate::error::Refused;
use crate::lookup::Lookup;
use crate::quota::Charge;
use crate::{Error, Handle, SecretView, Uses};

/// The component gets a copy, as the other interface has no way to say that the host has closed it.
const GET: Lookup =
    Lookup { operation: "wasmcloud:secrets/store.get", needs: Uses::REVEAL, take: copy };

/// `secrets-error`, as it crosses.
#[derive(ComponentType, Lower)]
#[component(variant)]
enum SecretsError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    #[expect(dead_code, reason = "what a provider fails of is the host's business")]
    Io(String),
    #[component(name = "not-found")]
    NotFound,
}

impl From<Error> for SecretsError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotPermitted => Self::NotFound,
            error => Self::Upstream(error.to_string()),
        }
    }
}

/// Links `wasmcloud:secrets/store`, which blocks while its provider looks.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    instance(linker)?.func_wrap("get", |store, (key,): (WasmStr,)| {
        Ok((GET.get::<T>(store, &key)?.map_err(SecretsError::from),))
    })
}

/// Links `wasmcloud:secrets/store`, to be instantiated asynchronously: it awaits its provider.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker_async<T: SecretView + Send>(linker: &mut Linker<T>) -> Result<()> {
    instance(linker)?.func_wrap_async("get", |store, (key,): (WasmStr,)| {
        Box::new(
            async move { Ok((GET.get_async::<T>(store, key).await?.map_err(SecretsError::from),)) },
        )
    })
}

/// The interface, with its resource.
fn instance<T: SecretView>(linker: &mut Linker<T>) -> Result<LinkerInstance<'_, T>> {
    let mut store = linker.instance("wasmcloud:secrets/store@0.1.0-draft")?;
    store.resource("secret", ResourceType::host::<Handle>(), |mut store, rep| {
        store.data_mut().secrets().drop(rep)
    })?;
    Ok(store)
}

fn copy(secret: Secret, ctx: &SecretCtx) -> Result<Secret, Refused> {
    secret.with_bytes(|bytes| {
        ctx.quota.room(Charge::new(bytes.len(), ctx.memory.cost(bytes.len())))?;
        Ok::<_, Refused>(ctx.memory.init(bytes.len(), |copy| copy.copy_from_slice(bytes))?)
    })?
}
