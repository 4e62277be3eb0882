//! Quotas count what secrets really take, and leave the host its share.

use std::sync::{Arc, Mutex};

use strongroom::{Builder, Protection, Reprotect, Secret, limits, usage};
use strongroom_tests::linux::lacking::not_shown;
use strongroom_tests::linux::{child, limit, material, memory};
use wasmtime_strongroom::provider::Named;
use wasmtime_strongroom::{CloseOutcome, Error, SecretCtxBuilder, Uses};

use crate::relay::App;

type Made = Result<u32, Error>;

const MIB: usize = 1 << 20;

const GUARDED: Builder =
    Secret::builder().protection(Protection::Guarded { reprotect: Reprotect::Eager });

/// Makes secrets of `len` bytes until that is refused, and says how many, and what the host is told.
fn fill(secrets: SecretCtxBuilder, len: usize) -> (App, usize, String) {
    let told = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&told);
    let secrets = secrets.audit(move |event| *last.lock().unwrap() = event.to_string()).build();
    let mut app = App::new(secrets);
    let bytes = material(1, len);
    for made in 0.. {
        match app.call::<_, Made>("from-bytes", (&bytes[..],)) {
            Ok(_) => {}
            Err(Error::QuotaExceeded) => {
                let told = told.lock().unwrap().clone();
                return (app, made, told);
            }
            Err(error) => panic!("after {made}: {error}, {}", told.lock().unwrap()),
        }
    }
    unreachable!("there are not so many numbers")
}

/// Without any quotas but that of handles.
fn unbounded() -> SecretCtxBuilder {
    let secrets = SecretCtxBuilder::new().max_bytes(usize::MAX).max_locked_bytes(usize::MAX);
    secrets.max_mappings(usize::MAX)
}

/// Lets this process lock whatever it likes, if it may decide that.
fn lock_without_limit() -> bool {
    let unlimited = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the pointer is to a local that outlives the call.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const unlimited) } == 0;
    if !set {
        let why = std::io::Error::last_os_error().to_string();
        not_shown("quotas of mappings", &why, "run the test as root, or raise ulimit -l");
    }
    set
}

#[test]
fn secrets_in_pages_of_their_own_leave_mappings() {
    for (name, memory, len) in
        [("a byte, guarded", GUARDED, 1), ("more than a slot has", Secret::builder(), 4097)]
    {
        child::run(name, || {
            if !lock_without_limit() {
                return;
            }
            let most = limits().mappings.expect("Linux tells");
            // By default, each has so many.
            let [(one, ..), (two, ..)] = [(), ()].map(|()| {
                let filled = fill(SecretCtxBuilder::new().memory(memory), len);
                let (_, made, told) = &filled;
                assert_eq!(*made, 4096 / memory.cost(len).mappings);
                assert!(told.contains("4095 are taken of 4096"), "{told}");
                assert!(told.contains("max_mappings"), "{told}");
                filled
            });
            assert!(memory::mappings().len() < most / 4);
            // And all together, whatever each may have.
            let (three, made, told) = fill(unbounded().memory(memory), len);
            assert!(made > 4096, "{made}");
            assert!(told.contains("mappings in this process"), "{told}");
            assert!(usage().mappings <= most - most / 4);
            assert!(memory::mappings().len() <= most - most / 4 + 500);

            // The process goes on.
            std::thread::spawn(|| ()).join().expect("a thread has mappings");
            let (four, made, _) = fill(SecretCtxBuilder::new().memory(memory), len);
            assert_eq!(made, 0);
            drop((one, two, three, four));
            let (_, made, _) = fill(SecretCtxBuilder::new().memory(memory), len);
            assert!(made > 1000, "{made}");
        })
        .finishes();
    }
}

#[test]
fn a_component_leaves_the_host_memory_to_lock() {
    const LIMIT: usize = 8 * MIB;
    let levels = [("locked", Secret::builder()), ("guarded", GUARDED)];
    for (name, memory) in levels {
        for len in [100, 4096, 4097, 300_000] {
            child::run(&format!("{name}, {len} bytes"), || {
                limit::locking(LIMIT as u64);
                let (mut app, made, told) = fill(SecretCtxBuilder::new().memory(memory), len);
                let cost = memory.cost(len);
                if cost.locked_bytes >= 4096 {
                    assert_eq!(made, LIMIT / 4 / cost.locked_bytes, "a quarter");
                    assert!(told.contains("max_locked_bytes"), "{told}");
                }
                // What one closes, another can have.
                if made > 0 {
                    let _: CloseOutcome = app.call("close", (1_u32,));
                    app.call::<_, Made>("from-bytes", (&material(1, len)[..],)).unwrap();
                }

                let unbounded = || unbounded().max_handles(usize::MAX).memory(memory);
                let others = [fill(unbounded(), len), fill(unbounded(), len)];
                let told = &others[0].2;
                assert!(told.contains("in this process") && told.contains("ulimit -l"), "{told}");
                assert!(told.contains(&(LIMIT - LIMIT / 4).to_string()), "{told}");
                let locked = memory::locked_bytes();
                assert!(locked <= LIMIT - LIMIT / 4, "{locked}");
                // With what it takes to put it together.
                let host_s = Secret::random(LIMIT / 8 - 4096).expect("the host has its share");
                drop(host_s);
            })
            .finishes();
        }
    }
    // What would happen without.
    child::run("nothing kept", || {
        limit::locking(LIMIT as u64);
        let mut app = App::new(unbounded().keep_for_host(0, 0).memory(GUARDED).build());
        while app.call::<_, Made>("from-bytes", (&b"x"[..],)).is_ok() {}
        let host_s = Secret::random(LIMIT / 8 - 4096);
        assert!(matches!(host_s.err(), Some(strongroom::Error::LockLimit { .. })));
    })
    .finishes();
}

#[test]
fn an_encrypted_secret_takes_what_it_is_read_in() {
    let secrets = || {
        let sealed = Secret::builder().protection(Protection::Encrypted);
        SecretCtxBuilder::new().memory(sealed).max_locked_bytes(8192).max_handles(100)
    };
    let (_, made, told) = fill(secrets(), 32);
    assert_eq!(made, 100, "each is opened by itself: {told}");
    let (_, made, told) = fill(secrets(), 8192);
    assert_eq!(made, 0, "with its marks, that are three pages: {told}");
    assert!(told.contains("12288 bytes of locked memory"), "{told}");
}

#[test]
fn a_replacement_is_charged_at_its_cost() {
    let page = strongroom::capabilities().page_size;
    let secrets = SecretCtxBuilder::new().memory(GUARDED).max_locked_bytes(3 * page);
    let mut app = App::new(secrets.build());
    let one = app.call::<_, Made>("random", (32_u64,)).unwrap();
    let two = vec![7_u8; page + 1];
    app.call::<_, Result<(), Error>>("replace", (one, &two[..])).unwrap();
    let three: Result<(), Error> = app.call("replace", (one, &two[..]));
    assert_eq!(three, Err(Error::QuotaExceeded), "both are there for a moment");
    app.call::<_, Result<(), Error>>("replace", (one, &two[..32])).unwrap();
    for _ in 0..2 {
        app.call::<_, Made>("random", (32_u64,)).unwrap();
    }
    assert_eq!(app.call::<_, Made>("random", (32_u64,)), Err(Error::QuotaExceeded));
}

#[test]
fn a_secret_of_the_host_s_is_charged_as_it_is_kept() {
    let key = GUARDED.random(32).unwrap();
    let secrets = |mappings| {
        let named = Named::new().with("key", key.clone());
        SecretCtxBuilder::new().provider(named).grant("key", Uses::MAC).max_mappings(mappings)
    };
    for (mappings, fits) in [(3, true), (2, false)] {
        let mut app = App::new(secrets(mappings).build());
        let got: Result<Option<u32>, Error> = app.call("get", ("key",));
        assert!(if fits { got.is_ok() } else { got == Err(Error::QuotaExceeded) }, "{got:?}");
    }
}
