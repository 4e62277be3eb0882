//! What puts bytes in.

use strongroom_core::guest;
use wasmtime::component::{Linker, Resource, WasmList};
use wasmtime::{Result, StoreContextMut};

use crate::call::{Arguments, Outcome, from_arguments, length, unseen};
use crate::{Handle, SecretView};

/// Links `strongroom:secret/create`.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    let mut create = linker.instance("strongroom:secret/create@0.1.0")?;
    create.func_wrap("from-bytes", |store, (bytes,): (WasmList<u8>,)| {
        from_arguments::<T>(store, "create.from-bytes", |memory, arguments| {
            let bytes = arguments.bytes(&bytes)?;
            // From the guest's memory into locked memory, and nowhere else.
            Ok(memory.init(bytes.len(), |secret| secret.copy_from_slice(bytes))?)
        })
    })?;
    create.func_wrap("random", |store, (len,): (u64,)| {
        from_arguments::<T>(store, "create.random", |memory, _| {
            unseen(memory.random(length(len)?)?)
        })
    })?;
    create.func_wrap("password", |store, (alphabet, len): (WasmList<u8>, u64)| {
        from_arguments::<T>(store, "create.password", |memory, arguments| {
            let (alphabet, len) = (arguments.bytes(&alphabet)?, length(len)?);
            let password = memory.password(alphabet, len)?;
            guest::refuse_guessable_password(alphabet.len(), len)?;
            unseen(password)
        })
    })?;
    create.func_wrap("replace", replace::<T>)
}

fn replace<T: SecretView>(
    mut store: StoreContextMut<'_, T>,
    (secret, bytes): (Resource<Handle>, WasmList<u8>),
) -> Outcome<()> {
    let view = store.data_mut().secrets();
    let handle = view.find(&secret)?;
    let left = view.ctx.bytes_left;
    let arguments = Arguments::of(&store);
    let result = arguments.bytes(&bytes).and_then(|bytes| handle.replace(bytes, left));
    let ctx = store.data_mut().secrets().ctx;
    ctx.bytes_left = *result.as_ref().unwrap_or(&left);
    ctx.audit("create.replace", handle.name(), &result);
    Ok((result.map(drop),))
}
