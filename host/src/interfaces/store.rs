//! Secrets that the host has, by name.

use std::sync::Arc;

use strongroom::{Builder, Secret};
use wasmtime::component::{Linker, Resource};
use wasmtime::{Result, StoreContextMut};

use crate::call::Outcome;
use crate::provider::{Failure, Provider};
use crate::{Error, Handle, SecretView, Uses};

const INTERFACE: &str = "strongroom:secret/store@0.1.0";
const OPERATION: &str = "store.get";

/// Links `strongroom:secret/store`, which blocks while its provider looks.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "get",
        |mut store: StoreContextMut<'_, T>, (name,): (String,)| {
            let Some(Request { provider, memory, uses }) = request(&mut store, &name) else {
                return answer(store, &name, Uses::empty(), Ok(None));
            };
            let found = provider.get(&name, memory);
            answer(store, &name, uses, found)
        },
    )
}

/// Links `strongroom:secret/store`, to be instantiated asynchronously: it awaits its provider.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker_async<T: SecretView + Send>(linker: &mut Linker<T>) -> Result<()> {
    linker.instance(INTERFACE)?.func_wrap_async(
        "get",
        |mut store: StoreContextMut<'_, T>, (name,): (String,)| {
            Box::new(async move {
                let Some(Request { provider, memory, uses }) = request(&mut store, &name) else {
                    return answer(store, &name, Uses::empty(), Ok(None));
                };
                let found = provider.get_async(&name, memory).await;
                answer(store, &name, uses, found)
            })
        },
    )
}

/// What is asked of a provider.
struct Request {
    provider: Arc<dyn Provider>,
    memory: Builder,
    uses: Uses,
}

/// A request for the secret of this name, if it is granted.
fn request<T: SecretView>(store: &mut StoreContextMut<'_, T>, name: &str) -> Option<Request> {
    let view = store.data_mut().secrets();
    let uses = view.ctx.granted(name)?;
    Some(Request { provider: view.ctx.provider.clone()?, memory: view.ctx.memory, uses })
}

fn answer<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    name: &str,
    uses: Uses,
    found: std::result::Result<Option<Secret>, Failure>,
) -> Outcome<Option<Resource<Handle>>> {
    let mut view = store.data_mut().secrets();
    let (result, cause) = match found {
        Ok(Some(secret)) => (view.lend(name, secret, uses), None),
        Ok(None) => (Err(Error::NotPermitted), None),
        // Paths and addresses are not the component's business; the event has them.
        Err(cause) => (Err(Error::Other("the host could not get this secret".into())), Some(cause)),
    };
    view.ctx.audit_failure(OPERATION, Some(name), &result, cause.as_deref());
    let result = match result {
        Err(Error::NotPermitted) => Ok(None),
        result => result.map(Some),
    };
    Ok((result,))
}
