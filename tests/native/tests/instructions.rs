//! What an access executes where code is optimised, instruction by instruction, and that wipes are among
//! it.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::hint::black_box;
use std::sync::RwLock;

use strongroom::{Protection, Secret, capabilities};
use strongroom_core::sync::AtomicU64;
use strongroom_core::{atomic_bytes, wipe};
use strongroom_tests::linux::executed::{Executed, executed};
use strongroom_tests::linux::lacking::not_shown;

fn secret(protection: Protection) -> Secret {
    let made = Secret::builder().protection(protection).build(&mut [0x5A; 32]);
    made.expect("there is memory for a secret")
}

fn locked() -> Secret {
    secret(Protection::Locked)
}

/// What is promised of a way to use a secret: so many locked instructions, and no call.
#[track_caller]
fn assert_executes(what: &str, executed: &Executed, locked: usize) {
    assert_eq!((executed.locked, executed.calls), (locked, 0), "{what}:\n{executed}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn accesses_to_locked_secrets_are_few_instructions_and_no_call() {
    let with_bytes = executed(|| {
        let secret = locked();
        move || black_box(secret.with_bytes(|bytes| bytes[0])).is_ok()
    });
    assert_executes("with_bytes", &with_bytes, 2);
    let expose = executed(|| {
        let secret = locked();
        move || secret.expose().is_ok_and(|bytes| black_box(bytes[0]) == 0x5A)
    });
    assert_executes("expose", &expose, 2);
    let copy_into = executed(|| {
        let secret = locked();
        move || secret.copy_into(black_box(&mut [0; 32])).is_ok()
    });
    assert_executes("copy_into", &copy_into, 0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn accesses_by_a_local_handle_have_no_locked_instruction() {
    if !capabilities().process_barrier {
        let why = "the system has no `membarrier`, or a filter decides on calls";
        return not_shown("accesses without locked instructions", why, "it takes Linux 4.14");
    }
    let with_bytes = executed(|| {
        let local = locked().local();
        move || black_box(local.with_bytes(|bytes| bytes[0])).is_ok()
    });
    assert_executes("with_bytes by a local handle", &with_bytes, 0);
    let expose = executed(|| {
        let local = locked().local();
        move || local.expose().is_ok_and(|bytes| black_box(bytes[0]) == 0x5A)
    });
    // What ends a guard is a call, as it may have to end a pin.
    assert_eq!(expose.locked, 0, "{expose}");
}

/// What the test above counts is seen in an access that can't do without.
#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn locked_instructions_are_seen_in_an_access_within_one_by_the_same_local_handle() {
    let nested = executed(|| {
        let local = locked().local();
        move || local.with_bytes(|_| local.with_bytes(|bytes| bytes[0]).is_ok()) == Ok(true)
    });
    assert_eq!(nested.locked, 2, "{nested}");
}

/// What the test above counts is seen.
#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn locked_instructions_and_calls_are_seen() {
    let nested = executed(|| {
        let secret = locked();
        move || {
            let inside = |_: &[u8]| secret.with_bytes(|bytes| bytes[0]);
            black_box(secret.with_bytes(inside)).is_ok()
        }
    });
    assert_executes("an access in an access", &nested, 4);
    let read = executed(|| {
        let lock = RwLock::new([0x5A; 32]);
        move || lock.read().is_ok_and(|bytes| black_box(bytes[0]) == 0x5A)
    });
    assert_eq!(read.locked, 2, "{read}");
    let encrypted = executed(|| {
        let secret = secret(Protection::Encrypted);
        move || secret.with_bytes(|bytes| bytes[0]).is_ok()
    });
    assert!(encrypted.calls > 0 && encrypted.locked > 2, "{encrypted}");
}

const LEN: usize = 64;

/// What wipes have to overwrite.
const MARK: [u8; LEN] = [0xC3; LEN];

#[inline(never)]
fn fill(bytes: &mut [u8; LEN]) {
    // A byte at a time, so that no other copy of the mark is made.
    bytes.iter_mut().for_each(|byte| *byte = black_box(MARK[0]));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn wipes_that_nobody_looks_at_are_executed() {
    let wiped = executed(|| {
        || {
            let mut copy = [0; LEN];
            fill(black_box(&mut copy));
            wipe::wipe(&mut copy);
            true
        }
    });
    assert!(!wiped.leaves(&MARK), "{wiped}");
    let cleared = executed(|| {
        || {
            let words = [const { AtomicU64::new(0) }; LEN / 8];
            atomic_bytes::store(black_box(&words), &MARK);
            atomic_bytes::clear(&words);
            true
        }
    });
    assert!(!cleared.leaves(&MARK), "{cleared}");
    let scrubbed = executed(|| {
        || {
            wipe::scrubbed::<4096, _>(|| {
                let mut copy = [0; LEN];
                fill(black_box(&mut copy));
            });
            true
        }
    });
    assert!(!scrubbed.leaves(&MARK), "{scrubbed}");
}

/// The compiler leaves out what only overwrites, and what stays is found.
#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn what_is_not_wiped_is_found() {
    let overwritten = executed(|| {
        || {
            let mut copy = [0; LEN];
            fill(black_box(&mut copy));
            copy.fill(0);
            true
        }
    });
    assert!(overwritten.leaves(&MARK), "{overwritten}");
}
