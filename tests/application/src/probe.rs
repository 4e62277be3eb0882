//! For the test: searching all of the application's memory.

use std::arch::wasm32;
use std::cell::RefCell;
use std::ptr;

use crate::Application;
use crate::bindings::exports::strongroom::application::probe::Guest;

thread_local! {
    static KEPT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Guest for Application {
    fn places_of(masked: Vec<u8>, mask: Vec<u8>) -> u32 {
        places_of(&masked, &mask)
    }

    fn keep(masked: Vec<u8>, mask: Vec<u8>) {
        KEPT.set(masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect());
    }
}

/// Bytes that memory and a needle must have in common in a row.
const WINDOW: usize = 8;

/// Bytes of a page of linear memory.
const PAGE: usize = 64 * 1024;

/// How many places show a window of the needle, which is never put together.
fn places_of(masked: &[u8], mask: &[u8]) -> u32 {
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
