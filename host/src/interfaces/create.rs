//! What puts bytes in.

use strongroom_core::guest;
use wasmtime::component::{Linker, Resource, WasmList};
use wasmtime::{Result, StoreContextMut};

use super::instance;
use crate::call::{Arguments, Outcome, as_told, from_arguments, unseen};
use crate::error::Refused;
use crate::{Handle, SecretView, Uses};

/// Links `strongroom:secret/create`.
///
/// # Errors
///
/// When it is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    let mut create = instance(linker, "create")?;
    create.func_wrap("from-bytes", |store, (bytes,): (WasmList<u8>,)| {
        from_arguments::<T>(store, "create.from-bytes", |memory, arguments| {
            let bytes = arguments.bytes(&bytes)?;
            arguments.room(bytes.len(), memory.cost(bytes.len()))?;
            // From the guest's memory into locked memory, and nowhere else.
            Ok(memory.init(bytes.len(), |secret| secret.copy_from_slice(bytes))?)
        })
    })?;
    create.func_wrap("random", |store, (len,): (u64,)| {
        from_arguments::<T>(store, "create.random", |memory, arguments| {
            let len = guest::length(len)?;
            arguments.room(len, memory.cost(len))?;
            unseen(memory.random(len)?)
        })
    })?;
    create.func_wrap("password", |store, (alphabet, len): (WasmList<u8>, u64)| {
        from_arguments::<T>(store, "create.password", |memory, arguments| {
            let (alphabet, len) = (arguments.bytes(&alphabet)?, guest::length(len)?);
            arguments.room(len, memory.cost(len))?;
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
    let handle = store.data_mut().secrets().find(&secret)?;
    let replaced = replaced(&handle, &Arguments::of(&mut store), &bytes);
    let ctx = store.data_mut().secrets().ctx;
    let result = replaced.and_then(|len| {
        ctx.quota.take(handle.charge_of(len))?;
        ctx.quota.give_back(handle.recharge(len));
        Ok(())
    });
    ctx.auditor.tell("create.replace", Uses::empty(), handle.name(), &result);
    Ok((as_told(result),))
}

/// Gives the secret of `handle` other bytes, and says how many there are.
fn replaced<T: SecretView>(
    handle: &Handle,
    arguments: &Arguments<'_, T>,
    bytes: &WasmList<u8>,
) -> std::result::Result<usize, Refused> {
    let bytes = arguments.bytes(bytes)?;
    handle.secret().check_owner()?;
    // Both contents exist for a moment, and longer where the one before is still read.
    arguments.room_for(handle.charge_of(bytes.len()))?;
    handle.replace(bytes)?;
    Ok(bytes.len())
}
