//! No operation takes more work than Argon2id at its limit: counted, not timed.
#![cfg(target_os = "linux")]

use strongroom_component_tests::functions::Instance;
use strongroom_tests::conformance::Host;
use strongroom_tests::operations::{Cost, Operations};
use wasmtime::{Config, Engine, StoreLimits};

/// The most bytes of any argument.
const MAX_INPUT: usize = 16 << 20;

/// An instance whose instructions are counted.
fn counted() -> Instance {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("this engine counts");
    Instance::limited(&engine, StoreLimits::default())
}

#[test]
fn no_operation_takes_more_work_than_argon2id_at_its_limit() {
    let it = counted();
    let key = it.random(32);
    let most = Cost { memory_kib: 128 << 10, passes: 8, lanes: 16 };
    let (limit, derived) = it.0.work_of(|| it.argon2id(&key, b"somesalt", most, 32));
    derived.expect("exactly as much as allowed");

    let long = &vec![7; MAX_INPUT][..];
    let large = it.secret(long);
    let key_of_keys = it.secret(&vec![7; 65_536]);
    let alphabet: Vec<u8> = (0..=254).collect();
    let wrapped = it.wrap(&key, "aes-kw", &key_of_keys).expect("exactly as many as allowed");
    let operations: [(&str, &dyn Fn()); 13] = [
        ("password", &|| drop(it.password(&alphabet, 4096).unwrap())),
        ("random", &|| drop(it.0.random(MAX_INPUT).unwrap())),
        ("equals", &|| assert!(it.equals(&large, &large).unwrap())),
        ("hmac-sha256", &|| drop(it.hmac(&large, "hmac-sha256", long).unwrap())),
        ("hmac-sha512", &|| drop(it.hmac(&large, "hmac-sha512", long).unwrap())),
        ("hkdf-sha256", &|| {
            drop(it.hkdf(&large, "hkdf-sha256", long, &long[..65_536], 8160).unwrap());
        }),
        ("argon2id, long", &|| {
            let cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
            drop(it.argon2id(&large, long, cost, MAX_INPUT).unwrap());
        }),
        ("seal, aes256-gcm", &|| {
            drop(it.seal(&key, "aes256-gcm", &long[28..], long).unwrap());
        }),
        ("seal, xchacha20-poly1305", &|| {
            drop(it.seal(&key, "xchacha20-poly1305", &long[40..], long).unwrap());
        }),
        ("sign-ed25519", &|| drop(it.sign(&key, "ed25519", long).unwrap())),
        ("wrap-aes-kw", &|| drop(it.wrap(&key, "aes-kw", &key_of_keys).unwrap())),
        ("unwrap-aes-kw", &|| drop(it.unwrap(&key, "aes-kw", &wrapped).unwrap())),
        ("reveal", &|| drop(it.bytes(&large))),
    ];
    for (operation, run) in operations {
        let (work, ()) = it.0.work_of(run);
        println!("{operation}: {work} of {limit}");
        assert!(work <= limit, "{operation} takes {work} instructions, Argon2id {limit}");
    }
    // Of each limit, one more.
    assert!(it.password(&alphabet, 4097).is_err());
    assert!(it.hkdf(&key, "hkdf-sha256", b"", &long[..65_537], 32).is_err());
    assert!(it.wrap(&key, "aes-kw", &it.secret(&vec![7; 65_544])).is_err());
}
