//! The key under which contents rest: an AES-256-GCM key schedule in the host's protected memory.
//!
//! The cipher is that of aes-gcm 0.10. In 0.11, where a processor has AES for vectors of 512 bits, each call first
//! makes all fifteen round keys four times as wide, on the stack, for batches of 64 blocks, of which a short content
//! has none: it takes 158 ns to decrypt 32 bytes in a program that sets nothing in its profile, where 0.10 takes 71,
//! with as many instructions. It also depends more on how many units the compiler cuts it into.

use core::mem;
use core::ptr::NonNull;

use aes_gcm_0_10::aead::consts::U12;
use aes_gcm_0_10::aead::{AeadInPlace, KeyInit};
use aes_gcm_0_10::{Aes256Gcm, Key, Nonce, Tag};

use crate::filling::Scratch;
use crate::storage::Storage;
use crate::sync::{AtomicU64, Ordering};
use crate::{Error, room, wipe};

/// Bytes of stack that making a key schedule uses.
const EXPANSION_STACK: usize = wipe::stack_of(8 * 1024, 68 * 1024);

/// Bytes of stack that one encryption or decryption uses.
const CIPHER_STACK: usize = wipe::stack_of(1024, 12 * 1024);

/// The 96 bits of a nonce.
type Iv = Nonce<U12>;

/// What a content looks like at rest.
pub(crate) struct Ciphertext {
    /// Which encryption under its key it came of.
    number: u64,
    tag: Tag,
    pub(crate) bytes: alloc::boxed::Box<[u8]>,
}

/// A ready key, and the count of what was encrypted under it.
///
/// The nonces are that count: no two encryptions under one key share one, and 2^64 will not happen
/// (NIST SP 800-38D, section 8.2.1, with an empty fixed field: the key never leaves this memory).
pub(crate) struct RootKey<S: Storage> {
    /// How many keys of its vault are older.
    pub(crate) number: u64,
    cipher: NonNull<Aes256Gcm>,
    nonces: AtomicU64,
    /// Holds the cipher; wiped when this is dropped.
    memory: Scratch<S>,
}

// SAFETY: the cipher is only read, and `Aes256Gcm` is `Sync`; the memory may go anywhere.
unsafe impl<S: Storage> Send for RootKey<S> {}
// SAFETY: through `&self` the cipher is only read, and `Aes256Gcm` is `Sync`; the memory is not
// touched before the drop.
unsafe impl<S: Storage> Sync for RootKey<S> {}

impl<S: Storage> RootKey<S> {
    /// A key of 32 bytes that `random` writes.
    pub(crate) fn new(
        storage: &S,
        random: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let mut key = Scratch::new(storage, mem::size_of::<Key<Aes256Gcm>>())?;
        random(key.bytes())?;
        let room = mem::size_of::<Aes256Gcm>() + mem::align_of::<Aes256Gcm>();
        let mut memory = Scratch::for_key(storage, room)?;
        let start = memory.bytes().as_mut_ptr();
        // SAFETY: `room` has been given so that the aligned address and the cipher behind it fit.
        let place = unsafe { start.add(start.align_offset(mem::align_of::<Aes256Gcm>())) };
        let place = place.cast::<Aes256Gcm>();
        wipe::scrubbed::<EXPANSION_STACK, _>(|| expand(key.bytes(), place));
        let cipher = NonNull::new(place).ok_or(Error::OutOfMemory { asked: room })?;
        Ok(Self { number: 0, cipher, nonces: AtomicU64::new(0), memory })
    }

    /// Where the key is.
    pub(crate) fn memory(&self) -> Option<&S::Region> {
        self.memory.region()
    }

    fn cipher(&self) -> &Aes256Gcm {
        // SAFETY: written by `expand` and never again; the memory lives as long as `self`.
        unsafe { self.cipher.as_ref() }
    }

    /// Encrypts `plain` where it is, and gives a copy of what is there then.
    pub(crate) fn encrypt(&self, plain: &mut [u8]) -> Result<Ciphertext, Error> {
        // Before anything has changed: there may be no room.
        let mut bytes = room::zeros(plain.len())?.into_boxed_slice();
        // ORDERING: Relaxed; only that every call gets another number matters.
        let number = self.nonces.fetch_add(1, Ordering::Relaxed);
        let tag = encrypt(self.cipher(), &iv(number), plain)?;
        bytes.copy_from_slice(plain);
        Ok(Ciphertext { number, tag, bytes })
    }

    /// Decrypts `ciphertext` into `plain`, which has its length; all of it, or nothing but a copy of the ciphertext.
    pub(crate) fn decrypt(&self, ciphertext: &Ciphertext, plain: &mut [u8]) -> Result<(), Error> {
        let Ciphertext { number, tag, bytes } = ciphertext;
        if plain.len() != bytes.len() {
            return Err(Error::Corrupted);
        }
        plain.copy_from_slice(bytes);
        let decrypted = wipe::scrubbed::<CIPHER_STACK, _>(|| {
            self.cipher().decrypt_in_place_detached(&iv(*number), &[], plain, tag)
        });
        decrypted.map_err(|_| Error::Corrupted)
    }
}

/// Not generic, and not part of [`RootKey::encrypt`]: where both directions are compiled together, the
/// compiler shares parts of the cipher between them, and decryption takes longer.
fn encrypt(cipher: &Aes256Gcm, nonce: &Iv, plain: &mut [u8]) -> Result<Tag, Error> {
    let too_large = Error::TooLarge { len: plain.len(), max: u32::MAX as usize };
    let tag =
        wipe::scrubbed::<CIPHER_STACK, _>(|| cipher.encrypt_in_place_detached(nonce, &[], plain));
    tag.map_err(|_| too_large)
}

/// Writes the key schedule of `key` to `place`.
fn expand(key: &[u8], place: *mut Aes256Gcm) {
    let cipher = Aes256Gcm::new_from_slice(key).expect("the key has the cipher's length");
    // SAFETY: the caller has made room, aligned, for one cipher.
    unsafe { place.write(cipher) };
}

/// The nonce of encryption `number`.
fn iv(number: u64) -> Iv {
    let mut iv = Iv::default();
    iv[4..].copy_from_slice(&number.to_be_bytes());
    iv
}
