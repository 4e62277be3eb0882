//! Does what a sanitizer has to find, so that its silence about everything else means something:
//! `cargo xtask sanitize` runs it first.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A number that threads share without any order.
struct Shared(UnsafeCell<u64>);

// SAFETY: none; this is the flaw.
unsafe impl Sync for Shared {}

fn race() {
    let shared = Shared(UnsafeCell::new(0));
    let (shared, arrived) = (&shared, &AtomicUsize::new(0));
    // Lets threads pass when so many have come, and orders nothing, as a `Barrier` would.
    let meet = |number| {
        // ORDERING: Relaxed here and below; the flaw is that nothing is ordered.
        arrived.fetch_add(1, Ordering::Relaxed);
        while arrived.load(Ordering::Relaxed) < number {
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        for number in 0..2 {
            scope.spawn(move || {
                meet(2);
                // SAFETY: none; this is the flaw.
                unsafe { *shared.0.get() = number };
                // Of a thread that has ended, the sanitizer forgets.
                meet(4);
            });
        }
    });
}

fn use_after_free() {
    let block = Box::into_raw(Box::new(7_u8));
    // SAFETY: the block is `Box`'s.
    drop(unsafe { Box::from_raw(block) });
    // SAFETY: none; this is the flaw.
    println!("{}", unsafe { block.read_volatile() });
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("thread") => race(),
        Some("address") => use_after_free(),
        _ => eprintln!("which flaw: thread or address?"),
    }
}
