//! Limits on memory are told by errors with the right figures, cost nothing that exists, and leak
//! nothing, however often they are reached.
#![cfg(target_os = "linux")]

use std::sync::mpsc;
use std::time::Duration;
use std::{fs, ptr};

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::Signal;
use procfs::process::MMPermissions;
use strongroom::{
    Backing, Builder, CloseOutcome, Error, LocalSecret, OnLockFailure, Protection, Secret,
    capabilities, stats,
};
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{
    AGES, GUARDED, GUARDED_AFTER_AGES, LEVELS, brief_builders, builders, builders_of, child, limit,
    material, memory, no_memfd_secret,
};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Builders of secrets that all rest in locked memory.
fn limited_builders() -> impl Iterator<Item = (String, Builder)> {
    let limited =
        |(level, name, builder)| (level != Protection::Encrypted).then_some((name, builder));
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
        assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Wiped));
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
fn no_page_below_the_limit_is_out_of_reach() {
    let page = capabilities().page_size;
    for (kind, builder) in builders_of(Protection::Locked) {
        for others in 1..=6 {
            child::run(&format!("{others} others, {kind}"), || {
                limit::locking(128 * KIB as u64);
                // Slabs of all sizes come, go, and are left empty.
                end(fill(builder, 32).0);
                let others: Vec<_> = (0..others)
                    .map(|number| create(builder, number, 20_000).expect("there is room"))
                    .collect();
                for len in [32, 64, 1000] {
                    let (secrets, error) = fill(builder, len);
                    assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
                    assert!(!secrets.is_empty(), "{error:?}");
                    assert!(memory::locked_bytes() + page > 128 * KIB, "{error:?}");
                    assert_hold(&secrets, len);
                    end(secrets);
                }
                assert_hold(&others, 20_000);
            })
            .finishes();
        }
    }
}

#[test]
fn one_page_has_room_for_everything_that_takes_no_page_of_its_own() {
    let page = capabilities().page_size;
    type Deed = fn(Builder) -> Result<(), Error>;
    let deeds: [(&str, Deed); 5] = [
        ("new", |builder| builder.build(&mut material(1, 32)).map(drop)),
        ("random", |builder| builder.random(32).map(drop)),
        ("password", |builder| builder.password(b"abcdef", 20).map(drop)),
        ("hkdf", |builder| {
            let key = builder.random(32)?;
            assert_eq!(key.hkdf_sha256(b"salt", b"info", 32)?.len(), Ok(32));
            Ok(())
        }),
        ("replace, read, mac", |builder| {
            let secret = builder.build(&mut material(1, 32))?;
            secret.replace(&mut material(2, 32))?;
            assert_eq!(secret.ct_eq(&material(2, 32)), Ok(true));
            let mut copy = [0; 32];
            assert_eq!(secret.copy_into(&mut copy), Ok(32));
            assert_eq!(copy.as_slice(), material(2, 32));
            secret.hmac_sha256(b"message").map(drop)
        }),
    ];
    for (level, kind, builder) in builders() {
        child::run(&kind, || {
            limit::locking(page as u64);
            for (name, deed) in deeds {
                let done = deed(builder);
                let two_pages = matches!(level, Protection::Guarded { .. });
                if two_pages && ["hkdf", "replace, read, mac"].contains(&name) {
                    let Err(Error::LockLimit { asked, locked, limit }) = done else {
                        panic!("{name}: {done:?}");
                    };
                    assert_eq!((asked, locked, limit), (page, page, Some(page)), "{name}");
                } else {
                    assert_eq!(done, Ok(()), "{name}");
                }
            }
        })
        .finishes();
    }
    child::run("all together", || {
        limit::locking(page as u64);
        let locked = Secret::builder().backing(Backing::Anonymous);
        let encrypted = locked.protection(Protection::Encrypted);
        let kept = [create(locked, 0, 32), create(encrypted, 1, 32)].map(Result::unwrap);
        let (more, error) = fill(locked, 32);
        assert!(matches!(error, Error::LockLimit { asked, .. } if asked == page), "{error:?}");
        assert!(more.len() >= 8, "{} more", more.len());
        assert_hold(&kept, 32);
        let moved = strongroom::rekey().expect("its room is never given away").moved;
        assert_eq!(moved, 1);
        assert_hold(&kept, 32);
        assert_hold(&more, 32);
    })
    .finishes();
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

/// Slots that threads keep for their next secrets are in nobody's use, be it of threads that have ended or of such
/// that do something else and are never asked.
#[test]
fn what_threads_keep_for_their_next_secrets_is_given_back_before_locking_fails() {
    const LENS: [usize; 4] = [32, 64, 128, 256];
    for (kind, builder) in builders_of(Protection::Locked) {
        child::run(&kind, || {
            let page = capabilities().page_size;
            limit::locking(16 * page as u64);
            let come_and_go = || {
                for len in LENS {
                    create(builder, 0, len).expect("there is room");
                }
            };
            std::thread::scope(|scope| {
                // As each looks for a place of its own, one that another keeps is not its first.
                scope.spawn(come_and_go).join().expect("it ends");
                let (kept, is_kept) = mpsc::channel();
                let (end, is_end) = mpsc::channel::<()>();
                scope.spawn(move || {
                    come_and_go();
                    kept.send(()).expect("somebody waits for this");
                    // Until the other end is dropped.
                    let _ = is_end.recv();
                });
                is_kept.recv().expect("it gets so far");
                // Without them, there would be room for five times three pages and no more.
                assert!(memory::locked_bytes() >= LENS.len() * page);
                let (secrets, error) = fill(builder, 3 * page - 16);
                assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
                assert_eq!(secrets.len(), 5);
                assert_eq!(memory::locked_bytes(), 15 * page);
                drop(end);
            });
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

/// Takes one mapping after the other until the process may have no more than `free` others.
fn take_mappings(free: usize) {
    let most = procfs::sys::vm::max_map_count().expect("/proc is there");
    let page = strongroom::capabilities().page_size;
    let wanted = usize::try_from(most).expect("it fits") - memory::mappings().len() - free;
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
fn without_a_free_file_auto_takes_ordinary_memory_and_tells() {
    if !memory::kernel_has_memfd_secret() {
        return no_memfd_secret();
    }
    child::run("files", || {
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the resource exists");
        limit::set(Resource::RLIMIT_NOFILE, 3);
        let ordinary = create(Secret::builder(), 0, 32).expect("no file is needed");
        let error = create(in_secret_memory(), 0, 32).expect_err("a file is needed for a moment");
        assert_eq!(error, Error::Os { call: "memfd_secret", code: libc::EMFILE });
        limit::set(Resource::RLIMIT_NOFILE, most);
        assert_is_ordinary_and_locked(&ordinary);
        let after = create(Secret::builder(), 0, 4000).expect("there are files again");
        assert!(after.protections().expect("it is open").memfd_secret);
    })
    .finishes();
}

fn in_secret_memory() -> Builder {
    Secret::builder().backing(Backing::MemfdSecret)
}

fn assert_is_ordinary_and_locked(secret: &Secret) {
    let protections = secret.protections().expect("it is open");
    assert!(protections.locked && !protections.memfd_secret, "{protections}");
    let mapping = secret.with_bytes(|bytes| memory::mapping_at(bytes.as_ptr()));
    let mapping = mapping.expect("it is open").expect("it is mapped");
    assert!(memory::is_locked(&mapping) && !memory::is_memfd_secret(&mapping), "{mapping:?}");
}

/// Makes a secret file of a page by hand.
fn make_secret_file() {
    // SAFETY: the call takes one integer and touches no memory.
    let file = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let file = i32::try_from(file).expect("descriptors are small");
    // SAFETY: the call takes integers and touches no memory.
    unsafe { libc::ftruncate(file, 4096) };
}

#[test]
fn no_file_is_made_that_would_be_killed_for() {
    if !memory::kernel_has_memfd_secret() {
        return no_memfd_secret();
    }
    child::run("without care", || {
        limit::set(Resource::RLIMIT_FSIZE, 0);
        make_secret_file();
    })
    .dies_of(Signal::SIGXFSZ);
    for limit in [0, 16 * KIB] {
        for (level_name, level) in LEVELS {
            child::run(&format!("{limit} bytes of file, {level_name}"), || {
                let builder = Secret::builder().protection(level);
                let before = create(builder, 0, 100_000).expect("there is memory");
                limit::set(Resource::RLIMIT_FSIZE, limit as u64);
                // Larger than what was kept of the one before.
                assert_holds(&before, 0, 100_000);
                for (number, len) in [32, 4000, 100_000].into_iter().enumerate() {
                    let secret = create(builder, number, len).expect("ordinary memory is there");
                    assert_holds(&secret, number, len);
                    if len > limit && level != Protection::Encrypted {
                        assert_is_ordinary_and_locked(&secret);
                    }
                }
                let refused = create(in_secret_memory().protection(level), 0, 100_000);
                let error = refused.expect_err("it can't be tried");
                assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
                assert!(error.to_string().contains("RLIMIT_FSIZE"), "{error}");
            })
            .finishes();
        }
    }
}

#[test]
fn no_call_is_tried_that_a_filter_would_kill_for() {
    let refused = [libc::SYS_memfd_secret, libc::SYS_pkey_alloc, libc::SYS_membarrier];
    for call in refused {
        child::run(&format!("call {call} without care"), || {
            limit::calls(&refused);
            // SAFETY: the calls take integers and touch no memory.
            unsafe { libc::syscall(call, 0, 0) };
        })
        .dies_of(Signal::SIGSYS);
    }
    for (name, level) in LEVELS {
        child::run(name, || {
            let builder = Secret::builder().protection(level);
            let before = create(builder, 0, 100_000).expect("there is memory");
            let local = before.local();
            limit::calls(&refused);
            assert_holds(&before, 0, 100_000);
            for _ in 0..2 {
                let reads = |local: LocalSecret| local.with_bytes(|bytes| bytes.len());
                assert_eq!(reads(before.local()), Ok(100_000));
                before.replace(&mut material(0, 100_000)).expect("there is memory");
                assert_eq!(local.with_bytes(|bytes| bytes.len()), Ok(100_000));
            }
            for (number, len) in [32, 4000, 200_000].into_iter().enumerate() {
                let secret = create(builder, number, len).expect("ordinary memory is there");
                assert_holds(&secret, number, len);
                if len > 100_000 && level != Protection::Encrypted {
                    assert_is_ordinary_and_locked(&secret);
                }
            }
            let capabilities = capabilities();
            assert!(capabilities.filtered_calls && !capabilities.memfd_secret);
            assert!(!capabilities.process_barrier);
        })
        .finishes();
    }
    child::run("from the first secret on", || {
        limit::calls(&refused);
        for (number, (_, level)) in LEVELS.into_iter().enumerate() {
            let builder = Secret::builder().protection(level);
            let secret = create(builder, number, 32).expect("ordinary memory is there");
            assert_is_ordinary_and_locked(&secret);
            assert_holds(&secret, number, 32);
        }
    })
    .finishes();
}

/// Nobody can know any more what idle local handles do, so each has to be used or dropped first.
#[test]
fn where_a_filter_comes_later_contents_wait_for_local_handles() {
    if !capabilities().process_barrier {
        let why = "the system has no `membarrier`, or a filter decides on calls";
        return not_shown("the loss of a barrier", why, "it takes Linux 4.14");
    }
    let ways: [(&str, fn(LocalSecret)); 2] = [
        ("used", |local| {
            assert_eq!(local.with_bytes(|_| ()), Err(Error::Closed));
            std::mem::forget(local);
        }),
        ("dropped", drop),
    ];
    for (way, end) in ways {
        child::run(way, || {
            let secret = create(Secret::builder(), 0, 32).expect("there is memory");
            let local = secret.local();
            assert_eq!(local.with_bytes(|bytes| bytes.len()), Ok(32));
            limit::calls(&[libc::SYS_membarrier]);
            assert_eq!(secret.close(), CloseOutcome::Deferred);
            assert_eq!(secret.close_and_wait(Duration::ZERO), Err(Error::Timeout));
            end(local);
            assert_eq!(secret.close_and_wait(AGES), Ok(CloseOutcome::Already));
        })
        .finishes();
    }
}

/// Has all pages that are mapped from now on be locked.
fn lock_all_from_now_on() {
    // SAFETY: the call takes an integer and changes no content.
    let locked = unsafe { libc::mlockall(libc::MCL_FUTURE) };
    assert_eq!(locked, 0, "{}", std::io::Error::last_os_error());
}

#[test]
fn where_all_that_is_mapped_is_locked_the_limit_is_told_as_one() {
    for (kind, builder) in limited_builders() {
        for len in [1000, 4000, 20_000] {
            child::run(&format!("{len} bytes, {kind}"), || {
                limit::heaps();
                let _room = limit::room_on_the_heap();
                limit::locking(MIB as u64);
                lock_all_from_now_on();
                let (mut secrets, error) = fill(builder, len);
                assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
                assert!(stats().locked_bytes > MIB / 3, "{} secrets", secrets.len());
                assert_hold(&secrets, len);

                end(secrets.drain(1..));
                // What those have left is given back for pages of another size.
                let other = if len == 1000 { 20_000 } else { 1000 };
                let (others, error) = fill(builder, other);
                assert!(matches!(error, Error::LockLimit { .. }), "{error:?}");
                assert!(stats().locked_bytes > MIB / 3, "{} secrets", others.len());
                assert_hold(&others, other);
                assert_hold(&secrets, len);
            })
            .finishes();
        }
    }
}

/// The thread that makes pages unreadable takes all it needs before it runs: what is taken meanwhile by others can't
/// keep it from that.
#[test]
fn where_all_that_is_mapped_is_locked_a_thread_starts_or_is_an_error() {
    for pages in 1..64 {
        child::run(&format!("{pages} pages"), || {
            limit::heaps();
            let _room = limit::room_on_the_heap();
            let locked = create(Secret::builder(), 0, 32).expect("there is memory");
            let limit = memory::locked_bytes() + pages * capabilities().page_size;
            limit::locking(limit as u64);
            lock_all_from_now_on();
            match create(Secret::builder().protection(GUARDED_AFTER_AGES), 1, 32) {
                Ok(secret) => assert_holds(&secret, 1, 32),
                Err(Error::LockLimit { .. } | Error::Os { call: "creating a thread", .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
            let others = fill(Secret::builder(), 4000).0;
            // For the thread to run, if there is one.
            std::thread::sleep(std::time::Duration::from_millis(2));
            assert_hold(&others, 4000);
            assert_holds(&locked, 0, 32);
        })
        .finishes();
    }
}

#[test]
fn where_all_that_is_mapped_is_locked_degrading_is_still_a_choice() {
    for (name, level) in LEVELS {
        child::run(name, || {
            limit::heaps();
            let _room = limit::room_on_the_heap();
            limit::locking(MIB as u64);
            lock_all_from_now_on();
            // The thread that makes pages unreadable has a stack, which can't be had any more at the limit.
            create(Secret::builder().protection(level), 0, 32).expect("there is memory");
            let locked: Vec<_> = [20_000, 1000].map(|len| fill(Secret::builder(), len).0).into();
            let degrading =
                Secret::builder().protection(level).on_lock_failure(OnLockFailure::Degrade);
            for (number, len) in [32, 4000, 20_000].into_iter().enumerate() {
                let secret = create(degrading, number, len).expect("ordinary memory is there");
                assert_holds(&secret, number, len);
                // What is set aside for encrypted ones is locked, and serves these as well.
                if level == Protection::Encrypted {
                    continue;
                }
                let protections = secret.protections().expect("it is open");
                assert!(!protections.locked, "{protections}");
                let mapping = secret.with_bytes(|bytes| memory::mapping_at(bytes.as_ptr()));
                assert!(!memory::is_locked(&mapping.expect("it is open").expect("it is mapped")));
            }
            assert_hold(&locked[0], 20_000);
        })
        .finishes();
    }
}

/// Lets this process have no more data than it has.
fn stop_data() {
    let this = procfs::process::Process::myself().expect("/proc is there");
    let kilobytes = this.status().expect("status can be read").vmdata.expect("a user process");
    limit::set(Resource::RLIMIT_DATA, kilobytes * 1024);
}

#[test]
fn at_the_limit_of_data_guarded_secrets_open_and_end() {
    child::run("without care", || {
        limit::heaps();
        let _room = limit::room_on_the_heap();
        let len = 64 * KIB;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: no address is given.
        let at = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
        // SAFETY: these are the pages just mapped, in nobody's use.
        let protect = |protection| unsafe { libc::mprotect(at, len, protection) };
        assert_eq!(protect(libc::PROT_NONE), 0);
        stop_data();
        assert_ne!(protect(protection), 0, "what can't be accessed is no data, until it can again");
    })
    .finishes();
    for level in [GUARDED, GUARDED_AFTER_AGES] {
        for (kind, builder) in builders_of(level) {
            child::run(&kind, || {
                limit::heaps();
                let _room = limit::room_on_the_heap();
                let mut secrets: Vec<_> = (0..20)
                    .map(|number| create(builder, number, 20_000).expect("there is memory"))
                    .collect();
                stop_data();
                assert_hold(&secrets, 20_000);
                let mut source = material(20, 20_000);
                match secrets[0].replace(&mut source) {
                    // Secret memory is no data at all.
                    Ok(()) => {}
                    Err(error) => {
                        assert!(matches!(error, Error::OutOfMemory { .. }), "{error:?}");
                        assert_eq!(source, material(20, 20_000), "the source is untouched");
                        assert_hold(&secrets, 20_000);
                    }
                }
                end([secrets.remove(0)]);
                drop(secrets);
            })
            .finishes();
        }
    }
}

#[test]
fn at_the_limit_of_data_what_is_too_large_to_encrypt_is_an_error() {
    for (kind, builder) in builders_of(Protection::Encrypted) {
        child::run(&kind, || {
            limit::heaps();
            let _room = limit::room_on_the_heap();
            let before = create(builder, 0, 32).expect("there is memory");
            let mut source = material(1, 4 * MIB);
            stop_data();
            let error = builder.build(&mut source).expect_err("there is no room for a ciphertext");
            // Or none for the pages to put it together in.
            let is_told = matches!(error, Error::OutOfMemory { asked } if asked >= 4 * MIB);
            assert!(is_told, "{error:?}");
            assert_eq!(source[..16], material(1, 16), "the source is untouched");
            assert_holds(&before, 0, 32);
        })
        .finishes();
    }
}

#[test]
fn what_the_machine_has_not_got_is_refused_before_it_is_touched() {
    const TEBIBYTE: usize = 1 << 40;
    for (_, kind, builder) in builders() {
        child::run(&kind, || {
            // Should it be touched after all, this is what the kernel is to end.
            fs::write("/proc/self/oom_score_adj", "1000").expect("one may offer oneself");
            let on_lock_failure = [OnLockFailure::Fail, OnLockFailure::Degrade];
            for builder in on_lock_failure.map(|choice| builder.on_lock_failure(choice)) {
                let error = builder.random(TEBIBYTE).expect_err("there is no such memory");
                assert!(
                    matches!(error, Error::OutOfMemory { asked } if asked >= TEBIBYTE),
                    "{error:?}"
                );
            }
            let secret = create(builder, 0, 2 * MIB).expect("there is so much");
            assert_holds(&secret, 0, 2 * MIB);
        })
        .finishes();
    }
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
