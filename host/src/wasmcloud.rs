//! The package `wasmcloud:secrets`, version 0.1.0-draft: a component that was written for wasmCloud
//! runs unchanged, on the same providers, grants, quotas and events.
//!
//! There, a component [gets](store) secrets by name, and all that it can do with them is to
//! [reveal] them. Its interfaces leave less room for refusals than `strongroom:secret` does,
//! so:
//!
//! - `get` gives what is granted for [`Uses::REVEAL`](crate::Uses::REVEAL); anything else is
//!   `not-found`, as is a name that nobody has. Other refusals are `upstream`, with the reason in
//!   words.
//! - `reveal` has no way to refuse. What a component gets is therefore a secret of its own, with the
//!   content that the host's has at that moment and counted among its bytes: it can be revealed
//!   until its handle is dropped, whatever the host closes or replaces meanwhile. After that, `get`
//!   gives the new content or refuses.
//! - A secret that is UTF-8 is revealed as a `string`, any other as `bytes`. Either way the host's
//!   side is wiped as soon as the guest has it.

use wasmtime::Result;
use wasmtime::component::Linker;

use crate::SecretView;

pub mod reveal;
pub mod store;

/// Links both interfaces.
///
/// # Errors
///
/// When one of them is linked already.
pub fn add_to_linker<T: SecretView>(linker: &mut Linker<T>) -> Result<()> {
    store::add_to_linker(linker)?;
    reveal::add_to_linker(linker)
}

/// Links both interfaces, to be instantiated asynchronously: `store` awaits its provider.
///
/// # Errors
///
/// When one of them is linked already.
pub fn add_to_linker_async<T: SecretView + Send>(linker: &mut Linker<T>) -> Result<()> {
    store::add_to_linker_async(linker)?;
    reveal::add_to_linker(linker)
}
