//! The families of operations in the component that ships, in wasmtime.
#![cfg(all(target_os = "linux", not(strongroom_loom), not(miri)))]

#[path = "component_functions.rs"]
mod component_functions;
#[path = "component_host.rs"]
mod component_host;

use std::fmt::Debug;

use component_functions::Instance;
use component_host::bindings::exports::strongroom::secret::kdf::Argon2Cost;
use component_host::bindings::exports::strongroom::secret::types::AeadAlgorithm;
use component_host::{Error, Handle, InWasmtime};
use hex_literal::hex;
use strongroom_tests::conformance::Host;
use strongroom_tests::linux::child;
use strongroom_tests::residue::{Needle, search_process};

const ALGORITHMS: [AeadAlgorithm; 3] =
    [AeadAlgorithm::Aes256Gcm, AeadAlgorithm::Chacha20Poly1305, AeadAlgorithm::Xchacha20Poly1305];

const CHEAP: Argon2Cost = Argon2Cost { memory_kib: 256, passes: 2, lanes: 1 };

/// Asserts that an operation was refused for this reason.
#[track_caller]
fn assert_refused<T: Debug>(outcome: Result<T, Error>, code: &str) {
    let refused = outcome.expect_err("this is to be refused");
    assert_eq!(InWasmtime::code(&refused), code, "{refused}");
}

#[test]
fn hmac_sha512_is_that_of_rfc_4231() {
    let it = Instance::new();
    let key = it.secret(b"Jefe");
    let message = b"what do ya want for nothing?";
    let tag = it.hmac_sha512(&key, message).unwrap();
    let expected = hex!(
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    );
    assert_eq!(tag, expected);
    assert!(it.verify_hmac_sha512(&key, message, &tag).unwrap());
    assert!(!it.verify_hmac_sha512(&key, b"", &tag).unwrap());
    assert!(!it.verify_hmac_sha512(&key, message, &tag[..32]).unwrap());
}

/// NIST's gcmEncryptExtIV256.rsp, RFC 8439 and draft-irtf-cfrg-xchacha-03: algorithm, key, nonce,
/// associated data, plaintext, and of the ciphertext with its tag the last 32 bytes.
#[test]
fn aeads_are_those_of_their_standards() {
    let it = Instance::new();
    let sunscreen: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only \
        one tip for the future, sunscreen would be it.";
    let sunscreen_key: &[u8] =
        &hex!("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    let sunscreen_data: &[u8] = &hex!("50515253c0c1c2c3c4c5c6c7");
    let vectors: [(_, &[u8], &[u8], &[u8], &[u8], &[u8]); 3] = [
        (
            AeadAlgorithm::Aes256Gcm,
            &hex!("24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f"),
            &hex!("9ff18563b978ec281b3f2794"),
            &hex!("adb5ec720ccf9898500028bf34afccbcaca126ef"),
            &hex!(
                "27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86"
                "757accb158bd9abb3868fdc0d0b074b5f01b2c"
            ),
            &hex!("7ad55994cf59ad7f67c0fa5e85fab8bc95c532fecc594c36d1550286a7a3f0"),
        ),
        (
            AeadAlgorithm::Chacha20Poly1305,
            sunscreen_key,
            &hex!("070000004041424344454647"),
            sunscreen_data,
            sunscreen,
            &hex!("3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"),
        ),
        (
            AeadAlgorithm::Xchacha20Poly1305,
            sunscreen_key,
            &hex!("404142434445464748494a4b4c4d4e4f5051525354555657"),
            sunscreen_data,
            sunscreen,
            &hex!("21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"),
        ),
    ];
    for (algorithm, key, nonce, data, plain, ending) in vectors {
        let key = it.secret(key);
        let sealed = it.seal_with_nonce(&key, algorithm, nonce, plain, data).unwrap();
        assert_eq!(sealed.len(), plain.len() + 16);
        assert_eq!(&sealed[sealed.len() - ending.len()..], ending);
        assert_eq!(it.open_with_nonce(&key, algorithm, nonce, &sealed, data).unwrap(), plain);
        let with_nonce = [nonce, &sealed].concat();
        assert_eq!(it.open(&key, algorithm, &with_nonce, data).unwrap(), plain);
        assert_eq!(it.reveal(&it.unwrap_aead(&key, algorithm, &with_nonce, data).unwrap()), plain,);
    }
}

#[test]
fn what_an_aead_has_sealed_it_opens_and_nothing_that_was_changed() {
    let it = Instance::new();
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
fn key_derivations_are_those_of_their_standards() {
    let it = Instance::new();
    // RFC 5869, test case 1.
    let key = it.secret(&[0x0b; 22]);
    let salt = hex!("000102030405060708090a0b0c");
    let derived = it.hkdf_sha256(&key, &salt, &hex!("f0f1f2f3f4f5f6f7f8f9"), 42).unwrap();
    assert_eq!(
        it.reveal(&derived),
        hex!(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865"
        ),
    );
    // The reference implementation of Argon2, `test.c`.
    let password = it.secret(b"password");
    assert_eq!(
        it.reveal(&it.argon2id(&password, b"somesalt", CHEAP, 32).unwrap()),
        hex!("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
    );
}

#[test]
fn signatures_are_those_of_rfc_8032() {
    let it = Instance::new();
    let seed = it.secret(&hex!("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    let public_key = it.public_key(&seed).unwrap();
    assert_eq!(
        public_key,
        hex!("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    );
    let signature = it.sign(&seed, &[0x72]).unwrap();
    assert_eq!(
        signature,
        hex!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    );
    assert!(it.verify(&public_key, &[0x72], &signature).unwrap());
    assert!(!it.verify(&public_key, &[0x73], &signature).unwrap());
    assert!(!it.verify(&public_key, &[0x72], &signature[1..]).unwrap());
}

#[test]
fn wrapped_secrets_come_back() {
    let it = Instance::new();
    // RFC 3394, section 4.6.
    let key = it.secret(&hex!("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    let secret =
        it.secret(&hex!("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"));
    let mut wrapped = it.wrap_aes_kw(&key, &secret).unwrap();
    assert_eq!(
        wrapped,
        hex!(
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43b"
            "fb988b9b7a02dd21"
        ),
    );
    let back = it.unwrap_aes_kw(&key, &wrapped).unwrap();
    assert!(it.equals(&back, &secret).unwrap());
    wrapped[3] ^= 1;
    assert_refused(it.unwrap_aes_kw(&key, &wrapped), "not-authentic");

    for algorithm in ALGORITHMS {
        let wrapped = it.wrap_aead(&key, algorithm, &secret, b"data").unwrap();
        let back = it.unwrap_aead(&key, algorithm, &wrapped, b"data").unwrap();
        assert!(it.equals(&back, &secret).unwrap());
    }
}

#[test]
fn secrets_are_equal_if_their_bytes_are() {
    let it = Instance::new();
    let one = it.secret(b"the same");
    assert!(it.equals(&one, &one).unwrap());
    assert!(it.equals(&one, &it.secret(b"the same")).unwrap());
    assert!(!it.equals(&one, &it.secret(b"the sane")).unwrap());
    assert!(!it.equals(&one, &it.secret(b"the")).unwrap());
}

#[test]
fn passwords_are_of_their_alphabet() {
    let it = Instance::new();
    let password = it.reveal(&it.password(b"0123", 1000).unwrap());
    assert_eq!(password.len(), 1000);
    for digit in b"0123" {
        assert!(password.contains(digit));
    }
    assert!(password.iter().all(|byte| b"0123".contains(byte)));
}

#[test]
fn wrong_sizes_are_an_error() {
    let it = Instance::new();
    let (key, short) = (it.random(32), it.random(31));
    for algorithm in ALGORITHMS {
        assert_refused(it.seal(&short, algorithm, b"", b""), "wrong-size");
        assert_refused(it.open(&key, algorithm, &[0; 27], b""), "wrong-size");
        assert_refused(it.seal_with_nonce(&key, algorithm, &[0; 13], b"", b""), "wrong-size");
        assert_refused(it.open_with_nonce(&key, algorithm, &[0; 12], &[0; 15], b""), "wrong-size");
        assert_refused(it.wrap_aead(&short, algorithm, &key, b""), "wrong-size");
    }
    assert_refused(it.hkdf_sha256(&key, b"", b"", 8161), "too-large");
    assert_refused(it.hkdf_sha256(&key, b"", b"", 0), "empty");
    assert_refused(it.argon2id(&key, &[0; 7], CHEAP, 32), "wrong-size");
    assert_refused(it.argon2id(&key, &[0; 8], CHEAP, 3), "wrong-size");
    assert_refused(it.argon2id(&key, &[0; 8], Argon2Cost { lanes: 0, ..CHEAP }, 32), "wrong-size");
    assert_refused(it.sign(&short, b""), "wrong-size");
    assert_refused(it.public_key(&short), "wrong-size");
    assert_refused(it.verify(&[0; 31], b"", &[0; 64]), "wrong-size");
    assert_refused(it.wrap_aes_kw(&key, &short), "wrong-size");
    assert_refused(it.wrap_aes_kw(&short, &key), "wrong-size");
    assert_refused(it.unwrap_aes_kw(&key, &[0; 25]), "wrong-size");
    assert_refused(it.password(b"aa", 8), "wrong-size");
}

#[test]
fn work_over_the_limit_is_an_error() {
    let it = Instance::new();
    let password = it.secret(b"password");
    for cost in [
        Argon2Cost { memory_kib: (128 << 10) + 1, ..CHEAP },
        Argon2Cost { memory_kib: u32::MAX, ..CHEAP },
        Argon2Cost { passes: 9, ..CHEAP },
        Argon2Cost { lanes: 17, ..CHEAP },
    ] {
        assert_refused(it.argon2id(&password, b"somesalt", cost, 32), "quota-exceeded");
    }
    let most = Argon2Cost { memory_kib: 128 << 10, passes: 1, lanes: 16 };
    it.argon2id(&password, b"somesalt", most, 32).expect("exactly as much as allowed");
}

#[test]
fn inputs_over_the_limit_are_an_error() {
    let it = Instance::new();
    let key = it.random(32);
    let over = vec![7; (16 << 20) + 1];
    let algorithm = AeadAlgorithm::Aes256Gcm;
    let too_large = "too-large";
    assert_refused(it.hmac_sha512(&key, &over), too_large);
    assert_refused(it.verify_hmac_sha512(&key, b"", &over), too_large);
    assert_refused(it.seal(&key, algorithm, &over, b""), too_large);
    assert_refused(it.seal(&key, algorithm, b"", &over), too_large);
    assert_refused(it.open(&key, algorithm, &over, b""), too_large);
    assert_refused(it.seal_with_nonce(&key, algorithm, &over, b"", b""), too_large);
    assert_refused(it.open_with_nonce(&key, algorithm, &[0; 12], &over, b""), too_large);
    assert_refused(it.hkdf_sha256(&key, &over, b"", 32), too_large);
    assert_refused(it.hkdf_sha256(&key, b"", &over, 32), too_large);
    assert_refused(it.hkdf_sha256(&key, b"", b"", u64::MAX), too_large);
    assert_refused(it.argon2id(&key, &over, CHEAP, 32), too_large);
    assert_refused(it.argon2id(&key, b"somesalt", CHEAP, u64::MAX), too_large);
    assert_refused(it.sign(&key, &over), too_large);
    assert_refused(it.verify(&[0; 32], &over, b""), too_large);
    assert_refused(it.unwrap_aead(&key, algorithm, &over, b""), too_large);
    assert_refused(it.wrap_aead(&key, algorithm, &key, &over), too_large);
    assert_refused(it.unwrap_aes_kw(&key, &over), too_large);
    assert_refused(it.password(&over, 8), too_large);
    assert_refused(it.password(b"ab", u64::MAX), too_large);
}

#[test]
fn nothing_is_sealed_that_could_not_be_opened() {
    let it = Instance::new();
    let key = it.random(32);
    let algorithm = AeadAlgorithm::Aes256Gcm;
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
    assert_refused(it.wrap_aes_kw(&key, &secret), too_large);
}

#[test]
fn after_close_every_use_is_closed() {
    let it = Instance::new();
    let (key, other) = (it.random(32), it.random(32));
    let algorithm = AeadAlgorithm::Chacha20Poly1305;
    let sealed = it.seal(&other, algorithm, b"plain", b"").unwrap();
    let wrapped = it.wrap_aes_kw(&other, &key).unwrap();
    it.0.close(&key);
    assert_refused(it.equals(&key, &other), "closed");
    assert_refused(it.equals(&other, &key), "closed");
    assert_refused(it.hmac_sha512(&key, b""), "closed");
    assert_refused(it.verify_hmac_sha512(&key, b"", b""), "closed");
    assert_refused(it.seal(&key, algorithm, b"", b""), "closed");
    assert_refused(it.open(&key, algorithm, &sealed, b""), "closed");
    assert_refused(it.seal_with_nonce(&key, algorithm, &[0; 12], b"", b""), "closed");
    assert_refused(it.open_with_nonce(&key, algorithm, &[0; 12], &[0; 16], b""), "closed");
    assert_refused(it.hkdf_sha256(&key, b"", b"", 32), "closed");
    assert_refused(it.argon2id(&key, b"somesalt", CHEAP, 32), "closed");
    assert_refused(it.sign(&key, b""), "closed");
    assert_refused(it.public_key(&key), "closed");
    assert_refused(it.wrap_aead(&key, algorithm, &other, b""), "closed");
    assert_refused(it.wrap_aead(&other, algorithm, &key, b""), "closed");
    assert_refused(it.unwrap_aead(&key, algorithm, &sealed, b""), "closed");
    assert_refused(it.wrap_aes_kw(&key, &other), "closed");
    assert_refused(it.wrap_aes_kw(&other, &key), "closed");
    assert_refused(it.unwrap_aes_kw(&key, &wrapped), "closed");
}

/// Uses `key` in every way there is.
fn use_in_every_way(it: &Instance, key: &Handle) {
    let other = it.random(32);
    it.equals(key, &other).unwrap();
    let tag = it.hmac_sha512(key, b"message").unwrap();
    assert!(it.verify_hmac_sha512(key, b"message", &tag).unwrap());
    for algorithm in ALGORITHMS {
        let sealed = it.seal(key, algorithm, b"plain", b"").unwrap();
        assert_eq!(it.open(key, algorithm, &sealed, b"").unwrap(), b"plain");
    }
    it.hkdf_sha256(key, b"salt", b"info", 32).unwrap();
    it.argon2id(key, b"somesalt", CHEAP, 32).unwrap();
    it.sign(key, b"message").unwrap();
    it.public_key(key).unwrap();
    let wrapped = it.wrap_aead(&other, AeadAlgorithm::Aes256Gcm, key, b"").unwrap();
    it.unwrap_aead(&other, AeadAlgorithm::Aes256Gcm, &wrapped, b"").unwrap();
    let wrapped = it.wrap_aes_kw(key, &other).unwrap();
    it.unwrap_aes_kw(key, &wrapped).unwrap();
    let wrapped = it.wrap_aes_kw(&other, key).unwrap();
    it.unwrap_aes_kw(&other, &wrapped).unwrap();
}

/// Searches the whole process, and so the component's linear memory, too: in a process of its own,
/// where nobody maps and unmaps meanwhile.
#[test]
fn nothing_is_left_of_a_key_whatever_it_was_used_for() {
    child::run("searched", || {
        let it = Instance::new();
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
        let it = Instance::new();
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
