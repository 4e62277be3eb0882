//! What comparing, verifying and making passwords execute depends on no byte of a secret: whatever the
//! bytes are, the same instructions are executed, and their operands are at the same addresses. How long each
//! instruction takes is the processor's part.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::hint::black_box;
use std::sync::Arc;

use strongroom_core::{AtRest, Error, Hmac, Secret, Storage};
use strongroom_tests::heap::{Content, Heap};
use strongroom_tests::linux::executed::executed_with;
use strongroom_tests::linux::material;

/// The heap, whose blocks are at the same addresses each time, and a generator that draws what it is told.
#[derive(Clone)]
struct Told {
    heap: Heap,
    random: Arc<[u8]>,
}

// SAFETY: as the heap does it.
unsafe impl Storage for Told {
    type Region = Content;

    fn allocate(&self, len: usize) -> Result<Content, Error> {
        self.heap.allocate(len)
    }

    fn scratch(&self, len: usize) -> Result<Content, Error> {
        self.heap.scratch(len)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        out.copy_from_slice(&self.random[..out.len()]);
        Ok(())
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.heap.relax(attempt)
    }
}

const LEN: usize = 32;

fn told(random: &[u8]) -> Told {
    Told { heap: Heap::new(AtRest::Readable), random: random.into() }
}

fn secret(bytes: &[u8]) -> Secret<Told> {
    Secret::new_in(told(&[9; LEN]), &mut bytes.to_vec()).expect("there is memory")
}

/// What the secret may be: equal to zeros, different in the first byte or in the last, all ones, and some
/// others.
fn secrets() -> Vec<Vec<u8>> {
    let zeros = vec![0; LEN];
    let with = |at: usize| {
        let mut bytes = zeros.clone();
        bytes[at] = 1;
        bytes
    };
    let mut secrets = vec![zeros.clone(), with(0), with(LEN - 1), vec![0xFF; LEN]];
    secrets.extend((0..2).map(|seed| material(seed, LEN)));
    secrets
}

/// Where what is executed with one of the `values` parts from what is executed with the first.
fn parted<T, F: FnMut() -> bool>(values: &[T], make: impl Fn(&T) -> F) -> Option<String> {
    let executed = executed_with(values, make);
    executed[1..].iter().find_map(|other| other.parts_from(&executed[0]))
}

/// The same, of an operation on a secret.
fn parted_by_secrets(operation: fn(&Secret<Told>) -> bool) -> Option<String> {
    parted(&secrets(), |bytes| {
        let secret = secret(bytes);
        move || operation(&secret)
    })
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn comparing_and_verifying_depend_on_no_byte() {
    let operations: [(&str, fn(&Secret<Told>) -> bool); 5] = [
        ("ct_eq", |secret| black_box(secret.ct_eq(&[0; LEN])).is_ok()),
        ("verify_hmac_sha256", |secret| {
            black_box(secret.verify_hmac_sha256(b"message", &[0; 32])).is_ok()
        }),
        ("verify_hmac_sha384", |secret| {
            black_box(secret.verify_hmac_sha384(b"message", &[0; 48])).is_ok()
        }),
        ("verify_hmac_sha512", |secret| {
            black_box(secret.verify_hmac_sha512(b"message", &[0; 64])).is_ok()
        }),
        ("HmacStream", |secret| {
            let mut stream = secret.hmac_stream(Hmac::Sha256).expect("it is open");
            let updated = stream.update(&[7; 100]);
            updated.is_ok() && black_box(stream.verify(&[0; 32])).is_ok()
        }),
    ];
    for (name, operation) in operations {
        assert_eq!(parted_by_secrets(operation), None, "{name}");
    }
    let equals = parted(&secrets(), |bytes| {
        let (secret, other) = (secret(bytes), secret(&[0; LEN]));
        move || black_box(secret.equals(&other)).is_ok()
    });
    assert_eq!(equals, None, "equals");
}

/// The tag is not secret, but how much of a guess is right would be.
#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn verifying_depends_on_no_byte_of_the_tag() {
    let tag = secret(&[7; LEN]).hmac_sha256(b"message").expect("it is open");
    let flipped = |at: usize| {
        let mut tag = tag;
        tag[at] ^= 1;
        tag
    };
    let parted = parted(&[tag, flipped(0), flipped(31), [0; 32]], |tag| {
        let (secret, tag) = (secret(&[7; LEN]), *tag);
        move || black_box(secret.verify_hmac_sha256(b"message", &tag)).is_ok()
    });
    assert_eq!(parted, None);
}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Random bytes of which none is thrown away. Which ones are shows in the time, and says nothing of those
/// that are kept.
fn draws() -> Vec<[u8; LEN]> {
    let count = ALPHABET.len();
    let is_kept = |byte: &u8| (usize::from(*byte) * count) % 256 >= 256 % count;
    let kept: Vec<u8> = (0..=255).filter(is_kept).collect();
    let draw =
        |pick: &dyn Fn(usize) -> usize| std::array::from_fn(|at| kept[pick(at) % kept.len()]);
    let mut draws = vec![draw(&|_| 0), draw(&|_| kept.len() - 1), draw(&|at| at)];
    draws.extend((0..2).map(|seed| {
        let bytes = material(seed, LEN);
        draw(&|at| usize::from(bytes[at]))
    }));
    draws
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn making_passwords_depends_on_no_byte() {
    let parted = parted(&draws(), |random| {
        let told = told(random);
        move || Secret::password_in(told.clone(), ALPHABET, LEN).is_ok()
    });
    assert_eq!(parted, None);
}

/// What leaks is caught: a comparison that ends early, and a byte that is looked up.
#[test]
#[cfg_attr(debug_assertions, ignore = "for `cargo xtask test --only optimised`")]
fn leaks_are_found() {
    let early = parted_by_secrets(|secret| {
        let zeros = black_box([0; LEN]);
        let equal = |bytes: &[u8]| bytes.iter().zip(&zeros).all(|(one, other)| one == other);
        black_box(secret.with_bytes(equal)).is_ok()
    });
    assert!(early.is_some(), "a comparison that ends early");
    let same = parted_by_secrets(|secret| black_box(secret.with_bytes(|_| ())).is_ok());
    assert_eq!(same, None, "what reads nothing");
    let looked_up = parted(&draws(), |random| {
        let random = *random;
        move || {
            let spell = |out: &mut [u8]| {
                for (byte, random) in out.iter_mut().zip(&random) {
                    *byte = ALPHABET[usize::from(*random) * ALPHABET.len() / 256];
                }
                Ok::<_, Error>(())
            };
            Secret::init_in(told(&[]), LEN, spell).is_ok()
        }
    });
    assert!(looked_up.is_some(), "a byte that is looked up");
}
