//! Signatures by handle: Ed25519 (RFC 8032).

use ed25519_dalek::{Signature, VerifyingKey};
use subtle::ConstantTimeEq;

use super::ed25519::{ED25519_PUBLIC_KEY_LEN, ED25519_SIGNATURE_LEN, SEED_LEN, SigningKey};
use super::operations::operations;
use crate::extra::Extra;
use crate::note::NOTE_LEN;
use crate::storage::Storage;
use crate::{Error, Secret, wipe};

const STACK: usize = wipe::stack_of(8 * 1024, 24 * 1024);

operations! {
    sign_operations; S: Storage;

    /// The Ed25519 signature of `message` by this secret, a seed of 32 bytes, which RFC 8032 calls
    /// the private key.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] if this secret hasn't 32 bytes, and those of [`with_bytes`](Self::with_bytes).
    pub fn sign_ed25519(&self, message: &[u8]) -> Result<[u8; ED25519_SIGNATURE_LEN], Error>
    where self: SIGN
    {
        self.with_signing_key(|key| key.sign(message))
    }

    /// The Ed25519 public key of this secret, a seed of 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] if this secret hasn't 32 bytes, and those of [`with_bytes`](Self::with_bytes).
    pub fn ed25519_public_key(&self) -> Result<[u8; ED25519_PUBLIC_KEY_LEN], Error>
    where self: SIGN
    {
        self.with_signing_key(SigningKey::public_key)
    }
}

impl<S: Storage> Secret<S> {
    /// Calls `f` with the key that this secret is the seed of.
    ///
    /// The public key, which takes as long to work out as a signature does, is noted for the next time.
    fn with_signing_key<R>(&self, f: impl FnOnce(&SigningKey) -> R) -> Result<R, Error> {
        self.with_key(|bytes| {
            let seed: &[u8; SEED_LEN] = bytes.try_into().map_err(|_| Error::WrongSize {
                what: "Ed25519 seed length in bytes",
                given: bytes.len(),
                needed: "32",
            })?;
            Ok(wipe::scrubbed::<STACK, _>(|| {
                let extra = self.shared.header().extra.get();
                let note = extra.map_or([0; NOTE_LEN], |extra| extra.note.read());
                let key = SigningKey::new(seed, &note);
                if key.is_news() {
                    self.note_key(seed, &key);
                }
                f(&key)
            }))
        })?
    }

    /// Notes the public key of `key` while its `seed` is the content, and so for as long as it is.
    fn note_key(&self, seed: &[u8; SEED_LEN], key: &SigningKey) {
        // Where nobody can have it any more, there is nothing to note.
        let _ = self.with_bytes(|content| {
            if content.ct_eq(seed).into() {
                self.shared.header().extra.get_or_new(Extra::empty).note.write(&key.note());
            }
        });
    }
}

/// Whether `signature` is an Ed25519 signature of `message` under `public_key` (RFC 8032).
///
/// Strictly: one that isn't 64 bytes long is not, nor is one that has a second form, nor is any
/// under a key that isn't a point of the curve or is one of its few weak ones.
///
/// # Errors
///
/// [`Error::WrongSize`] if the public key hasn't 32 bytes.
pub fn verify_ed25519(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Error> {
    let key = public_key.try_into().map_err(|_| Error::WrongSize {
        what: "Ed25519 public key length in bytes",
        given: public_key.len(),
        needed: "32",
    })?;
    let (Ok(key), Ok(signature)) =
        (VerifyingKey::from_bytes(key), Signature::from_slice(signature))
    else {
        return Ok(false);
    };
    Ok(key.verify_strict(message, &signature).is_ok())
}
