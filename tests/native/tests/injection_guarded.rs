//! Pages that the system doesn't make readable or unreadable, whether it is asked by the reader or by
//! the thread that makes unreadable what is idle.
#![cfg(all(target_os = "linux", not(strongroom_loom), not(miri)))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::sys::signal::Signal::SIGABRT;
use strongroom::{Builder, CloseOutcome, Error, Secret, capabilities};
use strongroom_tests::linux::calls::{Call, Supervisor, supervise};
use strongroom_tests::linux::child::Deaf;
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{
    AGES, GUARDED, NEEDLE, brief_builders, builders_of, child, memory, repeated,
};
use strongroom_tests::residue::{Needle, search_process};

/// How many of the next calls fail that protect pages, of one thread or of those it has started.
#[derive(Clone, Default)]
struct Failures(Arc<AtomicUsize>);

impl Failures {
    fn begin(&self, failures: usize) {
        self.0.store(failures, Ordering::Relaxed);
    }

    fn next(&self, call: &Call) -> Option<i32> {
        // Nobody else decides, and whoever begins doesn't call meanwhile.
        let left = self.0.load(Ordering::Relaxed);
        let fails = call.name == "mprotect" && left > 0;
        self.0.store(left - usize::from(fails), Ordering::Relaxed);
        fails.then_some(libc::ENOMEM)
    }
}

/// Failures of the thread under supervision.
struct Here(Failures);

impl Supervisor for Here {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        self.0.next(call)
    }
}

/// Failures of the threads that it has started.
struct Beside(Failures);

impl Supervisor for Beside {
    fn decide(&mut self, _call: &'static Call) -> Option<i32> {
        None
    }

    fn decide_beside(&mut self, call: &'static Call) -> Option<i32> {
        self.0.next(call)
    }
}

fn create(builder: Builder, needle: &Needle) -> Secret {
    builder.build(&mut repeated(needle, NEEDLE)).expect("there is memory")
}

fn assert_holds(secret: &Secret, needle: &Needle) {
    assert_eq!(secret.ct_eq(&repeated(needle, NEEDLE)), Ok(true));
}

/// A secret that couldn't be made unreadable is gone, and others can be had.
fn assert_gone(secret: &Secret, builder: Builder, needle: &Needle) {
    assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Already));
    assert_eq!(secret.with_bytes(|_| unreachable!()), Err::<(), _>(Error::Poisoned));
    assert_eq!(search_process(&[needle]).expect("/proc is there").windows, 0);
    assert_holds(&create(builder, needle), needle);
}

/// Builders of secrets that system calls make readable and unreadable with every access, where no key
/// does it instead.
fn builders_that_call() -> Vec<(String, Builder)> {
    if capabilities().protection_keys {
        let why = "it takes no call with the protection keys of this machine";
        not_shown("refused calls at rest", why, "a processor without keys has such calls");
        return Vec::new();
    }
    builders_of(GUARDED)
}

#[test]
fn what_cannot_be_opened_is_not_shown_and_can_be_opened_later() {
    for (kind, builder) in builders_that_call() {
        child::run(&kind, || {
            let failures = Failures::default();
            supervise(Here(failures.clone()));
            let needle = Needle::random(NEEDLE);
            let secret = create(builder, &needle);
            failures.begin(1);
            let refused = secret.with_bytes(|_| unreachable!());
            assert!(matches!(refused, Err::<(), _>(Error::OutOfMemory { .. })), "{refused:?}");
            assert_holds(&secret, &needle);
            assert_eq!(secret.close(), CloseOutcome::Wiped);
        })
        .finishes();
    }
}

#[test]
fn what_cannot_be_made_unreadable_is_wiped_after_the_callback_has_answered() {
    for (kind, builder) in builders_that_call() {
        child::run(&kind, || {
            let failures = Failures::default();
            supervise(Here(failures.clone()));
            let needle = Needle::random(NEEDLE);
            let secret = create(builder, &needle);
            let answer = secret.with_bytes(|_| {
                failures.begin(1);
                Err::<(), _>("the callback's own error")
            });
            assert_eq!(answer, Ok(Err("the callback's own error")));
            assert_gone(&secret, builder, &needle);
        })
        .finishes();
    }
}

/// What the closer itself can't make writable isn't left, either, whoever hears of it.
#[test]
fn what_cannot_be_wiped_ends_the_process_though_nobody_hears_why() {
    for (kind, builder) in builders_that_call() {
        for deaf in [Deaf::Gone, Deaf::Full] {
            child::run(&format!("{kind}, standard error {deaf:?}"), || {
                let failures = Failures::default();
                supervise(Here(failures.clone()));
                let secret = create(builder, &Needle::random(NEEDLE));
                child::deafen_stderr(deaf);
                failures.begin(usize::MAX);
                secret.close();
            })
            .dies_of(SIGABRT);
        }
    }
}

/// Lets a secret be used and made unreadable, then used while so many calls of the library's thread fail.
fn fail_to_make_unreadable(builder: Builder, failing: usize) {
    let failures = Failures::default();
    supervise(Beside(failures.clone()));
    let needle = Needle::random(NEEDLE);
    let secret = create(builder, &needle);
    let address = secret.with_bytes(<[u8]>::as_ptr).expect("it is open");
    while memory::can_read(address) {
        thread::yield_now();
    }
    failures.begin(failing);
    assert_holds(&secret, &needle);
    while !secret.is_closed() {
        thread::yield_now();
    }
    assert_gone(&secret, builder, &needle);
}

#[test]
fn what_cannot_be_made_unreadable_behind_everyones_back_is_wiped() {
    for (_, kind, builder) in brief_builders() {
        child::run(&format!("once, {kind}"), || fail_to_make_unreadable(builder, 1)).finishes();
        // What can't be made writable can't be wiped, and must not be left either.
        child::run(&format!("from then on, {kind}"), || {
            fail_to_make_unreadable(builder, usize::MAX)
        })
        .dies_of(SIGABRT);
        for deaf in [Deaf::Gone, Deaf::Full] {
            child::run(&format!("from then on, {kind}, standard error {deaf:?}"), || {
                child::deafen_stderr(deaf);
                fail_to_make_unreadable(builder, usize::MAX);
            })
            .dies_of(SIGABRT);
        }
    }
}
