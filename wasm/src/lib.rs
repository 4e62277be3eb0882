//! strongroom in linear memory.
//!
//! [`Linear`] is the storage, [`Wiping`] the allocator that leaves nothing behind. On them stand
//! two faces, of which a wasm binary has one: with the feature `js` a class for JavaScript, with
//! `component` the exports of the WIT package `strongroom:secret`. Both convert arguments and
//! results and decide nothing; what is decided is decided in `strongroom-core`.
//!
//! Linear memory can't be locked and its pages can't be protected. What is promised here is that
//! nothing is left behind: every content is wiped, and so is every block the heap gets back.
//! A panic traps, and a trapped instance has wiped nothing: it must be dropped.

#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

extern crate alloc;
// Without a face this is a library to a crate whose `std` has an allocator and a panic handler.
#[cfg(not(all(target_family = "wasm", feature = "face")))]
extern crate std;

mod allocator;
#[cfg(feature = "component")]
mod component;
#[cfg(any(test, all(target_family = "wasm", feature = "face")))]
mod free_list;
#[cfg(all(target_family = "wasm", feature = "js"))]
mod js;
mod linear;
#[cfg(any(test, all(target_family = "wasm", feature = "face")))]
mod reserve;
#[cfg(all(target_family = "wasm", feature = "face"))]
mod runtime;
#[cfg(any(test, all(target_family = "wasm", feature = "js")))]
mod table;

#[cfg(feature = "component")]
use component::random;
#[cfg(all(target_family = "wasm", feature = "js", not(feature = "component")))]
use js::random;

#[cfg(all(target_family = "wasm", feature = "face"))]
use runtime::has_room;

/// The heap is another's, which ends the program where it has nothing left.
#[cfg(not(all(target_family = "wasm", feature = "face")))]
fn has_room() -> bool {
    true
}

pub use allocator::Wiping;
pub use linear::{Block, Linear};

#[cfg(all(target_family = "wasm", feature = "js", feature = "component"))]
compile_error!("a wasm binary has one face: choose the feature `js` or `component`");
