//! What the native crate adds to the core's handle: waiting for the end, accounts, and choices for
//! the whole process.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal::SIGABRT;
use strongroom::{
    Backing, Builder, CloseOutcome, Error, Exposed, LocalExposed, LocalSecret, OnLockFailure,
    OnOverrun, Protection, Reader, Secret, default_backing, set_default_backing,
    set_default_on_lock_failure, set_on_overrun, stats,
};
use strongroom_tests::linux::child::Deaf;
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{
    AGES, GUARDED, LEVELS, builders, builders_of, child, limit, material, memory,
};

fn secret(builder: Builder, len: usize) -> Secret {
    builder.build(&mut material(1, len)).expect("there is memory")
}

#[test]
fn close_and_wait_ends_with_the_last_reader() {
    for (_, kind, builder) in builders() {
        let secret = secret(builder, 32);
        let (reading, is_reading) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let bytes = secret.expose().expect("it is open");
                reading.send(()).expect("the closer waits for this");
                while !secret.is_closed() {
                    thread::yield_now();
                }
                assert_eq!(*bytes, material(1, 32), "{kind}");
            });
            is_reading.recv().expect("the reader reads");
            assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Wiped), "{kind}");
        });
        assert_eq!(secret.with_bytes(|_| ()), Err(Error::Closed));
    }
}

#[test]
fn close_and_wait_without_readers_waits_for_nobody() {
    for (_, kind, builder) in builders() {
        let secret = secret(builder, 32);
        assert_eq!(secret.close_and_wait(Duration::ZERO), Ok(CloseOutcome::Wiped), "{kind}");
        assert_eq!(secret.close_and_wait(Duration::ZERO), Ok(CloseOutcome::Already), "{kind}");
    }
}

#[test]
fn close_and_wait_inside_an_access_can_only_time_out() {
    for (_, kind, builder) in builders() {
        let secret = secret(builder, 32);
        let brief = Duration::from_millis(5);
        let waited = secret.with_bytes(|bytes| {
            let waited = secret.close_and_wait(brief);
            assert_eq!(bytes, material(1, 32));
            waited
        });
        assert_eq!(waited, Ok(Err(Error::Timeout)), "{kind}");
        assert!(secret.is_closed());
        assert_eq!(
            secret.close_and_wait(AGES),
            Ok(CloseOutcome::Already),
            "{kind}: the reader wiped"
        );
    }
}

#[test]
fn accounts_balance() {
    child::run("accounts", || {
        assert_eq!(stats().lock_limit, strongroom::capabilities().lock_limit);
        let level_of = |level| Secret::builder().protection(level);
        let counts = || (stats().locked, stats().guarded, stats().encrypted);
        assert_eq!(counts(), (0, 0, 0));

        let locked: Vec<_> = (0..3).map(|_| secret(level_of(Protection::Locked), 32)).collect();
        let guarded: Vec<_> = (0..4).map(|_| secret(level_of(GUARDED), 32)).collect();
        let encrypted: Vec<_> =
            (0..5).map(|_| secret(level_of(Protection::Encrypted), 32)).collect();
        let clone = locked[0].clone();
        assert_eq!(counts(), (3, 4, 5));
        assert_eq!(stats().locked_bytes, memory::locked_bytes());
        let slabs = stats().slabs;
        assert!(slabs > 0);

        let open = locked[0].expose().expect("it is open");
        assert_eq!(stats().deferred, 0);
        assert_eq!(locked[0].close(), CloseOutcome::Deferred);
        assert_eq!(stats().deferred, 1);
        drop(open);
        assert_eq!(stats().deferred, 0);

        drop((locked, guarded, encrypted));
        assert_eq!(counts(), (1, 0, 0), "a clone counts until it is dropped");
        drop(clone);
        assert_eq!(counts(), (0, 0, 0));
        assert_eq!(stats().locked_bytes, memory::locked_bytes());
        assert!(stats().slabs <= slabs);
        assert_eq!(stats().overruns, 0);
    })
    .finishes();
}

#[test]
fn of_empty_slabs_one_is_kept() {
    child::run("slabs", || {
        let crowd = |count| (0..count).map(|_| secret(Secret::builder(), 32)).collect::<Vec<_>>();
        assert_eq!(stats().slabs, 0);
        let some = crowd(1);
        assert_eq!(stats().slabs, 1);
        let smallest = stats().locked_bytes;
        let many = crowd(1000);
        let (slabs, locked) = (stats().slabs, stats().locked_bytes);
        assert!(slabs > 2 && locked > 1000 * 32, "{slabs} slabs, {locked} bytes");
        drop((some, many));
        assert_eq!(stats().slabs, 1, "for the next secret");
        assert_eq!(stats().locked_bytes, memory::locked_bytes());
        assert!((smallest..locked).contains(&stats().locked_bytes));
        let again = crowd(1000);
        assert!(stats().slabs > 1);
        drop(again);
        assert!(stats().slabs <= 2, "an empty one, and one of which this thread keeps some slots");
        strongroom::trim();
        assert_eq!((stats().slabs, stats().locked_bytes), (0, 0));
    })
    .finishes();
}

/// A secret's place depends on chance, even if it follows one that has just gone.
#[test]
fn nobody_knows_where_the_next_secret_comes_to_lie() {
    for (kind, builder) in builders_of(Protection::Locked) {
        // Where there has been no other secret that would have left slots behind.
        child::run(&kind, || {
            let place = |_| secret(builder, 32).with_bytes(|bytes| bytes.as_ptr().addr());
            let places: Vec<_> = (0..64).map(place).collect::<Result<_, _>>().expect("it is open");
            let distinct: BTreeSet<_> = places.iter().collect();
            assert!(distinct.len() >= 4, "{kind}: {places:?}");
            let repeats =
                |period| places.iter().zip(&places[period..]).all(|(one, other)| one == other);
            assert!(!(1..16).any(repeats), "{kind}: {places:?}");
        })
        .finishes();
    }
}

/// Secrets come and go on threads that hand them to each other, while all that is kept is given back all the time:
/// none loses its bytes, and no slot is lost.
#[test]
fn what_is_kept_for_the_next_secrets_goes_from_thread_to_thread() {
    const ROUNDS: u64 = 5_000;
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            let makers = AtomicUsize::new(3);
            thread::scope(|scope| {
                let (sender, receiver) = mpsc::channel();
                for maker in 0..3 {
                    let (sender, makers) = (sender.clone(), &makers);
                    scope.spawn(move || {
                        for round in 0..ROUNDS {
                            let seed = round * 3 + maker;
                            let len = [32, 33, 100, 500][(seed % 4) as usize];
                            let secret = builder.build(&mut material(seed, len));
                            let secret = secret.expect("there is memory");
                            assert_eq!(secret.ct_eq(&material(seed, len)), Ok(true));
                            if seed.is_multiple_of(2) {
                                sender.send((seed, len, secret)).expect("the other end is there");
                            }
                        }
                        makers.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                drop(sender);
                scope.spawn(|| {
                    while makers.load(Ordering::Relaxed) > 0 {
                        strongroom::trim();
                    }
                });
                for (seed, len, secret) in receiver {
                    assert_eq!(secret.ct_eq(&material(seed, len)), Ok(true));
                }
            });
            drop(secret(builder, 32));
            assert!(stats().slabs > 0, "something is kept");
            strongroom::trim();
            assert_eq!((stats().slabs, stats().locked_bytes, stats().locked), (0, 0, 0));
            assert_eq!(memory::locked_bytes(), 0);
        })
        .finishes();
    }
}

#[test]
fn the_limit_that_is_told_is_the_current_one() {
    child::run("limit", || {
        for limit in [64 * 1024, 32 * 1024] {
            limit::locking(limit);
            assert_eq!(stats().lock_limit.map(|told| told as libc::rlim_t), Some(limit));
        }
    })
    .finishes();
}

/// Writes past the end of the content of an open secret.
fn overrun(secret: &Secret) {
    let end = secret.with_bytes(|bytes| bytes.as_ptr_range().end.cast_mut()).expect("it is open");
    // SAFETY: none; the memory is there and writable, and that this is noticed is the question.
    let was = unsafe { ptr::read_volatile(end) };
    // SAFETY: as above.
    unsafe { ptr::write_volatile(end, !was) };
}

/// What ends a content.
type End = fn(Secret);

/// The ends of a content that tell nobody of an overrun.
const UNTOLD: [(&str, End); 3] = [
    ("drop", drop),
    ("replace", |secret| secret.replace(&mut material(2, 32)).expect("nobody reads")),
    ("close while it is read", |secret| {
        assert_eq!(secret.with_bytes(|_| secret.close()), Ok(CloseOutcome::Deferred));
    }),
];

#[test]
fn an_overrun_that_is_told_to_nobody_ends_the_process_or_is_counted() {
    // An emulator says itself which signal ends its program, and would wait for ever to say so.
    let deaf: &[Deaf] =
        if child::emulator().is_some() { &[Deaf::Gone] } else { &[Deaf::Gone, Deaf::Full] };
    for (end, act) in UNTOLD {
        child::run(&format!("{end}, intact"), || act(secret(Secret::builder(), 32))).finishes();
        child::run(&format!("{end}, by default"), || {
            let secret = secret(Secret::builder(), 32);
            overrun(&secret);
            act(secret);
        })
        .dies_of(SIGABRT);
        for deaf in deaf {
            child::run(&format!("{end}, while standard error is a pipe, {deaf:?}"), || {
                let secret = secret(Secret::builder(), 32);
                overrun(&secret);
                child::deafen_stderr(*deaf);
                act(secret);
            })
            .dies_of(SIGABRT);
        }
        child::run(&format!("{end}, to be counted"), || {
            set_on_overrun(OnOverrun::Count);
            let secret = secret(Secret::builder(), 32);
            overrun(&secret);
            act(secret);
            assert_eq!(stats().overruns, 1);
        })
        .finishes();
    }
    child::run("close", || {
        let secret = secret(Secret::builder(), 32);
        overrun(&secret);
        assert_eq!(secret.close(), CloseOutcome::Overrun);
        assert_eq!(stats().overruns, 1);
    })
    .finishes();
    child::run("close and wait", || {
        let secret = secret(Secret::builder(), 32);
        overrun(&secret);
        assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Overrun));
    })
    .finishes();
    if !deaf.contains(&Deaf::Full) {
        let why = "the emulator writes there itself";
        not_shown("an overrun while standard error is full", why, "run the test without one");
    }
}

/// Writes past the end of what a secret is being put together in.
fn overrun_while_it_is_made(bytes: &mut [u8]) {
    bytes.fill(1);
    let end = bytes.as_mut_ptr_range().end;
    // SAFETY: none; the memory is there and writable, and that this is noticed is the question.
    let was = unsafe { ptr::read_volatile(end) };
    // SAFETY: as above.
    unsafe { ptr::write_volatile(end, !was) };
}

#[test]
fn an_overrun_while_a_secret_is_made_ends_the_process_or_is_counted() {
    for (name, level) in LEVELS {
        for len in [24, 5000] {
            let init = move |end: fn(&mut [u8])| {
                Secret::builder().protection(level).try_init(len, move |bytes: &mut [u8]| {
                    end(bytes);
                    Err(Error::Closed)
                })
            };
            let made = move |end: fn(&mut [u8])| {
                let made = Secret::builder().protection(level).init(len, end);
                drop(made.expect("there is memory"));
            };
            let kind = format!("{name}, {len} bytes");
            child::run(&format!("{kind}, intact"), || {
                made(|bytes| bytes.fill(1));
                assert_eq!(init(|bytes| bytes.fill(1)).err(), Some(Error::Closed));
                assert_eq!(stats().overruns, 0);
            })
            .finishes();
            child::run(&format!("{kind}, by default"), || made(overrun_while_it_is_made))
                .dies_of(SIGABRT);
            child::run(&format!("{kind}, where it fails"), || {
                let _ended = init(overrun_while_it_is_made);
            })
            .dies_of(SIGABRT);
            child::run(&format!("{kind}, to be counted"), || {
                set_on_overrun(OnOverrun::Count);
                made(overrun_while_it_is_made);
                assert_eq!(init(overrun_while_it_is_made).err(), Some(Error::Closed));
                assert_eq!(stats().overruns, 2);
            })
            .finishes();
        }
    }
}

#[test]
fn degrading_can_be_the_processs_choice_and_the_builder_has_the_last_word() {
    child::run("degrade", || {
        limit::locking(0);
        let build = |builder: Builder| builder.build(&mut material(1, 32));
        for (_, level) in LEVELS {
            let builder = Secret::builder().protection(level);
            set_default_on_lock_failure(OnLockFailure::Fail);
            assert!(matches!(build(builder).err(), Some(Error::LockLimit { .. })), "{level:?}");
            let degraded = build(builder.on_lock_failure(OnLockFailure::Degrade));
            let degraded = degraded.expect("ordinary memory is there").protections();
            assert!(!degraded.expect("it is open").locked, "{level:?}");

            set_default_on_lock_failure(OnLockFailure::Degrade);
            let degraded = build(builder).expect("ordinary memory is there");
            assert!(!degraded.protections().expect("it is open").locked, "{level:?}");
            assert_eq!(degraded.ct_eq(&material(1, 32)), Ok(true), "{level:?}");
            let refused = build(builder.on_lock_failure(OnLockFailure::Fail));
            assert!(matches!(refused.err(), Some(Error::LockLimit { .. })), "{level:?}");
        }
    })
    .finishes();
}

#[test]
fn the_default_backing_is_chosen_once_and_before_it_is_used() {
    let is_secret = |secret: Secret| secret.protections().expect("it is open").memfd_secret;
    child::run("chosen", || {
        assert_eq!(default_backing(), Backing::Auto);
        assert_eq!(set_default_backing(Backing::Anonymous), Ok(()));
        assert_eq!(set_default_backing(Backing::Anonymous), Ok(()));
        assert_eq!(set_default_backing(Backing::Auto), Err(Backing::Anonymous));
        assert_eq!(default_backing(), Backing::Anonymous);
        for (_, level) in LEVELS {
            let builder = Secret::builder().protection(level);
            assert!(!is_secret(secret(builder, 32)), "{level:?}");
            if memory::kernel_has_memfd_secret() {
                assert!(is_secret(secret(builder.backing(Backing::Auto), 32)), "{level:?}");
            }
        }
        assert!(!is_secret(Secret::random(32).expect("there is memory")));
    })
    .finishes();
    child::run("too late", || {
        let first = secret(Secret::builder(), 32);
        assert_eq!(set_default_backing(Backing::Anonymous), Err(Backing::Auto));
        assert_eq!(default_backing(), Backing::Auto);
        assert_eq!(is_secret(first), memory::kernel_has_memfd_secret());
    })
    .finishes();
}

/// How a program says once how all of its keys are kept.
const KEYS: Builder = Secret::builder()
    .protection(Protection::Guarded { reprotect: strongroom::Reprotect::Eager })
    .backing(Backing::Anonymous)
    .on_lock_failure(OnLockFailure::Fail);

#[test]
fn a_builder_can_be_a_constant() {
    let protections = secret(KEYS, 32).protections().expect("it is open");
    assert_eq!((protections.level, protections.memfd_secret), (GUARDED, false));
}

#[test]
fn a_panic_of_a_user_can_be_caught_without_further_ado() {
    fn is_unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}
    is_unwind_safe::<Secret>();
    is_unwind_safe::<Exposed<'_>>();
    is_unwind_safe::<Reader>();
    is_unwind_safe::<LocalSecret>();
    is_unwind_safe::<LocalExposed<'_>>();
    for (_, kind, builder) in builders() {
        let secret = secret(builder, 32);
        let panicked = catch_unwind(|| secret.with_bytes(|_| panic!("in an access, on purpose")));
        assert!(panicked.is_err());
        let local = secret.local();
        assert!(catch_unwind(|| local.with_bytes(|_| panic!("in another, on purpose"))).is_err());
        assert_eq!(secret.ct_eq(&material(1, 32)), Ok(true), "{kind}");
        assert_eq!(secret.close(), CloseOutcome::Wiped, "{kind}: nobody is left inside");
    }
}
