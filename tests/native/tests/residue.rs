//! What native secrets leave behind in the memory of their process: nothing.
//!
//! Each test searches all that the process can write, and so runs in a process of its own.
#![cfg(all(target_os = "linux", not(any(miri, strongroom_loom))))]

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::{env, hint};

use hkdf::Hkdf;
use sha2::Sha256;
use sha2::block_api::compress256;
use strongroom::{Aead, Backing, Builder, Error, Hmac, Protection, Reprotect, Secret, rekey};
use strongroom_core::wipe;
use strongroom_tests::linux::AGES;
use strongroom_tests::residue::{Needle, search_process};
use zeroize::{Zeroize, Zeroizing};

/// Set in the processes in which the tests really run.
const CHILD: &str = "STRONGROOM_RESIDUE_CHILD";

/// Runs `body` in a process where the test `name` is all that happens.
fn alone(name: &str, body: impl FnOnce()) {
    if env::var_os(CHILD).is_some() {
        return body();
    }
    let test = env::current_exe().expect("a running test has a file");
    let mut child = Command::new(test);
    child.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(CHILD, "1");
    // Did it bind a function late, the dynamic linker would save the registers on the stack.
    child.env("LD_BIND_NOW", "1");
    let output = child.output().expect("the test can be started again");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "in a process of its own:\n{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "the test was not found:\n{stdout}");
}

fn residue(needle: &Needle) -> usize {
    search_process(&[needle]).expect("/proc can be read").windows
}

/// The kinds of secret there are.
fn every_kind() -> [Builder; 5] {
    let protected = |protection| Secret::builder().protection(protection);
    [
        Secret::builder().backing(Backing::MemfdSecret),
        Secret::builder().backing(Backing::Anonymous),
        protected(Protection::Guarded { reprotect: Reprotect::Eager }),
        protected(Protection::Guarded { reprotect: Reprotect::After(AGES) }),
        protected(Protection::Encrypted),
    ]
}

/// The bytes that `needle` looks for.
fn bytes(needle: &Needle, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    needle.unmask_into(&mut bytes);
    bytes
}

/// The secret that `needle` looks for.
fn secret(builder: Builder, needle: &Needle, len: usize) -> Secret {
    builder.build(&mut bytes(needle, len)).expect("a secret can be created")
}

/// Asserts that nothing is left of secrets of each kind, and of several lengths, when `life` has
/// used and ended them.
fn leaves_nothing(name: &str, life: impl Fn(Secret)) {
    alone(name, || {
        for builder in every_kind() {
            for len in [8, 24, 77, 300] {
                let needle = Needle::random(len);
                life(secret(builder, &needle, len));
                assert_eq!(residue(&needle), 0, "{len} bytes, {builder:?}");
            }
        }
    });
}

/// The attack works: what is there is found, on the heap and in each kind of secret memory.
#[test]
fn control() {
    alone("control", || {
        for builder in every_kind() {
            let needle = Needle::random(32);
            assert_eq!(residue(&needle), 0, "not from the needle itself");
            let mut copy = bytes(&needle, 32);
            assert_eq!(residue(&needle), 25, "every window on the heap");
            copy.fill(0);
            hint::black_box(&copy);
            assert_eq!(residue(&needle), 0);

            let secret = secret(builder, &needle, 32);
            let while_read = secret.with_bytes(|_| residue(&needle));
            assert_eq!(while_read, Ok(25), "every window in the secret's memory");
            secret.close();
        }
    });
}

#[test]
fn rest_shows_what_the_protection_says() {
    alone("rest_shows_what_the_protection_says", || {
        for (builder, expected) in every_kind().into_iter().zip([25, 25, 0, 25, 0]) {
            let needle = Needle::random(32);
            let secret = secret(builder, &needle, 32);
            secret.with_bytes(|_| ()).expect("nobody closes it");
            assert_eq!(residue(&needle), expected, "{builder:?}");
        }
    });
}

/// A needle for what `write` makes of a key, and nothing else left of that.
fn needle_for(len: usize, key: &Needle, write: impl FnOnce(&[u8], &mut [u8])) -> Needle {
    wipe::scrubbed::<{ 64 * 1024 }, _>(|| {
        let mut key = Zeroizing::new(bytes(key, 32));
        let mut made = Zeroizing::new(vec![0; len]);
        write(&key, &mut made);
        key.zeroize();
        Needle::new(&made)
    })
}

/// What SHA-256 has become by the inner block of an HMAC's key, and `blocks` of the message 7, 7, ...
fn inner_state(key: &[u8], blocks: usize, state: &mut [u8]) {
    let mut padded = Zeroizing::new([0x36; 64]);
    padded.iter_mut().zip(key).for_each(|(pad, byte)| *pad ^= byte);
    // FIPS 180-4, section 5.3.3.
    let mut words = Zeroizing::new([
        0x6a09_e667_u32,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]);
    compress256(&mut words, &[*padded]);
    for _ in 0..blocks {
        compress256(&mut words, &[[7; 64]]);
    }
    for (bytes, word) in state.chunks_mut(4).zip(words.iter()) {
        bytes.copy_from_slice(&word.to_ne_bytes());
    }
}

/// Between two pieces a stream has nothing that is as good as its key; nor has it after the last.
#[test]
fn streams_under_way() {
    alone("streams_under_way", || {
        let key = Needle::random(32);
        let secret = secret(Secret::builder().protection(Protection::Encrypted), &key, 32);
        let mut mac = secret.hmac_stream(Hmac::Sha256).unwrap();
        let mut seal = secret.seal_stream(Aead::Aes256Gcm, b"").unwrap();
        mac.update(&[7; 640]).unwrap();
        let sealed = seal.update(&[7; 100_000]).unwrap();
        let mut open = secret.open_stream(Aead::Aes256Gcm, b"").unwrap();
        open.update(&[&sealed[..], &[0]].concat()).unwrap();

        let first = needle_for(32, &key, |key, state| inner_state(key, 0, state));
        let state = needle_for(32, &key, |key, state| inner_state(key, 10, state));
        let derived = needle_for(32, &key, |key, derived| {
            let hkdf = Hkdf::<Sha256>::new(Some(&sealed[1..33]), key);
            hkdf.expand(b"", derived).unwrap();
        });
        let hidden = [&key, &first, &state, &derived];
        let left = || search_process(&hidden).expect("/proc can be read").windows;
        for needle in hidden {
            let copy = Zeroizing::new(bytes(needle, 32));
            assert_eq!(left(), 25, "the control: what is there is found");
            hint::black_box(&copy);
        }
        assert_eq!(left(), 0, "while they are under way");
        mac.finish().unwrap();
        seal.finish().unwrap();
        assert_eq!(open.finish().err(), Some(Error::NotAuthentic));
        assert_eq!(left(), 0, "when they have ended");
    });
}

#[test]
fn after_close() {
    leaves_nothing("after_close", |secret| {
        secret.close();
    });
}

#[test]
fn after_drop() {
    leaves_nothing("after_drop", |secret| drop(secret.clone()));
}

#[test]
fn after_accesses() {
    leaves_nothing("after_accesses", |secret| {
        let outer = secret.expose().expect("nobody has closed it");
        secret.with_bytes(|inner| assert!(inner == &*outer)).expect("nobody has closed it");
        drop(outer);
        secret.close();
    });
}

#[test]
fn after_a_close_inside_an_access() {
    leaves_nothing("after_a_close_inside_an_access", |secret| {
        secret.with_bytes(|_| secret.close()).expect("nobody has closed it before");
    });
}

#[test]
fn after_copies() {
    leaves_nothing("after_copies", |secret| {
        let mut copy = vec![0; 300];
        secret.copy_into(&mut copy).expect("nobody has closed it");
        copy.fill(0);
        let mut piece = [0; 24];
        let mut reader = secret.reader();
        while reader.read(&mut piece).expect("nobody has closed it") > 0 {}
        piece.fill(0);
        hint::black_box((&copy, &piece));
    });
}

#[test]
fn after_operations() {
    leaves_nothing("after_operations", |secret| {
        let tag = secret.hmac_sha256(b"message").expect("nobody has closed it");
        assert_eq!(secret.verify_hmac_sha256(b"message", &tag), Ok(true));
        assert_eq!(secret.ct_eq(&[0; 32]), Ok(false));
    });
}

#[test]
fn after_a_panic() {
    leaves_nothing("after_a_panic", |secret| {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            secret.with_bytes(|_| panic!("inside an access, on purpose"))
        }));
        assert!(panicked.is_err());
    });
}

#[test]
fn after_rekeying() {
    alone("after_rekeying", || {
        let needle = Needle::random(32);
        let builder = Secret::builder().protection(Protection::Encrypted);
        let secret = secret(builder, &needle, 32);
        assert_eq!(rekey().map(|rekeyed| rekeyed.moved), Ok(1));
        assert_eq!(residue(&needle), 0);
        assert_eq!(secret.with_bytes(|_| residue(&needle)), Ok(25), "it is found while it is read");
    });
}

#[test]
fn after_replacements() {
    alone("after_replacements", || {
        for builder in every_kind() {
            let needles = [32, 100, 32].map(Needle::random);
            let secret = secret(builder, &needles[0], 32);
            secret.replace(&mut bytes(&needles[1], 100)).expect("no access is left");
            assert_eq!(residue(&needles[0]), 0, "the first is gone: {builder:?}");
            secret.replace(&mut bytes(&needles[2], 32)).expect("no access is left");
            assert_eq!(residue(&needles[1]), 0, "and the second: {builder:?}");
            secret.close();
            assert_eq!(residue(&needles[2]), 0, "and the third: {builder:?}");
        }
    });
}

#[test]
fn after_initialisers() {
    alone("after_initialisers", || {
        for builder in every_kind() {
            let needle = Needle::random(32);
            let secret = builder.init(32, |bytes| needle.unmask_into(bytes));
            secret.expect("a secret can be created").close();
            let failed = builder.try_init(32, |bytes| {
                needle.unmask_into(bytes);
                Err(Error::Random)
            });
            assert!(failed.is_err());
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                builder.init(32, |bytes| {
                    needle.unmask_into(bytes);
                    panic!("in an initialiser, on purpose")
                })
            }));
            assert!(panicked.is_err());
            assert_eq!(residue(&needle), 0, "{builder:?}");
        }
    });
}

#[test]
fn of_owned_sources() {
    alone("of_owned_sources", || {
        let needle = Needle::random(32);
        let mut source = Vec::with_capacity(100);
        source.resize(64, 0);
        needle.unmask_into(&mut source[32..]);
        // The bytes are in the spare room now.
        source.truncate(32);
        source.fill(1);
        assert_eq!(residue(&needle), 25);
        let secret = Secret::try_from(source).expect("a secret can be created");
        assert_eq!(residue(&needle), 0, "spare room is wiped, too");
        drop(secret);
    });
}
