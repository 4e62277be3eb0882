//! What operations by handle leave behind outside of secrets: nothing. The stack is read directly,
//! and the memory of Argon2id when it is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use strongroom::{Argon2Cost, Secret};

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod stack {
    use std::cell::RefCell;
    use std::collections::HashSet;
    use std::hint::black_box;
    use std::slice;
    use std::thread;

    use chacha20poly1305::aead::inout::InOutBuf;
    use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
    use hkdf::Hkdf;
    use sha2::Sha256;
    use sha2::block_api::{compress256, compress512};
    use strongroom::{AEAD_SEGMENT_LEN, Aead, Argon2Cost, Error, Hmac, Secret};
    use strongroom_tests::linux::stack;

    /// How far down one looks; deeper than any operation goes in any build.
    const DEPTH: usize = 512 * 1024;

    /// What an operation gives decides which calls follow after it has wiped its frames, and how
    /// deep these go: they only end the access, or make a secret of the result, too.
    #[derive(Clone, Copy)]
    enum Gives {
        Bytes,
        Secret,
        /// And the end of a stream, which wipes what it held.
        Refusal,
    }

    impl Gives {
        fn aftermath(self) -> usize {
            match (self, cfg!(debug_assertions)) {
                (Self::Bytes, false) => 1024,
                (Self::Refusal, false) => 2 * 1024,
                (Self::Bytes | Self::Refusal, true) => 6 * 1024,
                (Self::Secret, false) => 3 * 1024,
                (Self::Secret, true) => 24 * 1024,
            }
        }
    }

    /// How deep the calls go that wipe, below what they wipe.
    const WIPING: usize = if cfg!(debug_assertions) { 1024 } else { 128 };

    /// Bytes of the windows in which one looks for a secret.
    const WINDOW: usize = 8;

    /// What `operation` leaves on the stack, down to the deepest byte that it wrote, which comes first.
    fn left_by(operation: &mut dyn FnMut()) -> Vec<u8> {
        let mut left = stack::left_by(DEPTH, operation);
        left.split_off(left.len() - stack::depth(&left))
    }

    /// All windows of the secrets, as they are and as HMAC pads them.
    fn windows(secrets: &[Vec<u8>]) -> HashSet<Vec<u8>> {
        let padded =
            |pad: u8| secrets.iter().map(move |s| s.iter().map(|byte| byte ^ pad).collect());
        [0x00, 0x36, 0x5C]
            .into_iter()
            .flat_map(padded)
            .flat_map(|bytes: Vec<u8>| {
                bytes.windows(WINDOW).map(<[u8]>::to_vec).collect::<Vec<_>>()
            })
            .collect()
    }

    fn shows(left: &[u8], windows: &HashSet<Vec<u8>>) -> bool {
        left.windows(WINDOW).any(|seen| windows.contains(seen))
    }

    /// Looks for `windows`, and for anything at all as deep as only the operation goes.
    fn check<T>(
        windows: &HashSet<Vec<u8>>,
        (name, gives): (&str, Gives),
        operation: impl Fn() -> Result<T, Error>,
    ) {
        // What is done once in a process or a thread is not the operation's.
        drop(operation());
        let left = left_by(&mut || drop(operation()));
        assert!(!shows(&left, windows), "{name} leaves a secret on the stack");
        let aftermath = gives.aftermath();
        assert!(left.len() > WIPING + aftermath, "{name} wipes nothing");
        let deep = &left[WIPING..left.len() - aftermath];
        assert!(deep.iter().all(|&byte| byte == 0), "{name} doesn't wipe deep enough");
    }

    fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
        let thread = thread::Builder::new().stack_size(4 * DEPTH).spawn(test);
        thread.expect("the system has room for a thread").join().expect("the test passes");
    }

    fn known_secret() -> (Secret, Vec<u8>) {
        let secret = Secret::random(32).unwrap();
        let bytes = bytes_of(&secret);
        (secret, bytes)
    }

    fn bytes_of(secret: &Secret) -> Vec<u8> {
        secret.with_bytes(<[u8]>::to_vec).unwrap()
    }

    #[test]
    fn without_wiping_a_cipher_leaves_its_key() {
        on_a_large_stack(|| {
            let (_, key) = known_secret();
            let mut text = vec![0; 100];
            let left = left_by(&mut || {
                let cipher = ChaCha20Poly1305::new_from_slice(&key).expect("it has 32 bytes");
                let text = InOutBuf::from(text.as_mut_slice());
                let tag = cipher.encrypt_inout_detached(&[0; 12].into(), b"", text);
                black_box(tag).expect("the text is short");
            });
            assert!(shows(&left, &windows(&[key])));
        });
    }

    /// What SHA-256 has become by the inner block of an HMAC's key, and after a whole block of `message`; what SHA-512 has.
    /// In memory words are as this processor has them.
    fn inner_states(key: &[u8], message: &[u8]) -> Vec<Vec<u8>> {
        let padded = |len: usize| {
            let mut block = vec![0x36; len];
            block.iter_mut().zip(key).for_each(|(pad, byte)| *pad ^= byte);
            block
        };
        // FIPS 180-4, sections 5.3.3 and 5.3.5.
        let mut short: [u32; 8] = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ];
        let mut long: [u64; 8] = [
            0x6a09_e667_f3bc_c908,
            0xbb67_ae85_84ca_a73b,
            0x3c6e_f372_fe94_f82b,
            0xa54f_f53a_5f1d_36f1,
            0x510e_527f_ade6_82d1,
            0x9b05_688c_2b3e_6c1f,
            0x1f83_d9ab_fb41_bd6b,
            0x5be0_cd19_137e_2179,
        ];
        let mut states = Vec::new();
        let short_blocks = [&padded(64)[..], message].concat();
        for block in short_blocks.as_chunks::<64>().0 {
            compress256(&mut short, &[*block]);
            states.push(short.iter().flat_map(|word| word.to_ne_bytes()).collect());
        }
        let long_blocks = [&padded(128)[..], message].concat();
        for block in long_blocks.as_chunks::<128>().0 {
            compress512(&mut long, &[*block]);
            states.push(long.iter().flat_map(|word| word.to_ne_bytes()).collect());
        }
        states
    }

    /// The key of a sealed stream's segments.
    fn derived_key(key: &[u8], label: &[u8], sealed: &[u8]) -> Vec<u8> {
        let mut derived = vec![0; 32];
        let hkdf = Hkdf::<Sha256>::new(Some(&sealed[1..33]), key);
        hkdf.expand(label, &mut derived).expect("HKDF gives as much");
        derived
    }

    /// As many streams as a check ends, which were begun before it.
    struct Several<T>(RefCell<Vec<T>>);

    fn several<T>(begun: impl Fn() -> T) -> Several<T> {
        Several(RefCell::new(vec![begun(), begun()]))
    }

    impl<T> Several<T> {
        fn next(&self) -> T {
            self.0.borrow_mut().pop().expect("a check calls its operation twice")
        }
    }

    #[test]
    fn streams_leave_nothing() {
        on_a_large_stack(|| {
            let message = [7; 1000];
            let (key, key_bytes) = known_secret();
            let states = inner_states(&key_bytes, &message);
            let hidden = windows(&[slice::from_ref(&key_bytes), &states[..]].concat());
            for hash in [Hmac::Sha256, Hmac::Sha512] {
                let begun = || {
                    let mut stream = key.hmac_stream(hash).unwrap();
                    stream.update(&message[..300]).unwrap();
                    stream
                };
                let stream = RefCell::new(begun());
                let update = || stream.borrow_mut().update(&message[300..]);
                check(&hidden, ("HmacStream::update", Gives::Bytes), update);
                let streams = several(begun);
                check(&hidden, ("HmacStream::finish", Gives::Bytes), || streams.next().finish());
                let streams = several(begun);
                let verify = || streams.next().verify(&[0; 64]);
                check(&hidden, ("HmacStream::verify", Gives::Bytes), verify);
            }
            for aead in [Aead::Aes256Gcm, Aead::ChaCha20Poly1305, Aead::XChaCha20Poly1305] {
                let label: &[u8] = match aead {
                    Aead::ChaCha20Poly1305 => b"ChaCha20-Poly1305\0",
                    Aead::XChaCha20Poly1305 => b"XChaCha20-Poly1305\0",
                    _ => b"",
                };
                let mut stream = key.seal_stream(aead, b"").unwrap();
                let sealed = stream.update(&vec![7; 2 * AEAD_SEGMENT_LEN]).unwrap();
                let hidden = windows(&[derived_key(&key_bytes, label, &sealed), key_bytes.clone()]);
                let stream = RefCell::new(stream);
                let segment = vec![7; AEAD_SEGMENT_LEN - 16];
                let update = || stream.borrow_mut().update(&segment);
                check(&hidden, ("SealStream::update", Gives::Bytes), update);
                let opening = || {
                    let mut stream = key.open_stream(aead, b"").unwrap();
                    stream.update(&sealed).unwrap();
                    stream
                };
                // What came so far isn't the end.
                let streams = several(opening);
                check(&hidden, ("OpenStream::finish", Gives::Refusal), || streams.next().finish());
                let streams = several(opening);
                let update = || streams.next().update(&[0]);
                check(&hidden, ("OpenStream::update", Gives::Refusal), update);
            }
        });
    }

    #[test]
    fn operations_leave_nothing() {
        on_a_large_stack(|| {
            let message = [7; 1000];
            let salt = [9; 16];
            let cost = Argon2Cost { memory_kib: 64, passes: 2, lanes: 2 };
            let (key, key_bytes) = known_secret();
            let (other, other_bytes) = known_secret();
            let hkdf = || key.hkdf_sha256(&salt, &message, 100);
            let argon2id = || key.argon2id_keyed(&other, &salt, b"", cost, 100);
            let derived = [bytes_of(&hkdf().unwrap()), bytes_of(&argon2id().unwrap())];
            let hidden = windows(&[&[key_bytes, other_bytes], &derived[..]].concat());

            check(&hidden, ("hmac_sha256", Gives::Bytes), || key.hmac_sha256(&message));
            check(&hidden, ("verify_hmac_sha256", Gives::Bytes), || {
                key.verify_hmac_sha256(&message, &[0; 32])
            });
            check(&hidden, ("hmac_sha384", Gives::Bytes), || key.hmac_sha384(&message));
            check(&hidden, ("verify_hmac_sha384", Gives::Bytes), || {
                key.verify_hmac_sha384(&message, &[0; 48])
            });
            check(&hidden, ("hmac_sha512", Gives::Bytes), || key.hmac_sha512(&message));
            check(&hidden, ("verify_hmac_sha512", Gives::Bytes), || {
                key.verify_hmac_sha512(&message, &[0; 64])
            });
            check(&hidden, ("hkdf_sha256", Gives::Secret), hkdf);
            check(&hidden, ("argon2id_keyed", Gives::Secret), argon2id);
            check(&hidden, ("sign_ed25519", Gives::Bytes), || key.sign_ed25519(&message));
            check(&hidden, ("ed25519_public_key", Gives::Bytes), || key.ed25519_public_key());
            for aead in [Aead::Aes256Gcm, Aead::ChaCha20Poly1305, Aead::XChaCha20Poly1305] {
                let sealed = key.seal_aead(aead, &message, b"").unwrap();
                let wrapped = key.wrap_aead(aead, &other, b"").unwrap();
                check(&hidden, ("seal_aead", Gives::Bytes), || key.seal_aead(aead, &message, b""));
                check(&hidden, ("open_aead", Gives::Bytes), || key.open_aead(aead, &sealed, b""));
                check(&hidden, ("open_aead, refused", Gives::Bytes), || {
                    key.open_aead(aead, &sealed, b"?")
                });
                check(&hidden, ("wrap_aead", Gives::Bytes), || key.wrap_aead(aead, &other, b""));
                check(&hidden, ("unwrap_aead", Gives::Secret), || {
                    key.unwrap_aead(aead, &wrapped, b"")
                });
            }
            let wrapped = key.wrap_aes_kw(&other).unwrap();
            check(&hidden, ("wrap_aes_kw", Gives::Secret), || key.wrap_aes_kw(&other));
            check(&hidden, ("unwrap_aes_kw", Gives::Secret), || key.unwrap_aes_kw(&wrapped));
        });
    }
}

/// Looks at blocks like Argon2id's as they are freed.
struct Watch;

#[global_allocator]
static WATCH: Watch = Watch;

thread_local! {
    /// How many such blocks were all zeros when this thread freed them, and how many were not.
    static FREED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Watch {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.align() == 64 && layout.size() == ARGON2ID_KIB * 1024 {
            // SAFETY: the block is still the caller's, who has written all of it.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            let is_clean = bytes.iter().all(|&byte| byte == 0);
            let (clean, dirty) = FREED.get();
            FREED.set(if is_clean { (clean + 1, dirty) } else { (clean, dirty + 1) });
        }
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The size by which the watch knows Argon2id's memory.
const ARGON2ID_KIB: usize = 72;

#[test]
fn argon2id_leaves_nothing_on_the_heap() {
    #[derive(Clone, Copy)]
    #[repr(align(64))]
    struct Line(#[expect(dead_code, reason = "looked at by the watch")] [u8; 64]);
    drop(black_box(vec![Line([1; 64]); ARGON2ID_KIB * 16]));
    assert_eq!(FREED.get(), (0, 1), "the watch sees what is not wiped");

    let cost = Argon2Cost { memory_kib: ARGON2ID_KIB as u32, passes: 1, lanes: 1 };
    Secret::random(16).unwrap().argon2id(&[9; 16], cost, 32).unwrap();
    assert_eq!(FREED.get(), (1, 1));
}
