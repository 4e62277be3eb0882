//! Sealed secrets: any number of them in hardly any locked memory, under a key that can be changed,
//! and told from what somebody has tampered with.
#![cfg(target_os = "linux")]

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::resource::Resource;
use strongroom::{Builder, Error, OnLockFailure, Protection, Secret, rekey, stats, trim};
use strongroom_tests::linux::blocks::{Blocks, watch};
use strongroom_tests::linux::calls::{Call, Supervisor, supervise};
use strongroom_tests::linux::{builders_of, child, limit, material, memory};

#[global_allocator]
static BLOCKS: Blocks = Blocks;

const UNREADABLE: Protection = Protection::Encrypted;

fn secret(builder: Builder, seed: u64, len: usize) -> Secret {
    builder.build(&mut material(seed, len)).expect("there is memory")
}

fn assert_holds(secret: &Secret, seed: u64, len: usize) {
    assert_eq!(secret.with_bytes(|bytes| bytes == material(seed, len)), Ok(true));
}

#[test]
fn a_million_secrets_work_with_64_kibibytes_to_lock() {
    child::run("a million", || {
        limit::locking(64 * 1024);
        let content = |number: u64| [number.to_le_bytes(); 4];
        let create = |number| {
            let builder = Secret::builder().protection(UNREADABLE);
            builder.build(content(number).as_flattened_mut()).expect("ordinary memory is there")
        };
        let secrets: Vec<_> = (0..1_000_000).map(create).collect();
        assert!(memory::locked_bytes() <= 64 * 1024);
        // Not all of them: unoptimised encryption takes its time.
        for (secret, number) in secrets.iter().zip(0..).step_by(29) {
            assert_eq!(
                secret.with_bytes(|bytes| bytes == content(number).as_flattened()),
                Ok(true)
            );
        }
    })
    .finishes();
}

#[test]
fn without_any_locked_memory_encrypting_fails_unless_it_may_degrade() {
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            limit::locking(0);
            let mut source = material(1, 32);
            let error = builder.build(&mut source).expect_err("the key has to be locked");
            assert!(matches!(error, Error::LockLimit { limit: Some(0), .. }), "{error:?}");
            assert_eq!(source, material(1, 32), "the source is untouched");
        })
        .finishes();
    }
    child::run("degrading", || {
        limit::locking(0);
        let secret =
            Secret::builder().protection(UNREADABLE).on_lock_failure(OnLockFailure::Degrade);
        let secret = secret.build(&mut material(1, 32)).expect("ordinary memory is there");
        assert_holds(&secret, 1, 32);
        assert!(!secret.protections().expect("it is open").locked);
    })
    .finishes();
}

/// Whether the pages that hold `secret` are locked, and what is told of it, while it is open.
fn locked_and_told(secret: &Secret) -> (bool, bool) {
    let open = secret.expose().expect("it opens");
    let mapping = memory::mapping_at(open.as_ptr()).expect("it is mapped");
    (memory::is_locked(&mapping), told_locked(secret))
}

fn told_locked(secret: &Secret) -> bool {
    secret.protections().expect("it is open").locked
}

#[test]
fn what_is_told_is_told_of_the_pages_in_which_the_plaintext_is() {
    for (kind, builder) in builders_of(UNREADABLE) {
        // That backing has no memory that isn't locked.
        if kind.ends_with("memfd_secret") {
            continue;
        }
        child::run(&kind, || {
            limit::locking(64 * 1024);
            let builder = builder.on_lock_failure(OnLockFailure::Degrade);
            let small = secret(builder, 1, 32);
            assert_eq!(locked_and_told(&small), (true, true));
            let rest: Vec<_> = (0..).map_while(|_| Secret::random(4000).ok()).collect();
            let large = secret(builder, 2, 25_000);
            assert!(!told_locked(&large), "it was put together in memory that isn't locked");
            assert_eq!(locked_and_told(&large), (false, false));
            assert!(!told_locked(&large), "it was last open there");
            assert!(told_locked(&small), "there was room enough for this one");
            drop(rest);
            assert_eq!(locked_and_told(&large), (true, true));
            assert!(told_locked(&large));
        })
        .finishes();
    }
}

#[test]
fn a_root_key_in_memory_that_is_not_locked_is_told_until_there_is_another() {
    child::run("a root key", || {
        limit::locking(0);
        let builder =
            Secret::builder().protection(UNREADABLE).on_lock_failure(OnLockFailure::Degrade);
        let early = secret(builder, 1, 32);
        assert_eq!(locked_and_told(&early), (false, false));
        limit::set(Resource::RLIMIT_MEMLOCK, 64 * 1024);
        let late = secret(builder, 2, 32);
        for secret in [&early, &late] {
            assert_eq!(locked_and_told(secret), (true, false), "the plaintext is, the key isn't");
        }
        let unlocked =
            |mapping: &_| memory::is_the_librarys(mapping) && !memory::is_locked(mapping);
        assert!(memory::mappings().iter().any(unlocked), "the kernel's books have it");
        rekey().expect("there is memory for a key");
        for secret in [&early, &late] {
            assert_eq!(locked_and_told(secret), (true, true));
        }
    })
    .finishes();
}

#[test]
fn whatever_others_take_each_secret_opens_and_changes_its_key() {
    const LENGTHS: [usize; 5] = [32, 100, 1000, 4000, 20_000];
    let auto = ("auto".to_owned(), Secret::builder().protection(UNREADABLE));
    for (kind, builder) in builders_of(UNREADABLE).into_iter().chain([auto]) {
        child::run(&kind, || {
            limit::locking(256 * 1024);
            let secrets = LENGTHS.map(|len| secret(builder, len as u64, len));
            let take_all = || {
                let mut taken = Vec::new();
                for len in [20_000, 4000, 1000, 32] {
                    let locked = builder.protection(Protection::Locked);
                    while let Ok(one) = locked.build(&mut material(0, len)) {
                        taken.push(one);
                    }
                }
                taken
            };
            let opens = || {
                for (secret, len) in secrets.iter().zip(LENGTHS) {
                    assert_holds(secret, len as u64, len);
                    secret.hmac_sha256(b"message").expect("what it takes is set aside");
                }
                assert_eq!(rekey().map(|rekeyed| (rekeyed.moved, rekeyed.unmoved)), Ok((5, 0)));
            };
            let _taken = take_all();
            opens();
            let _more = take_all();
            opens();
            // Nor does anything of it take a file, where memory is made of files.
            limit::set(Resource::RLIMIT_NOFILE, 0);
            opens();
            opens();
        })
        .finishes();
    }
}

/// Secrets that may degrade rest under another key than those that may not, in memory of one kind.
#[test]
fn whatever_others_take_two_vaults_change_their_keys_and_each_secret_opens() {
    for len in [32, 100, 1000, 9000] {
        for (kind, builder) in builders_of(UNREADABLE) {
            child::run(&format!("{len} bytes, {kind}"), || {
                limit::locking(64 * 1024);
                let degrading = builder.on_lock_failure(OnLockFailure::Degrade);
                let secrets = [builder, degrading].map(|builder| secret(builder, 1, len));
                let locked = builder.protection(Protection::Locked);
                let mut taken = Vec::new();
                for len in [4000, 1000, 32] {
                    taken.extend((0..).map_while(|_| locked.build(&mut material(0, len)).ok()));
                }
                let opens = || secrets.iter().for_each(|secret| assert_holds(secret, 1, len));
                opens();
                for _ in 0..3 {
                    assert_eq!(rekey().map(|rekeyed| (rekeyed.moved, rekeyed.unmoved)), Ok((2, 0)));
                    opens();
                }
                assert!(secrets.iter().all(told_locked));
            })
            .finishes();
        }
    }
}

#[test]
fn where_no_file_is_left_each_secret_opens_and_changes_its_key() {
    const LENGTHS: [usize; 3] = [32, 1000, 20_000];
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            let secrets = LENGTHS.map(|len| secret(builder, len as u64, len));
            limit::set(Resource::RLIMIT_NOFILE, 0);
            for _ in 0..2 {
                // What is kept for the next one, but not set aside, is gone.
                trim();
                for (secret, len) in secrets.iter().zip(LENGTHS) {
                    assert_holds(secret, len as u64, len);
                }
                assert_eq!(rekey().map(|rekeyed| (rekeyed.moved, rekeyed.unmoved)), Ok((3, 0)));
            }
        })
        .finishes();
    }
}

#[test]
fn an_access_at_the_lock_limit_fails_and_loses_nothing() {
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            limit::locking(64 * 1024);
            let secrets = [0, 1, 2].map(|seed| secret(builder, seed, 25_000));
            let [first, second] = [0, 1].map(|i| secrets[i].expose().expect("two fit"));
            let third = secrets[2].with_bytes(|_| unreachable!());
            assert!(matches!(third, Err::<(), _>(Error::LockLimit { .. })), "{third:?}");
            assert_eq!(*second, material(1, 25_000));
            drop((first, second));
            for (secret, seed) in secrets.iter().zip(0..) {
                assert_holds(secret, seed, 25_000);
            }
        })
        .finishes();
    }
}

#[test]
fn concurrent_readers_share_one_plaintext() {
    for (kind, builder) in builders_of(UNREADABLE) {
        let secret = secret(builder, 1, 32);
        let [first, second] = [(); 2].map(|()| secret.expose().expect("it is open"));
        assert_eq!(first.as_ptr(), second.as_ptr(), "{kind}");
        drop(first);
        assert_eq!(*second, material(1, 32), "{kind}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_told_and_nothing_else_is_lost() {
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            // A length of its own tells the block that the ciphertext is in.
            const LEN: usize = 1237;
            let other = secret(builder, 2, LEN);
            let mut tampered = None;
            let ciphertext = watch(LEN, || {
                let secret = Secret::builder().protection(UNREADABLE);
                tampered = Some(secret.random(LEN).expect("there is memory"));
            })
            .last();
            let tampered = tampered.expect("it was made");
            let whole = tampered.with_bytes(<[u8]>::to_vec).expect("nothing has been changed yet");
            // SAFETY: the block lives as long as the secret rests, and nobody uses it meanwhile.
            let flip = |bit: usize| unsafe { *ciphertext.wrapping_add(bit / 8) ^= 1 << (bit % 8) };
            for bit in (0..8 * LEN).step_by(7) {
                flip(bit);
                let read = tampered.with_bytes(|_| unreachable!());
                assert_eq!(read, Err::<(), _>(Error::Corrupted), "bit {bit}");
                flip(bit);
            }
            assert_eq!(tampered.ct_eq(&whole), Ok(true), "all bits are as they were");
            assert_holds(&other, 2, LEN);
            flip(0);
            tampered
                .replace(&mut material(3, LEN))
                .expect("a new content needs nothing of the old");
            assert_holds(&tampered, 3, LEN);
        })
        .finishes();
    }
}

#[test]
fn rekeying_keeps_every_secret() {
    child::run("rekey", || {
        let kinds = builders_of(UNREADABLE);
        let secrets: Vec<_> = (0..200)
            .map(|seed| secret(kinds[seed as usize % kinds.len()].1, seed, 1 + seed as usize))
            .collect();
        for _ in 0..3 {
            let open = secrets[199].expose().expect("it is open");
            let rekeyed = rekey().expect("there is memory for a key");
            assert_eq!((rekeyed.moved, rekeyed.unmoved), (200, 0));
            assert_eq!(*open, material(199, 200));
            drop(open);
            for (secret, seed) in secrets.iter().zip(0..) {
                assert_holds(secret, seed, 1 + seed as usize);
            }
        }
        drop(secrets);
        assert_eq!(stats().encrypted, 0);
        assert_eq!(rekey().map(|rekeyed| rekeyed.moved), Ok(0));
    })
    .finishes();
}

#[test]
fn rekeying_amid_everything_else_loses_nothing() {
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            let shared: Vec<_> = (0..20).map(|seed| secret(builder, seed, 100)).collect();
            let rekeying = AtomicBool::new(true);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        while rekeying.load(Ordering::Relaxed) {
                            for (secret, seed) in shared.iter().zip(0..) {
                                assert_holds(secret, seed, 100);
                                let _busy = secret.replace(&mut material(seed, 100));
                                drop(self::secret(builder, seed, 100));
                            }
                        }
                    });
                }
                for _ in 0..50 {
                    assert_eq!(rekey().map(|rekeyed| rekeyed.unmoved), Ok(0));
                }
                rekeying.store(false, Ordering::Relaxed);
            });
            for (secret, seed) in shared.iter().zip(0..) {
                assert_holds(secret, seed, 100);
            }
        })
        .finishes();
    }
}

#[test]
fn rekeying_at_the_lock_limit_fails_and_loses_nothing() {
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            limit::locking(64 * 1024);
            let secrets: Vec<_> = (0..10).map(|seed| secret(builder, seed, 32)).collect();
            let rest: Vec<_> = (0..).map_while(|_| Secret::random(4000).ok()).collect();
            match rekey() {
                // There may be room in what is locked already.
                Ok(rekeyed) => assert_eq!(rekeyed.moved + rekeyed.unmoved, 10),
                Err(error) => assert!(matches!(error, Error::LockLimit { .. }), "{error:?}"),
            }
            drop(rest);
            for (secret, seed) in secrets.iter().zip(0..) {
                assert_holds(secret, seed, 32);
            }
        })
        .finishes();
    }
}

/// Threads keep slots at hand for what they open next; nobody may be refused memory for their sake.
#[test]
fn slots_kept_at_hand_are_given_back_before_locking_fails() {
    for (kind, builder) in builders_of(UNREADABLE) {
        child::run(&kind, || {
            limit::locking(64 * 1024);
            let secrets: Vec<_> = (0..8).map(|seed| secret(builder, seed, 4000)).collect();
            let all_are_open = Barrier::new(secrets.len());
            thread::scope(|scope| {
                for secret in &secrets {
                    scope.spawn(|| secret.with_bytes(|_| all_are_open.wait()).expect("it opens"));
                }
            });
            drop(secrets);
            let len = 40 * 1024;
            let kept = memory::locked_bytes();
            assert!(kept + len > 64 * 1024, "{kept} bytes kept leave room enough");
            Secret::new(&mut material(9, len)).expect("what is kept makes room");
        })
        .finishes();
    }
}

/// Has the system give no random bytes for the second key, and those after it.
struct OneKey(usize);

impl Supervisor for OneKey {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        self.0 += usize::from(call.name == "getrandom");
        (self.0 > 1).then_some(libc::EIO)
    }
}

/// Secrets in different memory rest under different keys; when one of them can't be had, nothing moves.
#[test]
fn rekeying_changes_all_keys_or_none() {
    child::run("two vaults", || {
        let degrading = Secret::builder().on_lock_failure(OnLockFailure::Degrade);
        let builders = [Secret::builder(), degrading].map(|builder| builder.protection(UNREADABLE));
        let secrets = builders.map(|builder| secret(builder, 1, 1234));
        let moved = watch(1234, || assert_eq!(rekey().map(|rekeyed| rekeyed.moved), Ok(2)));
        assert_eq!(moved.dirty(), 2, "each leaves its old ciphertext");
        supervise(OneKey(0));
        let kept = watch(1234, || assert_eq!(rekey(), Err(Error::Random)));
        assert_eq!(kept.dirty(), 0);
        secrets.iter().for_each(|secret| assert_holds(secret, 1, 1234));
    })
    .finishes();
}
