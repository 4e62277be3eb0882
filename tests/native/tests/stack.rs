//! The stack: no byte of a secret is left on it, however short the secret is.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::hint::black_box;
use std::thread;

use strongroom::{Aead, Argon2Cost, Builder, Secret, rekey};
use strongroom_tests::linux::stack::{depth, left_by};
use strongroom_tests::linux::{builders, child};

/// How far down one looks; deeper than what is done here goes.
const DEPTH: usize = 96 * 1024;

/// How often each operation is done, with other bytes each time: as often one of these has to be at the
/// same place by chance.
const ROUNDS: usize = 8;

/// The longest secret; all that are shorter are tried.
const LONGEST: usize = 24;

fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// Where `rounds`, each a secret and what was left on the stack, show a byte of the secret every time:
/// its place, counted from the deepest, and which byte it is.
fn shown(rounds: &[(Vec<u8>, Vec<u8>)]) -> Vec<(usize, usize)> {
    let deepest = rounds.iter().map(|(_, left)| depth(left)).max().expect("there are rounds");
    let is_shown = |at: usize, byte: usize| rounds.iter().all(|(s, left)| left[at] == s[byte]);
    let bytes = rounds[0].0.len();
    (DEPTH - deepest..DEPTH)
        .flat_map(|at| (0..bytes).map(move |byte| (at, byte)))
        .filter(|(at, byte)| is_shown(*at, *byte))
        .collect()
}

fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(8 * DEPTH).spawn(test);
    thread.expect("the system has room for a thread").join().expect("the test passes");
}

/// Steps of a life, each with what it does to the secret. There are bytes for a new content, and room
/// for a copy.
type Step = fn(&Builder, &mut Option<Secret>, &mut [u8], &mut [u8]);

const STEPS: [(&str, Step); 6] = [
    ("make", |builder, secret, source, _| *secret = Some(builder.build(source).unwrap())),
    ("open", |_, secret, _, _| secret.as_ref().unwrap().with_bytes(|_| ()).unwrap()),
    ("copy", |_, secret, _, out| {
        secret.as_ref().unwrap().copy_into(out).unwrap();
    }),
    ("open again", |_, secret, _, _| secret.as_ref().unwrap().with_bytes(|_| ()).unwrap()),
    ("replace", |_, secret, source, _| secret.as_ref().unwrap().replace(source).unwrap()),
    ("close", |_, secret, _, _| {
        secret.as_ref().unwrap().close();
    }),
];

#[test]
fn no_byte_of_a_secret_is_left() {
    on_a_large_stack(|| {
        let mut found = Vec::new();
        for (_, kind, builder) in builders() {
            for len in 1..=LONGEST {
                let mut rounds = STEPS.map(|_| Vec::new());
                for _ in 0..ROUNDS {
                    let bytes = random(len);
                    let (mut secret, mut out) = (None, vec![0; len]);
                    for ((_, step), rounds) in STEPS.iter().zip(&mut rounds) {
                        let mut source = bytes.clone();
                        let left = left_by(DEPTH, &mut || {
                            step(&builder, &mut secret, &mut source, &mut out)
                        });
                        rounds.push((bytes.clone(), left));
                    }
                }
                for ((step, _), rounds) in STEPS.iter().zip(&rounds) {
                    let shown = shown(rounds);
                    if !shown.is_empty() {
                        found.push(format!("{step}, {kind}, {len} bytes: {shown:?}"));
                    }
                }
            }
        }
        assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
    });
}

/// The attack works: a single byte that a call leaves is found.
#[test]
fn what_is_left_is_found() {
    #[inline(never)]
    fn leave(bytes: &[u8]) {
        let mut copy = [0_u8; LONGEST];
        copy[..bytes.len()].copy_from_slice(bytes);
        black_box(&copy);
    }
    on_a_large_stack(|| {
        for len in 1..=LONGEST {
            let round = |_| {
                let bytes = random(len);
                let left = left_by(DEPTH, &mut || leave(&bytes));
                (bytes, left)
            };
            let rounds: Vec<_> = (0..ROUNDS).map(round).collect();
            for byte in 0..len {
                assert!(shown(&rounds).iter().any(|(_, shown)| *shown == byte), "{len}, {byte}");
            }
        }
    });
}

/// Stacks that threads have, where somebody chose small ones; musl's are of the larger size.
const SMALL: [usize; 2] =
    if cfg!(debug_assertions) { [128 * 1024; 2] } else { [64 * 1024, 128 * 1024] };

/// What is done with a secret, each in a process and on a thread of its own.
const USES: [(&str, fn(&Secret)); 9] = [
    ("an access", |secret| secret.with_bytes(|_| ()).unwrap()),
    ("a rekeying", |_| _ = rekey().unwrap()),
    ("HMAC", |secret| _ = secret.hmac_sha512(b"message").unwrap()),
    ("HKDF", |secret| drop(secret.hkdf_sha256(b"", b"", 32).unwrap())),
    ("Argon2id", |secret| {
        let cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
        drop(secret.argon2id(&[9; 16], cost, 32).unwrap());
    }),
    ("AES-256-GCM", |secret| drop(secret.seal_aead(Aead::Aes256Gcm, b"message", b"").unwrap())),
    ("XChaCha20-Poly1305", |secret| {
        drop(secret.seal_aead(Aead::XChaCha20Poly1305, b"message", b"").unwrap());
    }),
    ("AES-KW", |secret| drop(secret.wrap_aes_kw(secret).unwrap())),
    ("Ed25519", |secret| _ = secret.sign_ed25519(b"message").unwrap()),
];

/// The first use of all is the deepest, as it makes the pools and the keys.
#[test]
fn small_stacks_are_enough() {
    for stack in SMALL {
        for (_, kind, builder) in builders() {
            for (what, act) in USES {
                child::run(&format!("{what}, {kind}, {stack} bytes"), || {
                    let life = move || act(&builder.build(&mut random(32)).unwrap());
                    let thread = thread::Builder::new().stack_size(stack).spawn(life);
                    thread.expect("there is room for a thread").join().expect("it is enough");
                })
                .finishes();
            }
        }
    }
}
