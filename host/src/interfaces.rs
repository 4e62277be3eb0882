//! The interfaces of `strongroom:secret`, one module each, so that each can be linked by itself.

use wasmtime::Result;
use wasmtime::component::{Linker, LinkerInstance};

use crate::SecretView;

pub mod aead;
pub mod create;
pub mod kdf;
pub mod mac;
pub mod reveal;
pub mod sign;
pub mod store;
pub mod types;
pub mod wrap;

/// Links every interface, [`reveal`] included.
///
/// # Errors
///
/// When one of them is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    store::add_to_linker(linker)?;
    add_what_never_waits(linker)
}

/// Links every interface, [`reveal`] included, to be instantiated asynchronously: `store` awaits
/// its provider. The others don't wait for anything.
///
/// # Errors
///
/// When one of them is linked already.
pub fn add_to_linker_async<T: SecretView + Send>(linker: &mut Linker<T>) -> Result<()> {
    store::add_to_linker_async(linker)?;
    add_what_never_waits(linker)
}

fn add_what_never_waits<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    types::add_to_linker(linker)?;
    create::add_to_linker(linker)?;
    mac::add_to_linker(linker)?;
    aead::add_to_linker(linker)?;
    kdf::add_to_linker(linker)?;
    sign::add_to_linker(linker)?;
    wrap::add_to_linker(linker)?;
    reveal::add_to_linker(linker)
}

/// The place in `linker` of one of the interfaces, at the version that `wit/` has.
fn instance<'l, T: 'static>(
    linker: &'l mut Linker<T>,
    interface: &str,
) -> Result<LinkerInstance<'l, T>> {
    linker.instance(&format!("strongroom:secret/{interface}@0.1.0"))
}
