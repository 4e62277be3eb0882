//! Threads that do everything at once to shared secrets of all levels, with forks mixed in.
//!
//! 20 seconds, or what `STRONGROOM_SOAK_SECONDS` says: `cargo xtask soak --minutes N`.
#![cfg(all(target_os = "linux", not(strongroom_loom), not(miri)))]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{RwLock, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use strongroom::{CloseOutcome, Error, LocalSecret, Protection, Reprotect, Secret, rekey, stats};
use strongroom_tests::linux::child;

/// Threads that work on the secrets.
const WORKERS: usize = 4;
/// Secrets that they share.
const SHARED: usize = 24;
/// Handles of its own that a worker keeps.
const LOCAL: usize = 6;
/// The longest content; some are larger than any slot.
const LONGEST: usize = 6000;
/// Operations between two forks of one worker.
const BETWEEN_FORKS: usize = 1000;

const LEVELS: [Protection; 5] = [
    Protection::Locked,
    Protection::Guarded { reprotect: Reprotect::Eager },
    Protection::Guarded { reprotect: Reprotect::After(Duration::from_millis(1)) },
    Protection::Guarded { reprotect: Reprotect::After(Duration::from_millis(20)) },
    Protection::Encrypted,
];

/// What was done, so that a soak in which nothing succeeds is not a success.
#[derive(Default)]
struct Done {
    created: AtomicUsize,
    read: AtomicUsize,
    read_locally: AtomicUsize,
    copied: AtomicUsize,
    replaced: AtomicUsize,
    closed: AtomicUsize,
    refused: AtomicUsize,
    rekeyed: AtomicUsize,
    forked: AtomicUsize,
}

/// A content that tells by itself whether it is whole: every byte follows from the first and the
/// length.
fn content(rng: &mut Rng) -> Vec<u8> {
    let len = if rng.u8(..) < 200 { rng.usize(1..=64) } else { rng.usize(1..=LONGEST) };
    let first = rng.u8(1..);
    (0..len).map(|i| byte(first, len, i)).collect()
}

fn byte(first: u8, len: usize, i: usize) -> u8 {
    if i == 0 { first } else { first ^ (len as u8) ^ (i as u8).wrapping_mul(31) }
}

#[track_caller]
fn assert_whole(bytes: &[u8]) {
    let first = bytes[0];
    assert_ne!(first, 0, "zeros");
    let whole = bytes.iter().enumerate().all(|(i, found)| *found == byte(first, bytes.len(), i));
    assert!(whole, "torn content of {} bytes", bytes.len());
}

fn create(rng: &mut Rng) -> Secret {
    let mut source = content(rng);
    let level = LEVELS[rng.usize(..LEVELS.len())];
    let secret = Secret::builder().protection(level).build(&mut source).expect("there is memory");
    assert!(source.iter().all(|byte| *byte == 0), "the source is wiped");
    secret
}

/// Counts an operation that succeeded, or was refused because the secret is closed or busy.
#[track_caller]
fn count<T>(outcome: Result<T, Error>, done: &AtomicUsize, refused: &AtomicUsize) {
    let counter = match outcome {
        Ok(_) => done,
        Err(Error::Closed | Error::Busy) => refused,
        Err(error) => panic!("{error}"),
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

fn work(shared: &[RwLock<Secret>], done: &Done, end: Instant) {
    let mut rng = Rng::new();
    let mut buffer = vec![0; LONGEST];
    let mut operations = 0;
    let mut locals: Vec<LocalSecret> = Vec::new();
    while Instant::now() < end {
        let place = &shared[rng.usize(..shared.len())];
        let secret = place.read().expect("no worker panicked").clone();
        match rng.u8(..100) {
            0..20 => {
                if locals.len() == LOCAL {
                    locals.swap_remove(rng.usize(..LOCAL));
                }
                locals.push(secret.local());
                for local in &locals {
                    let read = local.with_bytes(|bytes| {
                        assert_whole(bytes);
                        if let Ok(inner) = local.expose() {
                            assert_whole(&inner);
                        }
                    });
                    count(read, &done.read_locally, &done.refused);
                }
            }
            20..40 => {
                let read = secret.with_bytes(|bytes| {
                    assert_whole(bytes);
                    if let Ok(inner) = secret.expose() {
                        assert_whole(&inner);
                    }
                });
                count(read, &done.read, &done.refused);
            }
            40..70 => {
                let copied = secret.copy_into(&mut buffer);
                if let Ok(len) = copied {
                    assert_whole(&buffer[..len]);
                }
                count(copied, &done.copied, &done.refused);
            }
            70..85 => {
                let replaced = secret.replace(&mut content(&mut rng));
                count(replaced, &done.replaced, &done.refused);
            }
            85..88 => {
                let closed = secret.with_bytes(|bytes| {
                    // Wiped at once if another content has taken the place of this one meanwhile.
                    assert_ne!(secret.close(), CloseOutcome::Overrun);
                    assert_whole(bytes);
                });
                count(closed, &done.closed, &done.refused);
                assert_eq!(secret.with_bytes(|_| ()), Err(Error::Closed));
            }
            88..98 => {
                *place.write().expect("no worker panicked") = create(&mut rng);
                done.created.fetch_add(1, Ordering::Relaxed);
            }
            98 => drop(stats()),
            _ if rng.u8(..) < 64 => {
                let rekeyed = rekey().expect("there is memory");
                assert_eq!(rekeyed.unmoved, 0, "nothing is corrupted");
                done.rekeyed.fetch_add(1, Ordering::Relaxed);
            }
            _ => assert_ne!(secret.close(), CloseOutcome::Overrun),
        }
        operations += 1;
        if operations % BETWEEN_FORKS == 0 {
            child::forked(|| in_child(shared, &secret, locals.pop())).finishes();
            done.forked.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What a forked child does: the inherited secrets are refused, new ones work.
fn in_child(shared: &[RwLock<Secret>], own: &Secret, local: Option<LocalSecret>) {
    if let Some(local) = local {
        assert_eq!(local.with_bytes(|_| ()), Err(Error::Forked));
        drop(local);
    }
    assert_eq!(own.local().with_bytes(|_| ()), Err(Error::Forked));
    for place in shared {
        let secret = match place.try_read() {
            Ok(secret) => secret.clone(),
            // Another thread of the parent held it.
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Poisoned(_)) => panic!("no worker panicked"),
        };
        assert_eq!(secret.with_bytes(|_| ()), Err(Error::Forked));
    }
    let mut buffer = [0xEE; LONGEST];
    assert_eq!(own.copy_into(&mut buffer), Err(Error::Forked));
    assert_eq!(own.replace(&mut [1, 2, 3]), Err(Error::Forked));
    own.close();
    for level in LEVELS {
        let new = Secret::builder().protection(level).build(&mut [7; 40]).expect("memory");
        new.with_bytes(|bytes| assert_eq!(bytes, [7; 40])).expect("a new secret works");
    }
}

#[test]
fn everything_at_once() {
    let seconds = std::env::var("STRONGROOM_SOAK_SECONDS");
    let seconds = seconds.map_or(20, |text| text.parse().expect("a number of seconds"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut rng = Rng::new();
    let shared: Vec<_> = (0..SHARED).map(|_| RwLock::new(create(&mut rng))).collect();
    let done = Done::default();
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| work(&shared, &done, end));
        }
    });
    drop(shared);

    let Done { created, read, read_locally, copied, replaced, closed, refused, rekeyed, forked } =
        done;
    for (what, counter) in [
        ("created", created),
        ("read", read),
        ("read locally", read_locally),
        ("copied", copied),
        ("replaced", replaced),
        ("closed", closed),
        ("refused", refused),
        ("rekeyed", rekeyed),
        ("forked", forked),
    ] {
        let count = counter.into_inner();
        println!("{what}: {count}");
        assert_ne!(count, 0, "nothing was ever {what}");
    }
    // The thread that makes pages unreadable may hold one for the moment of a look.
    let done = (0..1000).any(|_| {
        let left = stats();
        thread::sleep(Duration::from_millis(1));
        (left.locked, left.guarded, left.encrypted, left.deferred, left.overruns) == (0, 0, 0, 0, 0)
    });
    assert!(done, "something is left: {:?}", stats());
}
