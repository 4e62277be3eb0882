//! The families of operations in the component that ships, in wasmtime.
#![cfg(target_os = "linux")]

use std::fmt::Debug;

use strongroom_component_tests::functions::Instance;
use strongroom_component_tests::host::{Error, Handle, InWasmtime};
use strongroom_tests::conformance::Host;
use strongroom_tests::linux::child;
use strongroom_tests::operations::{Cost, Operations, assert_as_published};
use strongroom_tests::oracle::{search, search_by_comparing};
use strongroom_tests::residue::{Needle, search_process};

const ALGORITHMS: [&str; 3] = ["aes256-gcm", "chacha20-poly1305", "xchacha20-poly1305"];
const HMAC: &str = "hmac-sha512";
const HKDF: &str = "hkdf-sha256";
const ED25519: &str = "ed25519";
const AES_KW: &str = "aes-kw";

const CHEAP: Cost = Cost { memory_kib: 256, passes: 2, lanes: 1 };

/// Asserts that an operation was refused for this reason.
#[track_caller]
fn assert_refused<T: Debug>(outcome: Result<T, Error>, code: &str) {
    let refused = outcome.expect_err("this is to be refused");
    assert_eq!(InWasmtime::code(&refused), code, "{refused}");
}

#[test]
fn operations_are_as_published() {
    assert_as_published(&Instance::packed());
}

#[test]
fn what_an_aead_has_sealed_it_opens_and_nothing_that_was_changed() {
    let it = Instance::packed();
    for algorithm in ALGORITHMS {
        let key = it.random(32);
        let sealed = it.seal(&key, algorithm, b"plain", b"data").unwrap();
        assert_ne!(sealed, it.seal(&key, algorithm, b"plain", b"data").unwrap());
        assert_eq!(it.open(&key, algorithm, &sealed, b"data").unwrap(), b"plain");
        for position in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[position] ^= 1;
            assert_refused(it.open(&key, algorithm, &forged, b"data"), "not-authentic");
        }
        assert_refused(it.open(&key, algorithm, &sealed, b""), "not-authentic");
        assert_refused(it.unwrap_aead(&key, algorithm, &sealed, b""), "not-authentic");
        assert_refused(it.open(&it.random(32), algorithm, &sealed, b"data"), "not-authentic");
    }
}

#[test]
fn wrapped_secrets_come_back() {
    let it = Instance::packed();
    let (key, secret) = (it.random(32), it.random(32));
    let mut wrapped = it.wrap(&key, AES_KW, &secret).unwrap();
    let back = it.unwrap(&key, AES_KW, &wrapped).unwrap();
    assert!(it.equals(&back, &secret).unwrap());
    wrapped[3] ^= 1;
    assert_refused(it.unwrap(&key, AES_KW, &wrapped), "not-authentic");

    for algorithm in ALGORITHMS {
        let wrapped = it.wrap_aead(&key, algorithm, &secret, b"data").unwrap();
        let back = it.unwrap_aead(&key, algorithm, &wrapped, b"data").unwrap();
        assert!(it.equals(&back, &secret).unwrap());
    }
}

#[test]
fn secrets_are_equal_if_their_bytes_are() {
    let it = Instance::packed();
    let one = it.secret(b"the same");
    assert!(it.equals(&one, &one).unwrap());
    assert!(it.equals(&one, &it.secret(b"the same")).unwrap());
    assert!(!it.equals(&one, &it.secret(b"the sane")).unwrap());
    assert!(!it.equals(&one, &it.secret(b"the")).unwrap());
}

#[test]
fn passwords_are_of_their_alphabet() {
    let it = Instance::packed();
    let password = it.bytes(&it.password(b"0123", 1000).unwrap());
    assert_eq!(password.len(), 1000);
    for digit in b"0123" {
        assert!(password.contains(digit));
    }
    assert!(password.iter().all(|byte| b"0123".contains(byte)));
}

#[test]
fn wrong_sizes_are_an_error() {
    let it = Instance::packed();
    let (key, short) = (it.random(32), it.random(31));
    for algorithm in ALGORITHMS {
        assert_refused(it.seal(&short, algorithm, b"", b""), "wrong-size");
        assert_refused(it.open(&key, algorithm, &[0; 27], b""), "wrong-size");
        assert_refused(it.seal_with_nonce(&key, algorithm, &[0; 13], b"", b""), "wrong-size");
        assert_refused(it.open_with_nonce(&key, algorithm, &[0; 12], &[0; 15], b""), "wrong-size");
        assert_refused(it.wrap_aead(&short, algorithm, &key, b""), "wrong-size");
    }
    assert_refused(it.hkdf(&key, HKDF, b"", b"", 8161), "too-large");
    assert_refused(it.hkdf(&key, HKDF, b"", b"", 0), "empty");
    assert_refused(it.argon2id(&key, &[0; 7], CHEAP, 32), "wrong-size");
    assert_refused(it.argon2id(&key, &[0; 8], CHEAP, 3), "wrong-size");
    assert_refused(it.argon2id(&key, &[0; 8], Cost { lanes: 0, ..CHEAP }, 32), "wrong-size");
    assert_refused(it.sign(&short, ED25519, b""), "wrong-size");
    assert_refused(it.public_key(&short, ED25519), "wrong-size");
    assert_refused(it.verify(&[0; 31], ED25519, b"", &[0; 64]), "wrong-size");
    assert_refused(it.wrap(&key, AES_KW, &short), "wrong-size");
    assert_refused(it.wrap(&short, AES_KW, &key), "wrong-size");
    assert_refused(it.unwrap(&key, AES_KW, &[0; 25]), "wrong-size");
    assert_refused(it.password(b"aa", 8), "wrong-size");
}

/// The control is in `tests/operations/tests/contract.rs`: native code, for which there is no such rule,
/// is searched so.
#[test]
fn a_derived_secret_can_t_be_searched_byte_by_byte() {
    let it = Instance::packed();
    let key = it.random(32);
    let derive = |len| it.hkdf(&key, HKDF, b"salt", b"info", len);
    assert_refused(search(32, |len| it.hmac(&derive(len)?, "hmac-sha256", b"")), "wrong-size");
    let by_comparing =
        search_by_comparing(32, |guess| it.equals(&derive(guess.len())?, &it.secret(guess)));
    assert_refused(by_comparing, "wrong-size");
}

#[test]
fn nothing_short_that_it_has_not_given_is_handed_to_an_application() {
    let it = Instance::packed();
    let key = it.random(32);
    let algorithm = "aes256-gcm";
    for (len, fine) in [(1, false), (15, false), (16, true)] {
        let bytes = vec![9; len];
        let sealed = it.seal(&key, algorithm, &bytes, b"").unwrap();
        let attempts = [
            it.0.random(len),
            it.hkdf(&key, HKDF, b"", b"", len),
            it.argon2id(&key, b"somesalt", CHEAP, len),
            it.unwrap_aead(&key, algorithm, &sealed, b""),
        ];
        for (at, made) in attempts.into_iter().enumerate() {
            if fine {
                made.unwrap_or_else(|error| panic!("attempt {at}: {error}"));
            } else {
                assert_refused(made, "wrong-size");
            }
        }
        // What it has given itself has any length, but what couldn't be unwrapped isn't wrapped.
        let wrapped = it.wrap_aead(&key, algorithm, &it.secret(&bytes), b"");
        assert_eq!(wrapped.is_ok(), fine, "{len} bytes: {wrapped:?}");
    }
    for (alphabet, len, fine) in
        [(&b"01"[..], 111, false), (b"01", 112, true), (b"0123456789", 33, false)]
    {
        assert_eq!(it.password(alphabet, len).is_ok(), fine, "{len} of {}", alphabet.len());
    }
}

#[test]
fn work_over_the_limit_is_an_error() {
    let it = Instance::packed();
    let password = it.secret(b"password");
    for cost in [
        Cost { memory_kib: (128 << 10) + 1, ..CHEAP },
        Cost { memory_kib: u32::MAX, ..CHEAP },
        Cost { passes: 9, ..CHEAP },
        Cost { lanes: 17, ..CHEAP },
    ] {
        assert_refused(it.argon2id(&password, b"somesalt", cost, 32), "quota-exceeded");
    }
    let most = Cost { memory_kib: 128 << 10, passes: 1, lanes: 16 };
    it.argon2id(&password, b"somesalt", most, 32).expect("exactly as much as allowed");
}

#[test]
fn inputs_over_the_limit_are_an_error() {
    let it = Instance::packed();
    let key = it.random(32);
    let over = vec![7; (16 << 20) + 1];
    let algorithm = "aes256-gcm";
    let too_large = "too-large";
    assert_refused(it.hmac(&key, HMAC, &over), too_large);
    assert_refused(it.verify_hmac(&key, HMAC, b"", &over), too_large);
    assert_refused(it.seal(&key, algorithm, &over, b""), too_large);
    assert_refused(it.seal(&key, algorithm, b"", &over), too_large);
    assert_refused(it.open(&key, algorithm, &over, b""), too_large);
    assert_refused(it.seal_with_nonce(&key, algorithm, &over, b"", b""), too_large);
    assert_refused(it.open_with_nonce(&key, algorithm, &[0; 12], &over, b""), too_large);
    assert_refused(it.hkdf(&key, HKDF, &over, b"", 32), too_large);
    assert_refused(it.hkdf(&key, HKDF, b"", &over, 32), too_large);
    assert_refused(it.hkdf(&key, HKDF, b"", b"", usize::MAX), too_large);
    assert_refused(it.argon2id(&key, &over, CHEAP, 32), too_large);
    assert_refused(it.argon2id(&key, b"somesalt", CHEAP, usize::MAX), too_large);
    assert_refused(it.sign(&key, ED25519, &over), too_large);
    assert_refused(it.verify(&[0; 32], ED25519, &over, b""), too_large);
    assert_refused(it.unwrap_aead(&key, algorithm, &over, b""), too_large);
    assert_refused(it.wrap_aead(&key, algorithm, &key, &over), too_large);
    assert_refused(it.unwrap(&key, AES_KW, &over), too_large);
    assert_refused(it.password(&over, 8), too_large);
    assert_refused(it.password(b"ab", u64::MAX), too_large);
}

#[test]
fn nothing_is_sealed_that_could_not_be_opened() {
    let it = Instance::packed();
    let key = it.random(32);
    let algorithm = "aes256-gcm";
    let (limit, nonce, too_large) = (16 << 20, [0; 12], "too-large");
    let plain = vec![7; limit];

    let sealed = it.seal(&key, algorithm, &plain[..limit - 28], b"").expect("as many as allowed");
    assert_eq!(sealed.len(), limit);
    it.open(&key, algorithm, &sealed, b"").expect("exactly as many as allowed");
    assert_refused(it.seal(&key, algorithm, &plain[..limit - 27], b""), too_large);

    let sealed = it.seal_with_nonce(&key, algorithm, &nonce, &plain[..limit - 16], b"");
    let sealed = sealed.expect("as many as allowed");
    it.open_with_nonce(&key, algorithm, &nonce, &sealed, b"").expect("as many as allowed");
    let refused = it.seal_with_nonce(&key, algorithm, &nonce, &plain[..limit - 15], b"");
    assert_refused(refused, too_large);

    let secret = it.random(limit);
    assert_refused(it.wrap_aead(&key, algorithm, &secret, b""), too_large);
    assert_refused(it.wrap(&key, AES_KW, &secret), too_large);
}

#[test]
fn after_close_every_use_is_closed() {
    let it = Instance::packed();
    let (key, other) = (it.random(32), it.random(32));
    let algorithm = "chacha20-poly1305";
    let sealed = it.seal(&other, algorithm, b"plain", b"").unwrap();
    let wrapped = it.wrap(&other, AES_KW, &key).unwrap();
    it.0.close(&key);
    assert_refused(it.equals(&key, &other), "closed");
    assert_refused(it.equals(&other, &key), "closed");
    assert_refused(it.hmac(&key, HMAC, b""), "closed");
    assert_refused(it.verify_hmac(&key, HMAC, b"", b""), "closed");
    assert_refused(it.seal(&key, algorithm, b"", b""), "closed");
    assert_refused(it.open(&key, algorithm, &sealed, b""), "closed");
    assert_refused(it.seal_with_nonce(&key, algorithm, &[0; 12], b"", b""), "closed");
    assert_refused(it.open_with_nonce(&key, algorithm, &[0; 12], &[0; 16], b""), "closed");
    assert_refused(it.hkdf(&key, HKDF, b"", b"", 32), "closed");
    assert_refused(it.argon2id(&key, b"somesalt", CHEAP, 32), "closed");
    assert_refused(it.sign(&key, ED25519, b""), "closed");
    assert_refused(it.public_key(&key, ED25519), "closed");
    assert_refused(it.wrap_aead(&key, algorithm, &other, b""), "closed");
    assert_refused(it.wrap_aead(&other, algorithm, &key, b""), "closed");
    assert_refused(it.unwrap_aead(&key, algorithm, &sealed, b""), "closed");
    assert_refused(it.wrap(&key, AES_KW, &other), "closed");
    assert_refused(it.wrap(&other, AES_KW, &key), "closed");
    assert_refused(it.unwrap(&key, AES_KW, &wrapped), "closed");
}

/// Uses `key` in every way there is.
fn use_in_every_way(it: &Instance, key: &Handle) {
    let other = it.random(32);
    it.equals(key, &other).unwrap();
    let tag = it.hmac(key, HMAC, b"message").unwrap();
    assert!(it.verify_hmac(key, HMAC, b"message", &tag).unwrap());
    for algorithm in ALGORITHMS {
        let sealed = it.seal(key, algorithm, b"plain", b"").unwrap();
        assert_eq!(it.open(key, algorithm, &sealed, b"").unwrap(), b"plain");
    }
    it.hkdf(key, HKDF, b"salt", b"info", 32).unwrap();
    it.argon2id(key, b"somesalt", CHEAP, 32).unwrap();
    it.sign(key, ED25519, b"message").unwrap();
    it.public_key(key, ED25519).unwrap();
    let wrapped = it.wrap_aead(&other, "aes256-gcm", key, b"").unwrap();
    it.unwrap_aead(&other, "aes256-gcm", &wrapped, b"").unwrap();
    let wrapped = it.wrap(key, AES_KW, &other).unwrap();
    it.unwrap(key, AES_KW, &wrapped).unwrap();
    let wrapped = it.wrap(&other, AES_KW, key).unwrap();
    it.unwrap(&other, AES_KW, &wrapped).unwrap();
}

/// Searches the whole process, and so the component's linear memory, too: in a process of its own,
/// where nobody maps and unmaps meanwhile.
#[test]
fn nothing_is_left_of_a_key_whatever_it_was_used_for() {
    child::run("searched", || {
        let it = Instance::packed();
        let needle = Needle::random(32);
        let windows = || search_process(&[&needle]).expect("/proc is there").windows;
        let mut source = [0; 32];
        needle.unmask_into(&mut source);
        let key = it.0.create(&mut source).expect("there is memory");
        source.fill(0);
        let once = windows();
        assert_ne!(once, 0, "the control: the search sees the live key");

        use_in_every_way(&it, &key);
        assert_eq!(windows(), once, "the key alone, while it is open");
        it.0.close(&key);
        assert_eq!(windows(), 0, "after a close");
    })
    .finishes();
}

#[test]
fn nothing_is_left_of_a_plaintext_that_its_user_has_wiped() {
    child::run("searched", || {
        let it = Instance::packed();
        let needle = Needle::random(48);
        let windows = || search_process(&[&needle]).expect("/proc is there").windows;
        let key = it.random(32);
        let mut plain = [0; 48];
        for algorithm in ALGORITHMS {
            needle.unmask_into(&mut plain);
            let sealed = it.seal(&key, algorithm, &plain, b"").unwrap();
            plain.fill(0);
            assert_eq!(windows(), 0, "after sealing");
            let mut opened = it.open(&key, algorithm, &sealed, b"").unwrap();
            assert_ne!(windows(), 0, "the control: the search sees what was opened");
            opened.fill(0);
            assert_eq!(windows(), 0, "after opening and wiping");
        }
    })
    .finishes();
}
