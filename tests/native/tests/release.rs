//! What is left of a content when its end has come: zeros, or no page at all.
#![cfg(target_os = "linux")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use strongroom::{Builder, CloseOutcome, Protection, Secret};
use strongroom_tests::linux::{AGES, builders, builders_of, child, material, memory};

fn secret(builder: Builder, seed: u64, len: usize) -> Secret {
    builder.build(&mut material(seed, len)).expect("there is memory")
}

/// What ends a content.
type End = fn(Secret);

/// The ways in which a content ends.
const ENDS: [(&str, End); 5] = [
    ("close", |secret| assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Wiped))),
    ("drop", drop),
    ("replace", |secret| {
        secret.replace(&mut material(9, 32)).expect("nobody reads");
        std::mem::forget(secret);
    }),
    ("close while it is read", |secret| {
        assert_eq!(secret.with_bytes(|_| secret.close()), Ok(CloseOutcome::Deferred));
    }),
    ("panic while it is read", |secret| {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            secret.with_bytes(|_| panic!("on purpose")).expect("it is open")
        }));
        assert!(panicked.is_err());
    }),
];

#[test]
fn slots_are_zero_after_the_end() {
    for (kind, builder) in builders_of(Protection::Locked) {
        for len in [1, 31, 32, 33, 100, 4096] {
            for (end, act) in ENDS {
                child::run(&format!("{end}, {len} bytes, {kind}"), || {
                    // Neighbours keep the slab where it is.
                    let _neighbours: Vec<_> =
                        (2..7).map(|seed| secret(builder, seed, len)).collect();
                    let secret = secret(builder, 1, len);
                    let start = secret.with_bytes(<[u8]>::as_ptr).expect("it is open");
                    let look = || {
                        // SAFETY: the slab stays as long as there are neighbours in it.
                        (0..len).map(|at| unsafe { start.wrapping_add(at).read_volatile() })
                    };
                    assert!(look().eq(material(1, len)), "this is the place");
                    act(secret);
                    assert!(look().all(|byte| byte == 0));
                })
                .finishes();
            }
        }
    }
}

#[test]
fn large_contents_give_their_pages_back() {
    for (_, kind, builder) in builders() {
        for (end, act) in ENDS {
            child::run(&format!("{end}, {kind}"), || {
                let before = (memory::locked_bytes(), memory::mappings().len());
                let secret = secret(builder, 1, 300_000);
                let start = secret.with_bytes(<[u8]>::as_ptr).expect("it is open");
                act(secret);
                assert!(!memory::can_read(start));
                // Sixteen pages at most are kept at hand, or a slab, and the replacement's.
                let after = (memory::locked_bytes(), memory::mappings().len());
                assert!(after.0 <= before.0 + 64 * 1024, "{before:?} {after:?}");
                assert!(after.1 <= before.1 + 16, "{before:?} {after:?}");
            })
            .finishes();
        }
    }
}

#[test]
fn large_contents_are_had_whole() {
    for (_, kind, builder) in builders() {
        for len in [4096, 4097, 65_535, 100_000, 1 << 20] {
            let content = material(1, len);
            let secret = secret(builder, 1, len);
            let mut out = vec![0; len];
            assert_eq!(secret.copy_into(&mut out), Ok(len));
            assert!(out == content, "{len} bytes, {kind}");
            assert_eq!(secret.with_bytes(|bytes| bytes == content), Ok(true));
        }
    }
}

/// Copies race with the end of contents and of slabs: a reader may come late, but never to a place
/// that is no longer there, and what it says is right.
#[test]
fn copies_never_fault_and_never_lie_while_slabs_come_and_go() {
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            let shared = secret(builder, 0, 32);
            let writing = AtomicUsize::new(2);
            let write = || {
                for round in 0..300 {
                    // More than a slab, so that one is given back each time.
                    let crowd: Vec<_> = (0..100).map(|seed| secret(builder, seed, 32)).collect();
                    let _busy = shared.replace(&mut material(round % 3, 32));
                    drop(crowd);
                }
                writing.fetch_sub(1, Ordering::Relaxed);
            };
            let read = || {
                let contents = [0, 1, 2].map(|seed| material(seed, 32));
                while writing.load(Ordering::Relaxed) > 0 {
                    let mut out = [0xEE; 32];
                    assert_eq!(shared.copy_into(&mut out), Ok(32));
                    assert!(contents.iter().any(|content| *content == out), "{out:?}");
                }
            };
            thread::scope(|scope| {
                for part in [&write as &(dyn Fn() + Sync), &write, &read, &read] {
                    scope.spawn(part);
                }
            });
        })
        .finishes();
    }
}
