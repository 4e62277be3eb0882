//! Functions that leave a mark in linear memory and wipe it, and some that don't:
//! `tests/component/tests/wipes.rs` looks for the mark.
#![cfg(target_family = "wasm")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{atomic_bytes, wipe};
use strongroom_wasm::Wiping;

const LEN: usize = 64;

/// Fills with the mark, a byte at a time, so that no other copy of it is made.
#[inline(never)]
fn fill(bytes: &mut [u8; LEN]) {
    bytes.iter_mut().for_each(|byte| *byte = black_box(0xC3));
}

// SAFETY, of all names below: nothing else here is called that.

/// Wipes a copy.
#[unsafe(no_mangle)]
extern "C" fn wiped() {
    let mut copy = [0; LEN];
    fill(black_box(&mut copy));
    wipe::wipe(&mut copy);
}

/// Clears what holds a content.
#[unsafe(no_mangle)]
extern "C" fn cleared() {
    let words = [const { AtomicU64::new(0) }; LEN / 8];
    let mut content = [0; LEN];
    fill(black_box(&mut content));
    atomic_bytes::store(black_box(&words), &content);
    wipe::wipe(&mut content);
    atomic_bytes::clear(&words);
}

/// Frees a block of the heap.
#[unsafe(no_mangle)]
extern "C" fn freed() {
    use_block(&Wiping(System));
}

/// Overwrites a copy that nobody reads any more, which the compiler may leave out.
#[unsafe(no_mangle)]
extern "C" fn overwritten() {
    let mut copy = [0; LEN];
    fill(black_box(&mut copy));
    copy.fill(0);
}

/// Frees a block of a heap that wipes nothing.
#[unsafe(no_mangle)]
extern "C" fn freed_as_it_is() {
    use_block(&System);
}

fn use_block(heap: &impl GlobalAlloc) {
    let layout = Layout::new::<[u8; LEN]>();
    // SAFETY: the size isn't 0.
    let block = unsafe { heap.alloc_zeroed(layout) };
    assert!(!block.is_null(), "there is memory for {LEN} bytes");
    // SAFETY: a new block of that size, zeroed, and nobody else's.
    let bytes = unsafe { &mut *black_box(block).cast() };
    fill(bytes);
    // SAFETY: a live block of that layout.
    unsafe { heap.dealloc(block, layout) };
}
