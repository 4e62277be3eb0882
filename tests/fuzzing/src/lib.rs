//! What a fuzzer does: each module takes any bytes for a course of events, and panics if something comes of it
//! that may not. `cargo xtask fuzz` lets libFuzzer look for such bytes; `tests/short.rs` plays some at random.
#![cfg(target_os = "linux")]

// The allocator of linear memory is not for others: it is compiled in here as it is.
#[path = "../../../wasm/src/allocator.rs"]
mod allocator;
#[path = "../../../wasm/src/free_list.rs"]
mod free_list;
#[path = "../../../wasm/src/reserve.rs"]
mod reserve;

#[cfg(feature = "component")]
pub mod component;
pub mod linear_heap;
pub mod locked_heap;
pub mod operations;
pub mod sources;

use arbitrary::{Arbitrary, Unstructured};

/// As many events as there are bytes for. (A `Vec` of them would end after every second, where bytes are random.)
fn course<'i, T: Arbitrary<'i>>(mut input: Unstructured<'i>) -> Vec<T> {
    let mut course = Vec::new();
    while !input.is_empty() {
        let Ok(event) = input.arbitrary() else { break };
        course.push(event);
    }
    course
}

/// Up to `most` bytes, as far as there are any.
fn some<'i>(input: &mut Unstructured<'i>, most: usize) -> &'i [u8] {
    let len = input.int_in_range(0..=most).unwrap_or(0).min(input.len());
    input.bytes(len).unwrap_or_default()
}
