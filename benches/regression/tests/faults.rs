//! The faults of the fast version, each beside the correct one and strongroom, which haven't got it.

#![cfg(target_os = "linux")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use strongroom_measure::peers::{Encrypted, Guarded, Locked, Strongroom};
use strongroom_measure::workload::secret;
use strongroom_measure::{LEN, Peer};
use strongroom_regression::Closed;
use strongroom_regression::correct::Correct;
use strongroom_regression::racy::Racy;
use strongroom_tests::linux::child;

/// What all these secrets are made of.
const CONTENT: [u8; LEN] = [0x5a; LEN];

/// Lets threads read one secret, each many times, until `end`, and look at every byte.
fn read_on_threads<P: Peer + Clone + 'static>(mut end: impl FnMut(u32) -> bool) {
    let peer: P = secret();
    let mut rounds = 0;
    while !end(rounds) {
        rounds += 1;
        thread::scope(|scope| {
            for mut handle in [peer.clone(), peer.clone(), peer.clone()] {
                scope.spawn(move || {
                    for _ in 0..2000 {
                        handle.borrow(|bytes| assert_eq!(bytes, CONTENT));
                    }
                });
            }
        });
    }
}

#[test]
fn overlapping_readers_are_the_end_of_the_racy_version() {
    // However long that takes on this machine: the child is killed otherwise, after minutes.
    child::run("racy", || read_on_threads::<Racy>(|_| false)).dies_of(Signal::SIGSEGV);
}

#[test]
fn overlapping_readers_of_the_others_see_every_byte() {
    let enough = |rounds| rounds == 20;
    child::run("correct", || read_on_threads::<Correct>(enough)).finishes();
    child::run("locked", || read_on_threads::<Strongroom<Locked>>(enough)).finishes();
    child::run("guarded", || read_on_threads::<Strongroom<Guarded>>(enough)).finishes();
    child::run("encrypted", || read_on_threads::<Strongroom<Encrypted>>(enough)).finishes();
}

#[test]
fn close_of_the_racy_version_is_seen_by_one_handle() {
    let first = Racy::create(&mut CONTENT.clone());
    let second = first.clone();
    first.close();
    // SAFETY: there is one thread.
    assert_eq!(unsafe { first.with_bytes(|bytes| bytes[0]) }, Err(Closed));
    // SAFETY: as above.
    assert_eq!(unsafe { second.with_bytes(|bytes| bytes[0]) }, Ok(CONTENT[0]), "that is the fault");
}

#[test]
fn close_of_the_correct_version_is_seen_by_all_and_waits() {
    let first = Correct::new(&mut CONTENT.clone());
    let second = first.clone();
    let (inside, is_inside) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        let reading = scope.spawn(|| {
            second.with_bytes(|bytes| {
                inside.send(()).unwrap();
                // Not what is judged: time for a close that doesn't wait to be noticed by its fault.
                thread::sleep(Duration::from_millis(50));
                assert_eq!(bytes, CONTENT);
                Instant::now()
            })
        });
        is_inside.recv().unwrap();
        first.close();
        let closed = Instant::now();
        assert!(reading.join().unwrap().unwrap() <= closed, "a reader was inside");
    });
    assert_eq!(second.with_bytes(|bytes| bytes[0]), Err(Closed));
}

#[test]
fn a_panic_leaves_the_racy_version_open() {
    // Where a secret that rests inaccessible was seen last.
    fn left_by_a_panic(with_bytes: impl FnOnce(&mut dyn FnMut(&[u8]))) -> *const u8 {
        let mut seen = std::ptr::null();
        let access = || {
            with_bytes(&mut |bytes| {
                seen = bytes.as_ptr();
                panic!("in the middle of an access");
            });
        };
        assert!(catch_unwind(AssertUnwindSafe(access)).is_err());
        seen
    }
    /// A stray read.
    fn read(at: *const u8) -> u8 {
        // SAFETY: none; this is the stray read that such pages are there to stop.
        unsafe { at.read_volatile() }
    }

    child::run("racy", || {
        let racy = Racy::create(&mut CONTENT.clone());
        // SAFETY: there is one thread.
        let at = left_by_a_panic(|see| unsafe { racy.with_bytes(|bytes| see(bytes)) }.unwrap());
        assert_eq!(read(at), CONTENT[0], "that is the fault");
    })
    .finishes();
    child::run("correct", || {
        let correct = Correct::new(&mut CONTENT.clone());
        read(left_by_a_panic(|see| correct.with_bytes(|bytes| see(bytes)).unwrap()));
    })
    .dies_of(Signal::SIGSEGV);
    child::run("guarded", || {
        let mut guarded: Strongroom<Guarded> = secret();
        read(left_by_a_panic(|see| guarded.borrow(|bytes| see(bytes))));
    })
    .dies_of(Signal::SIGSEGV);
}
