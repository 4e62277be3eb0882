//! Searching all of the application's memory.

use std::arch::wasm32;
use std::ptr;

/// Bytes that memory and a needle must have in common in a row.
const WINDOW: usize = 16;

/// Bytes of a page of linear memory.
const PAGE: usize = 64 * 1024;

/// How many places show a window of the needle, which is never put together.
pub fn places_of(masked: &[u8], mask: &[u8]) -> u32 {
    let end = wasm32::memory_size::<0>() * PAGE;
    // SAFETY: `place` is above 0 and at least a window below the end; memory never shrinks.
    let byte = |address| unsafe { read(address) };
    let shows = |place: usize, start: usize| {
        (0..WINDOW).all(|i| byte(place + i) == masked[start + i] ^ mask[start + i])
    };
    let starts = 0..=masked.len() - WINDOW;
    let places =
        (1..=end - WINDOW).filter(|place| starts.clone().any(|start| shows(*place, start)));
    places.count() as u32
}

/// Reads a byte, anywhere.
///
/// # Safety
///
/// The address is one of linear memory, and not 0, which no pointer to memory has.
unsafe fn read(address: usize) -> u8 {
    // SAFETY: the caller's promise. Volatile, since what is there may belong to anyone.
    unsafe { ptr::with_exposed_provenance::<u8>(address).read_volatile() }
}
