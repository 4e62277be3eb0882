//! Secrets that the host has, by name.

use wasmtime::Result;
use wasmtime::component::{Linker, Resource, WasmStr};

use super::instance;
use crate::call::Outcome;
use crate::lookup::Lookup;
use crate::{Error, Handle, SecretView, Uses};

/// The component gets the secret itself, for whatever is granted.
const GET: Lookup =
    Lookup { operation: "store.get", needs: Uses::empty(), take: |secret, _| Ok(secret) };

/// Links `strongroom:secret/store`, which blocks while its provider looks.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    instance(linker, "store")?
        .func_wrap("get", |store, (name,): (WasmStr,)| answer(GET.get::<T>(store, &name)?))
}

/// Links `strongroom:secret/store`, to be instantiated asynchronously: it awaits its provider.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker_async<T: SecretView + Send>(linker: &mut Linker<T>) -> Result<()> {
    instance(linker, "store")?.func_wrap_async("get", |store, (name,): (WasmStr,)| {
        Box::new(async move { answer(GET.get_async::<T>(store, name).await?) })
    })
}

fn answer(got: Result<Resource<Handle>, Error>) -> Outcome<Option<Resource<Handle>>> {
    let got = match got {
        Err(Error::NotPermitted) => Ok(None),
        got => got.map(Some),
    };
    Ok((got,))
}
