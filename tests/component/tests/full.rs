//! Where nothing is left, of memory or of handles, the component says so.
#![cfg(target_os = "linux")]

use std::fmt::Debug;

use strongroom_component_tests::functions::{Bytes, Instance, Made};
use strongroom_component_tests::host::{Error, Handle, InWasmtime};
use strongroom_tests::conformance::Host;
use strongroom_tests::operations::{Cost, Operations};
use wasmtime::{Engine, StoreLimitsBuilder};

/// What the component has to begin with, and half as much again.
const MEMORY: usize = 3 << 20;

const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

fn limited() -> Instance {
    Instance::limited(&Engine::default(), StoreLimitsBuilder::new().memory_size(MEMORY).build())
}

/// Asserts that nothing but memory is missing, if anything is.
#[track_caller]
fn assert_done_or_no_memory<T: Debug>(outcome: Result<T, Error>) {
    if let Err(error) = outcome {
        assert!(matches!(error, Error::OutOfMemory), "{error:?}");
    }
}

/// Makes secrets until there is no memory for one more.
fn fill(make: impl Fn(usize) -> Made) -> Vec<Handle> {
    let mut made = Vec::new();
    loop {
        match make(made.len()) {
            Ok(secret) => made.push(secret),
            Err(error) => {
                assert!(matches!(error, Error::OutOfMemory), "{error:?}");
                return made;
            }
        }
    }
}

/// Calls every function there is with small arguments. None traps, or this panics.
fn use_in_every_way(it: &Instance, key: &Handle) {
    let made: [Made; 5] = [
        it.0.random(32),
        it.password(b"0123456789abcdef", 32),
        it.hkdf(key, "hkdf-sha256", b"salt", b"info", 32),
        it.argon2id(key, b"somesalt", CHEAP, 32),
        it.clone_of(key),
    ];
    made.into_iter().for_each(assert_done_or_no_memory);
    assert_done_or_no_memory(it.0.create(&mut [1; 100]));
    assert_done_or_no_memory(it.0.replace(key, &mut [1; 32]));
    assert_done_or_no_memory(it.equals(key, key));
    assert_done_or_no_memory(it.0.reveal(key));
    for algorithm in ["hmac-sha256", "hmac-sha384", "hmac-sha512"] {
        let tag: Bytes = it.hmac(key, algorithm, &[7; 1000]);
        assert_done_or_no_memory(tag);
        assert_done_or_no_memory(it.verify_hmac(key, algorithm, b"message", &[0; 32]));
    }
    for algorithm in ["aes256-gcm", "chacha20-poly1305", "xchacha20-poly1305"] {
        assert_done_or_no_memory(it.seal(key, algorithm, &[7; 1000], b"data"));
        let wrapped = it.wrap_aead(key, algorithm, key, b"");
        if let Ok(wrapped) = &wrapped {
            assert_done_or_no_memory(it.open(key, algorithm, wrapped, b""));
            assert_done_or_no_memory(it.unwrap_aead(key, algorithm, wrapped, b""));
        }
        assert_done_or_no_memory(wrapped);
    }
    // A refusal in words takes memory, too.
    let short = it.seal_with_nonce(key, "aes256-gcm", &[0; 11], b"", b"");
    assert!(matches!(short, Err(Error::WrongSize(_) | Error::OutOfMemory)), "{short:?}");
    assert_done_or_no_memory(it.public_key(key, "ed25519"));
    assert_done_or_no_memory(it.sign(key, "ed25519", b"message"));
    let wrapped = it.wrap(key, "aes-kw", key);
    if let Ok(wrapped) = &wrapped {
        assert_done_or_no_memory(it.unwrap(key, "aes-kw", wrapped));
    }
    assert_done_or_no_memory(wrapped);
}

/// Without a reserve each of these ends in a trap.
#[test]
fn in_a_full_memory_every_function_ends_without_a_trap() {
    let ways: [(&str, &dyn Fn(&Instance, &Handle, usize) -> Made); 6] = [
        ("small random ones", &|it, _, _| it.0.random(16)),
        ("random ones of all sizes", &|it, _, n| it.0.random(16 + n * 977 % 40_000)),
        ("given ones", &|it, _, n| it.0.create(&mut vec![1; 1 + n % 3000])),
        ("derived ones", &|it, key, n| it.hkdf(key, "hkdf-sha256", b"", b"", 16 + n % 500)),
        ("passwords", &|it, _, n| it.password(b"0123456789", 34 + n as u64 % 100)),
        ("clones and secrets", &|it, key, n| match n % 2 {
            0 => it.clone_of(key),
            _ => it.0.random(64),
        }),
    ];
    for (way, make) in ways {
        println!("{way}");
        let it = limited();
        let key = it.random(32);
        let mut made = fill(|n| make(&it, &key, n));
        assert!(made.len() > 40, "{way}: {} until memory was full", made.len());
        for _ in 0..3 {
            use_in_every_way(&it, &key);
        }
        // The last bytes are taken by what is smallest.
        made.extend(fill(|_| it.0.create(&mut [1])));
        use_in_every_way(&it, &key);
        assert!(it.equals(&key, &key).expect("the key is still there"));

        // What is given back can be had again.
        let again = made.len() / 2;
        made.truncate(made.len() - again);
        let mut back = fill(|n| make(&it, &key, n));
        assert!(!back.is_empty(), "{way}: nothing after {again} were dropped");
        use_in_every_way(&it, &key);
        back.clear();
        made.clear();
        it.0.random(100_000).expect("there is room again for a large one");
    }
}

#[test]
fn handles_end_before_wasmtime_s_do() {
    let it = Instance::packed();
    let key = it.random(32);
    let mut handles = Vec::new();
    let refused = loop {
        match it.clone_of(&key) {
            Ok(handle) => handles.push(handle),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::QuotaExceeded), "{refused:?}");
    // With the key's.
    assert_eq!(handles.len() + 1, 65_536);
    assert_eq!(
        InWasmtime::code(&it.0.random(32).expect_err("no handle is left")),
        "quota-exceeded"
    );
    handles.pop();
    it.0.random(32).expect("one is");
}
