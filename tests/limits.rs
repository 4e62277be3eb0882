//! Limits on memory are told by errors with the right figures, cost nothing that exists, and leak
//! nothing, however often they are reached.
#![cfg(target_os = "linux")]

use std::ptr;

use nix::sys::resource::{Resource, getrlimit};
use procfs::process::MMPermissions;
use strongroom::{Builder, Closed, Error, OnLockFailure, Protection, Secret};
use strongroom_tests::linux::{
    AGES, brief_builders, builders, builders_of, child, limit, material, memory,
};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Builders of secrets that all rest in locked memory.
fn limited_builders() -> impl Iterator<Item = (String, Builder)> {
    let limited = |(level, name, builder)| (level != Protection::Sealed).then_some((name, builder));
    builders().into_iter().filter_map(limited)
}

fn create(builder: Builder, number: usize, len: usize) -> Result<Secret, Error> {
    let mut source = material(number as u64, len);
    let created = builder.build(&mut source);
    match created {
        Ok(_) => assert!(source.iter().all(|byte| *byte == 0), "the source is wiped"),
        Err(_) => assert_eq!(source, material(number as u64, len), "the source is untouched"),
    }
    created
}

/// Creates secrets of `len` bytes until there is an error.
fn fill(builder: Builder, len: usize) -> (Vec<Secret>, Error) {
    let mut secrets = Vec::new();
    loop {
        match create(builder, secrets.len(), len) {
            Ok(secret) => secrets.push(secret),
            Err(error) => return (secrets, error),
        }
    }
}

/// Ends secrets in their order, each before the next, whichever thread wipes them: so it is the same
/// pages each time that are kept for later, and have the same neighbours.
fn end(secrets: impl IntoIterator<Item = Secret>) {
    for secret in secrets {
        assert_eq!(secret.close_and_wait(AGES), Ok(Closed::Wiped));
    }
}

fn assert_holds(secret: &Secret, number: usize, len: usize) {
    assert_eq!(secret.ct_eq(&material(number as u64, len)), Ok(true), "secret {number}");
}

fn assert_hold(secrets: &[Secret], len: usize) {
    secrets.iter().enumerate().for_each(|(number, secret)| assert_holds(secret, number, len));
}

#[test]
fn at_the_lock_limit_creating_fails_and_all_else_goes_on() {
    for (kind, builder) in limited_builders() {
        for limit in [0, 64 * KIB, 8 * MIB] {
            for len in [32, 4096, 20_000] {
                child::run(&format!("{limit} to lock, {len} bytes, {kind}"), || {
                    limit::locking(limit as u64);
                    let (mut secrets, error) = fill(builder, len);
                    let Error::LockLimit { asked, locked, limit: told } = error else {
                        panic!("{error:?}");
                    };
                    assert_eq!(told, Some(limit));
                    assert_eq!(locked, memory::locked_bytes());
                    assert!(locked <= limit && locked + asked > limit, "{error:?}");
                    let text = error.to_string();
                    for figure in [asked, locked, limit] {
                        assert!(text.contains(&figure.to_string()), "{text}");
                    }
                    assert!(text.contains("ulimit -l"), "{text}");

                    assert_hold(&secrets, len);
                    let Some(secret) = secrets.pop() else {
                        assert_eq!(limit, 0);
                        return;
                    };
                    end([secret]);
                    let number = secrets.len();
                    secrets.push(create(builder, number, len).expect("there is room for one"));
                    assert_hold(&secrets, len);
                })
                .finishes();
            }
        }
    }
}

#[test]
fn locks_of_others_count_too() {
    for (kind, builder) in limited_builders() {
        child::run(&kind, || {
            limit::locking(64 * KIB as u64);
            let others = vec![1_u8; 40 * KIB];
            // SAFETY: locking memory that one owns changes nothing in it.
            let locked = unsafe { libc::mlock(others.as_ptr().cast(), others.len()) };
            assert_eq!(locked, 0);
            let (secrets, error) = fill(builder, 4000);
            assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
            assert!(!secrets.is_empty());
        })
        .finishes();
    }
}

#[test]
fn degrading_is_chosen_and_told() {
    for limit in [0, 64 * KIB] {
        child::run(&format!("{limit} to lock"), || {
            limit::locking(limit as u64);
            let builder = Secret::builder();
            let (locked, _) = fill(builder, 4000);
            let degrading = builder.on_lock_failure(OnLockFailure::Degrade);
            for (number, len) in [32, 4000, 20_000].into_iter().enumerate() {
                create(builder, number, len).expect_err("without the choice it is an error");
                let secret = create(degrading, number, len).expect("ordinary memory is there");
                assert_eq!(secret.ct_eq(&material(number as u64, len)), Ok(true));

                let protections = secret.protections().expect("the secret is open");
                assert!(!protections.locked && !protections.memfd_secret);
                assert!(protections.to_string().contains("NOT locked"), "{protections}");
                let mapping = secret.with_bytes(|bytes| memory::mapping_at(bytes.as_ptr()));
                let flags = mapping.expect("it is open").expect("it is mapped").extension.vm_flags;
                assert!(!flags.contains(memory::LOCKED) && flags.contains(memory::NOT_DUMPED));
            }
            for secret in &locked {
                assert!(secret.protections().expect("it is open").locked);
            }
        })
        .finishes();
    }
}

#[test]
fn filling_up_and_freeing_again_and_again_leaks_nothing() {
    let brief = brief_builders().into_iter().map(|(_, kind, builder)| (kind, builder));
    for (kind, builder) in limited_builders().chain(brief) {
        child::run(&kind, || {
            limit::locking(128 * KIB as u64);
            let fill_and_free = || {
                for len in [32, 1000, 20_000] {
                    let (secrets, error) = fill(builder, len);
                    assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
                    assert_hold(&secrets, len);
                    end(secrets);
                }
            };
            limit::heaps();
            let _room = limit::room_on_the_heap();
            fill_and_free();
            let once = memory::usage();
            for _ in 1..100 {
                fill_and_free();
            }
            assert_eq!(memory::usage(), once);
        })
        .finishes();
    }
}

/// Bytes that this process can write, its heap among them.
fn writable() -> usize {
    let mappings = memory::mappings().into_iter();
    let writable = mappings.filter(|mapping| mapping.perms.contains(MMPermissions::WRITE));
    writable.map(|mapping| memory::range(&mapping).len()).sum()
}

#[test]
fn secrets_that_are_gone_take_no_memory() {
    for (_, kind, builder) in builders().into_iter().chain(brief_builders()) {
        child::run(&kind, || {
            let come_and_go = |times| {
                for number in 0..times {
                    let secret = create(builder, number, 32).expect("there is memory");
                    assert_holds(&secret, number, 32);
                }
            };
            limit::heaps();
            come_and_go(100);
            let before = writable();
            come_and_go(20_000);
            // 50 bytes of each would be a mebibyte.
            assert!(writable() < before + MIB, "{before} bytes, then {}", writable());
        })
        .finishes();
    }
}

#[test]
fn a_hundred_thousand_secrets_fit_into_eight_mebibytes_and_are_given_back() {
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            limit::locking(8 * MIB as u64);
            let secrets: Vec<_> =
                (0..100_000).map(|number| create(builder, number, 32).expect("it fits")).collect();
            let locked = memory::locked_bytes();
            assert!((3 * MIB..=8 * MIB).contains(&locked), "{locked} bytes are locked");
            assert_hold(&secrets, 32);
            drop(secrets);
            let locked = memory::locked_bytes();
            assert!(locked <= 64 * KIB, "{locked} bytes are still locked");
        })
        .finishes();
    }
}

#[test]
fn a_slab_that_cannot_be_locked_again_stays_readable() {
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            limit::locking(64 * KIB as u64);
            let (secrets, _) = fill(builder, 32);
            let addresses: Vec<_> = secrets
                .iter()
                .map(|secret| secret.with_bytes(|bytes| bytes.as_ptr()).expect("it is open"))
                .collect();
            drop(secrets);
            let (_others, _) = fill(builder, 64);
            let (_more, error) = fill(builder, 32);
            assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
            // `copy_into` may come so late that the slab is gone, and must be able to look.
            for address in addresses {
                // SAFETY: slots of a pool stay readable; whether they do is the question.
                unsafe { ptr::read_volatile(address) };
            }
        })
        .finishes();
    }
}

#[test]
fn no_more_address_space_is_an_error() {
    for (kind, builder) in limited_builders() {
        for len in [20_000, MIB] {
            child::run(&format!("{len} bytes, {kind}"), || {
                limit::heaps();
                let _room = limit::room_on_the_heap();
                let first = create(builder, 0, len).expect("there is memory");
                let mapped: usize = memory::mappings().iter().map(|m| memory::range(m).len()).sum();
                limit::set(Resource::RLIMIT_AS, (mapped + 8 * MIB) as u64);
                let (secrets, error) = fill(builder, len);
                assert!(matches!(error, Error::OutOfMemory { asked } if asked >= len), "{error:?}");
                assert!(!secrets.is_empty());
                assert_hold(&secrets, len);
                assert_eq!(first.ct_eq(&material(0, len)), Ok(true));
                end(secrets);
                create(builder, 0, len).expect("there is room for one");
            })
            .finishes();
        }
    }
}

/// Takes one mapping after the other until `spare` are left of those that the process may have.
fn take_mappings(spare: usize) {
    let most = procfs::sys::vm::max_map_count().expect("/proc is there");
    let page = strongroom::capabilities().page_size;
    let wanted = usize::try_from(most).expect("it fits") - memory::mappings().len() - spare;
    // Every second page with other rights, so that none becomes one with its neighbours.
    let len = wanted.next_multiple_of(2) * page;
    // SAFETY: no address is given.
    let all = unsafe {
        libc::mmap(
            ptr::null_mut(),
            len,
            libc::PROT_NONE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    assert_ne!(all, libc::MAP_FAILED);
    for page in (0..len).step_by(2 * page) {
        // SAFETY: within the pages just mapped, which nobody uses.
        let protected = unsafe { libc::mprotect(all.wrapping_byte_add(page), 1, libc::PROT_READ) };
        assert_eq!(protected, 0);
    }
}

#[test]
fn no_more_mappings_is_an_error() {
    for (kind, builder) in limited_builders() {
        for len in [4000, 20_000] {
            child::run(&format!("{len} bytes, {kind}"), || {
                let first = create(builder, 0, len).expect("there is memory");
                take_mappings(64);
                let (secrets, error) = fill(builder, len);
                assert!(matches!(error, Error::OutOfMemory { asked } if asked >= len), "{error:?}");
                assert!(error.to_string().contains("max_map_count"), "{error}");
                assert!(!secrets.is_empty());
                assert_hold(&secrets, len);
                assert_eq!(first.ct_eq(&material(0, len)), Ok(true));
                end(secrets);
                create(builder, 0, len).expect("there is room for one");
            })
            .finishes();
        }
    }
}

#[test]
fn no_more_files_is_no_reason_to_take_lesser_memory() {
    if !memory::kernel_has_memfd_secret() {
        eprintln!("this kernel has no memfd_secret, which is all that takes files");
        return;
    }
    child::run("files", || {
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the resource exists");
        limit::set(Resource::RLIMIT_NOFILE, 3);
        let error = create(Secret::builder(), 0, 32).expect_err("a file is needed for a moment");
        assert_eq!(error, Error::Os { call: "memfd_secret", code: libc::EMFILE });
        limit::set(Resource::RLIMIT_NOFILE, most);
        let after = create(Secret::builder(), 0, 32).expect("there are files again");
        assert!(after.protections().expect("it is open").memfd_secret);
    })
    .finishes();
}

#[test]
fn lengths_that_cannot_be_are_errors() {
    let most = isize::MAX as usize;
    for (_, _, builder) in builders() {
        assert_eq!(builder.build(&mut []).err(), Some(Error::Empty));
        assert_eq!(builder.random(0).err(), Some(Error::Empty));
        for len in [usize::MAX, most + 1, most, most - 4096] {
            let error = builder.random(len).expect_err("there is no such memory");
            assert!(matches!(error, Error::TooLarge { len: told, .. } if told >= len), "{error:?}");
        }
        let error = builder.random(1 << 62).expect_err("there is no such memory");
        assert!(matches!(error, Error::OutOfMemory { .. }), "{error:?}");
    }
}
