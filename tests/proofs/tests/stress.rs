//! Real threads on one secret: whatever runs beside an access, it sees a whole content or an error
//! that is due, and every content is released exactly once.
#![cfg(not(any(target_family = "wasm", strongroom_loom)))]

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
#[cfg(not(miri))]
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;

#[cfg(not(miri))]
use strongroom::{Protection, Reprotect, Secret};
use strongroom_core::{AtRest, CloseOutcome, Error, Idleness, LastLook, LocalSecret};
#[cfg(not(miri))]
use strongroom_core::{EncryptedRegion, Storage, Vault};
use strongroom_tests::conformance::{Host, LendsLocally};
use strongroom_tests::heap::{Heap, WAYS};
use strongroom_tests::hosts::Core;
#[cfg(not(miri))]
use strongroom_tests::hosts::Native;

/// Threads that use the secret.
const USERS: usize = 3;
/// How often each scenario is played.
const ROUNDS: usize = if cfg!(miri) { 2 } else { 30 };
/// How many contents a round has, where there is more than one.
const REPLACEMENTS: usize = if cfg!(miri) { 4 } else { 12 };
/// Bytes of the longest content.
const LONGEST: usize = 100;

/// Content number `number`: its length depends on it, and its last bytes are a checksum of the
/// others.
fn content(number: usize) -> Vec<u8> {
    let mut bytes = vec![number as u8 | 1; LONGEST - 8 - 13 * (number % 5)];
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish().to_ne_bytes()
}

#[track_caller]
fn assert_whole(bytes: &[u8]) {
    let (body, sum) = bytes.split_last_chunk().expect("a content has a checksum");
    assert_eq!(*sum, checksum(body), "torn: {bytes:?}");
}

/// One access, each time by another way; whatever it sees is whole. `local` is this thread's handle.
fn access<H: LendsLocally>(
    host: &H,
    secret: &H::Secret,
    local: &H::Local,
    attempt: usize,
) -> Result<(), Error> {
    match attempt % WAYS_TO_ACCESS {
        0 => host.with_bytes(secret, assert_whole),
        1 => host.expose(secret).map(|bytes| assert_whole(&bytes)),
        2 => {
            let mut out = [0xEE; LONGEST];
            let copied = host.copy_into(secret, &mut out);
            match copied {
                Ok(len) => assert_whole(&out[..len]),
                Err(_) => assert_eq!(out, [0; LONGEST], "the buffer is wiped"),
            }
            copied.map(drop)
        }
        3 => {
            // The other handle lives as long as the access.
            let other = host.share(secret);
            host.with_bytes(&other, assert_whole)
        }
        4..7 => host.with_local_bytes(local, assert_whole),
        7 => {
            let outer = host.expose_locally(local)?;
            let inner = host.expose_locally(local);
            assert_whole(&outer);
            drop(outer);
            inner.map(|bytes| assert_whole(&bytes))
        }
        _ => host.with_local_bytes(&host.local(secret), assert_whole),
    }
}

/// How many `access` has.
const WAYS_TO_ACCESS: usize = 9;

/// A host whose handles threads can share.
trait Threaded: LendsLocally<Secret: Send + Sync> + Sync {}
impl<H: LendsLocally<Secret: Send + Sync> + Sync> Threaded for H {}

/// Users access the secret until it is closed, while `beside` runs in a thread of its own, which
/// begins when every user has succeeded at least once. Only `Closed` may end a user.
fn use_until_closed<H: Threaded>(host: &H, beside: impl FnOnce(H::Secret) + Send) {
    let secret = host.create(&mut content(0)).unwrap();
    let started = &Barrier::new(USERS + 1);
    thread::scope(|scope| {
        for _ in 0..USERS {
            let secret = host.share(&secret);
            scope.spawn(move || {
                let local = host.local(&secret);
                access(host, &secret, &local, 0).expect("the secret is not closed yet");
                started.wait();
                let end = (1..).find_map(|attempt| access(host, &secret, &local, attempt).err());
                assert_eq!(end, Some(Error::Closed));
                for later in 0..WAYS_TO_ACCESS {
                    assert_eq!(access(host, &secret, &local, later), Err(Error::Closed));
                }
            });
        }
        scope.spawn(move || {
            started.wait();
            beside(secret);
        });
    });
}

/// Gives the secret content after content; the one before the current may still be in use.
fn replace_often<H: Threaded>(host: &H, secret: &H::Secret) {
    for number in 0..REPLACEMENTS {
        let mut source = content(number);
        loop {
            match host.replace(secret, &mut source) {
                Ok(()) => break,
                Err(error) => assert_eq!(error, Error::Busy),
            }
            assert_eq!(source, content(number), "the refused source is untouched");
            thread::yield_now();
        }
    }
}

/// Runs `act` in several threads at once, each with a handle of its own, and says what they return.
fn at_once<H: Threaded, R: Send>(
    host: &H,
    act: impl Fn(H::Secret) -> R + Sync + Copy + Send,
) -> Vec<R> {
    let secret = host.create(&mut content(0)).unwrap();
    let start = &Barrier::new(USERS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..USERS)
            .map(|_| {
                let secret = host.share(&secret);
                scope.spawn(move || {
                    start.wait();
                    act(secret)
                })
            })
            .collect();
        drop(secret);
        threads.into_iter().map(|thread| thread.join().expect("a thread panicked")).collect()
    })
}

/// The case that the library we answer failed.
fn access_during_close<H: Threaded>(host: &H) {
    use_until_closed(host, |secret| {
        assert!(matches!(host.close(&secret), CloseOutcome::Wiped | CloseOutcome::Deferred));
    });
}

fn access_during_replacements<H: Threaded>(host: &H) {
    use_until_closed(host, |secret| {
        replace_often(host, &secret);
        host.close(&secret);
    });
}

fn access_during_rival_replacements<H: Threaded>(host: &H) {
    use_until_closed(host, |secret| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| replace_often(host, &secret));
            }
        });
        host.close(&secret);
    });
}

fn one_of_many_closers_closes<H: Threaded>(host: &H) {
    let outcomes = at_once(host, |secret| host.close(&secret));
    let closers = outcomes.iter().filter(|outcome| **outcome != CloseOutcome::Already);
    assert_eq!(closers.collect::<Vec<_>>(), [&CloseOutcome::Wiped]);
}

fn closers_inside_their_accesses_wait_for_none<H: Threaded>(host: &H) {
    let outcomes = at_once(host, |secret| {
        host.with_bytes(&secret, |bytes| {
            let outcome = host.close(&secret);
            assert_whole(bytes);
            outcome
        })
    });
    let closers = outcomes.iter().flatten().filter(|outcome| **outcome != CloseOutcome::Already);
    assert_eq!(closers.collect::<Vec<_>>(), [&CloseOutcome::Deferred]);
    assert!(outcomes.iter().all(|outcome| !outcome.is_err_and(|error| error != Error::Closed)));
}

fn closers_inside_their_local_accesses_wait_for_none<H: Threaded>(host: &H) {
    let outcomes = at_once(host, |secret| {
        let local = host.local(&secret);
        host.with_local_bytes(&local, |bytes| {
            let outcome = host.close(&secret);
            assert_whole(bytes);
            outcome
        })
    });
    let closers = outcomes.iter().flatten().filter(|outcome| **outcome != CloseOutcome::Already);
    assert_eq!(closers.collect::<Vec<_>>(), [&CloseOutcome::Deferred]);
    assert!(outcomes.iter().all(|outcome| !outcome.is_err_and(|error| error != Error::Closed)));
}

fn the_last_of_many_handles_ends_the_secret<H: Threaded>(host: &H) {
    at_once(host, |secret| {
        let local = host.local(&secret);
        drop(secret);
        host.with_local_bytes(&local, assert_whole).expect("nobody closes");
    });
}

/// A thread that has seen a content never sees an older one, by whichever handle; nor does it see any after it has
/// been refused.
fn local_handles_show_nothing_older_than_others<H: Threaded>(host: &H) {
    let number = |bytes: &[u8]| usize::from(bytes[0]);
    let secret = host.create(&mut [1; 8]).unwrap();
    let start = &Barrier::new(USERS + 1);
    thread::scope(|scope| {
        for _ in 0..USERS {
            let secret = host.share(&secret);
            scope.spawn(move || {
                let local = host.local(&secret);
                start.wait();
                loop {
                    let shared = host.with_bytes(&secret, number);
                    let later = host.with_local_bytes(&local, number);
                    let Ok(before) = shared else {
                        assert_eq!((shared, later), (Err(Error::Closed), Err(Error::Closed)));
                        break;
                    };
                    assert!(!later.is_ok_and(|later| later < before), "{later:?} after {before}");
                }
            });
        }
        start.wait();
        for number in 2..2 + REPLACEMENTS as u8 {
            while host.replace(&secret, &mut [number; 8]) == Err(Error::Busy) {
                thread::yield_now();
            }
        }
        host.close(&secret);
    });
}

/// Makes a test of each scenario on each kind of host.
macro_rules! on_every_host {
    ($($scenario:ident),* $(,)?) => {
        $(mod $scenario {
            #[test]
            fn on_the_heap() {
                super::on_every_heap(super::$scenario);
            }

            #[test]
            #[cfg(not(miri))]
            fn natively() {
                super::on_every_native(super::$scenario);
            }
        })*
    };
}

on_every_host![
    access_during_close,
    access_during_replacements,
    access_during_rival_replacements,
    one_of_many_closers_closes,
    closers_inside_their_accesses_wait_for_none,
    closers_inside_their_local_accesses_wait_for_none,
    local_handles_show_nothing_older_than_others,
    the_last_of_many_handles_ends_the_secret,
];

/// Runs `scenario` on a heap of each kind, and checks that each content was released once.
fn on_every_heap(scenario: fn(&Core<Heap>)) {
    for at_rest in WAYS {
        let host = Core(Heap::new(at_rest));
        for _ in 0..ROUNDS {
            scenario(&host);
            let (allocated, released) = host.0.counts();
            assert_eq!(released, allocated, "{at_rest:?}: one release for each content");
        }
    }
}

/// Runs `scenario` on native secrets of each level.
#[cfg(not(miri))]
fn on_every_native(scenario: fn(&Native)) {
    let guarded = Protection::Guarded { reprotect: Reprotect::Eager };
    for protection in [Protection::Locked, guarded, Protection::Encrypted] {
        let host = Native::new(Secret::builder().protection(protection));
        for _ in 0..ROUNDS {
            scenario(&host);
        }
    }
}

#[test]
fn accesses_while_idle_contents_become_unreadable() {
    let host = &Core(Heap::new(AtRest::Unreadable { eager: false }));
    for _ in 0..ROUNDS {
        use_until_closed(host, |secret| {
            let mut last = LastLook::default();
            for _ in 0..REPLACEMENTS {
                assert_ne!(secret.make_unreadable_if_idle(&mut last), Idleness::Closed);
                thread::yield_now();
            }
            host.close(&secret);
            assert_eq!(secret.make_unreadable_if_idle(&mut last), Idleness::Closed);
        });
        let (allocated, released) = host.0.counts();
        assert_eq!(released, allocated, "one release for each content");
    }
}

#[test]
fn a_forgotten_guard_delays_the_wipe_to_the_last_handle() {
    for at_rest in WAYS {
        let heap = Heap::new(at_rest);
        let secret = Core(heap.clone()).create(&mut content(0)).unwrap();
        mem::forget(secret.expose().unwrap());
        assert_eq!(secret.close(), CloseOutcome::Deferred);
        assert_eq!(heap.counts(), (1, 0));
        drop(secret);
        assert_eq!(heap.counts(), (1, 1));
    }
}

#[test]
fn a_forgotten_local_guard_delays_the_wipe_to_the_end_of_its_handle() {
    for at_rest in [AtRest::Readable, AtRest::PinOnly] {
        let heap = Heap::new(at_rest);
        let secret = Core(heap.clone()).create(&mut content(0)).unwrap();
        let local = secret.local();
        mem::forget(local.expose().unwrap());
        assert!(local.with_bytes(|bytes| bytes == content(0)).unwrap(), "it goes on, under pins");
        assert_eq!(secret.close(), CloseOutcome::Deferred);
        assert_eq!(heap.counts(), (1, 0));
        drop(local);
        assert_eq!(heap.counts(), (1, 1));
    }
}

/// The handles of a thread go when it ends, even those that it has left to its end.
#[test]
fn the_handles_of_threads_that_have_ended_delay_nothing() {
    thread_local! {
        static KEPT: RefCell<Option<LocalSecret<Heap>>> = const { RefCell::new(None) };
    }
    for at_rest in WAYS {
        let heap = Heap::new(at_rest);
        let secret = Core(heap.clone()).create(&mut content(0)).unwrap();
        thread::scope(|scope| {
            let read = || {
                let local = secret.local();
                local.with_bytes(assert_whole).unwrap();
                KEPT.set(Some(local));
            };
            let threads: Vec<_> = (0..USERS).map(|_| scope.spawn(read)).collect();
            threads.into_iter().for_each(|thread| thread.join().expect("a thread panicked"));
        });
        assert_eq!(secret.close(), CloseOutcome::Wiped, "{at_rest:?}");
        assert_eq!(heap.counts(), (1, 1), "{at_rest:?}");
    }
}

/// The heap, counting scratch, too.
#[cfg(not(miri))]
#[derive(Clone)]
struct Counting(Heap);

// SAFETY: all regions are the heap's, and none is readable at rest.
#[cfg(not(miri))]
unsafe impl Storage for Counting {
    type Region = <Heap as Storage>::Region;

    fn allocate(&self, len: usize) -> Result<Self::Region, Error> {
        self.0.allocate(len)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.0.relax(attempt)
    }
}

/// Contents that rest in a vault.
#[cfg(not(miri))]
struct Resting(Arc<Vault<Counting>>);

// SAFETY: the region is for this length; scratch is not asked for.
#[cfg(not(miri))]
unsafe impl Storage for Resting {
    type Region = EncryptedRegion<Counting>;

    fn allocate(&self, len: usize) -> Result<Self::Region, Error> {
        EncryptedRegion::new(Arc::clone(&self.0), len)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.0.storage().relax(attempt)
    }
}

/// Whoever rekeys last, no content stays under an older key, which would live on for it.
#[cfg(not(miri))]
#[test]
fn rival_rekeyings_leave_one_key() {
    const CONTENTS: usize = 8;
    let heap = Heap::new(AtRest::PinOnly);
    let random = |key: &mut [u8]| getrandom::fill(key).map_err(|_| Error::Random);
    let vault = Arc::new(Vault::new(Counting(heap.clone()), random).unwrap());
    let create = |number| {
        strongroom_core::Secret::new_in(Resting(Arc::clone(&vault)), &mut content(number)).unwrap()
    };
    let secrets: Vec<_> = (0..CONTENTS).map(create).collect();
    let live = || {
        let (allocated, released) = heap.counts();
        allocated - released
    };
    assert_eq!(live(), 1, "the key; contents are at rest");
    for round in 0..4 * ROUNDS {
        let start = &Barrier::new(USERS + 1);
        thread::scope(|scope| {
            for _ in 0..=USERS {
                scope.spawn(|| {
                    let key = vault.new_key(random).unwrap();
                    start.wait();
                    let rekeyed = vault.rekey(key).unwrap();
                    assert_eq!((rekeyed.moved, rekeyed.unmoved), (CONTENTS, 0));
                });
            }
        });
        assert_eq!(live(), 1, "an older key lives on after round {round}");
    }
    for (number, secret) in secrets.iter().enumerate() {
        assert_eq!(secret.ct_eq(&content(number)), Ok(true));
    }
}
