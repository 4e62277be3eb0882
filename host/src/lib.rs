//! Secrets for WebAssembly components, kept by the wasmtime host.
//!
//! This implements the WIT package `strongroom:secret` on [`strongroom::Secret`]s: a component holds
//! handles, and the bytes stay in the host's locked memory. What a component can do is what the host
//! links. A component that imports [`reveal`] can't be instantiated where it isn't linked.
//!
//! ```
//! use wasmtime::component::{Linker, ResourceTable};
//! use wasmtime::{Engine, Store};
//! use wasmtime_strongroom::{
//!     SecretCtx, SecretCtxBuilder, SecretCtxView, SecretView, Uses, provider::Named,
//! };
//!
//! struct State {
//!     secrets: SecretCtx,
//!     table: ResourceTable,
//! }
//!
//! impl SecretView for State {
//!     fn secrets(&mut self) -> SecretCtxView<'_> {
//!         SecretCtxView { ctx: &mut self.secrets, table: &mut self.table }
//!     }
//! }
//!
//! # fn main() -> wasmtime::Result<()> {
//! let mut key = *b"0123456789abcdef0123456789abcdef";
//! let named = Named::new().with("session-key", strongroom::Secret::new(&mut key)?);
//!
//! let engine = Engine::default();
//! let mut linker = Linker::<State>::new(&engine);
//! wasmtime_strongroom::types::add_to_linker(&mut linker)?;
//! wasmtime_strongroom::mac::add_to_linker(&mut linker)?;
//! wasmtime_strongroom::store::add_to_linker(&mut linker)?;
//!
//! let secrets = SecretCtxBuilder::new()
//!     .provider(named)
//!     .grant("session-key", Uses::MAC)
//!     .audit(|event| eprintln!("{event}"))
//!     .build();
//! let store = Store::new(&engine, State { secrets, table: ResourceTable::new() });
//! // ... use `linker` to instantiate a component within `store` ...
//! # Ok(())
//! # }
//! ```
//!
//! Arguments are read where they stand, in the guest's memory; what a component puts into a secret
//! goes from there into locked memory. Plaintexts and revealed bytes are wiped on the host's side as
//! soon as the guest has them. A guest's own memory is ordinary memory, unless the engine has the
#![cfg_attr(unix, doc = "[`SecureMemoryCreator`].")]
#![cfg_attr(not(unix), doc = "`SecureMemoryCreator`, which there is on Unix.")]
//!
//! No input makes a function of this crate trap, and none may be longer than [`MAX_INPUT`]. wasmtime
//! itself traps on arguments of more than 128 MiB in one call: where guests may have so much memory,
//! set [`Store::set_hostcall_fuel`](wasmtime::Store::set_hostcall_fuel) to as much as they may have.

#![deny(unsafe_op_in_unsafe_fn)]

mod audit;
mod call;
mod ctx;
mod error;
mod handle;
mod interfaces;
mod lookup;
#[cfg(unix)]
mod memory;
pub mod provider;
mod quota;
pub mod wasmcloud;

pub use audit::{Event, MAX_TOLD};
pub use ctx::{SecretCtx, SecretCtxBuilder, SecretCtxView, SecretView};
pub use error::{Cause, CloseOutcome, Error, Refused};
pub use handle::Handle;
pub use interfaces::{
    add_to_linker, add_to_linker_async, aead, create, kdf, mac, reveal, sign, store, types, wrap,
};
#[cfg(unix)]
pub use memory::SecureMemoryCreator;
pub use strongroom::Uses;
pub use strongroom_core::guest::MAX_INPUT;
