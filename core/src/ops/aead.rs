//! Authenticated encryption by handle (RFC 5116).

use alloc::vec::Vec;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::operations::operations;
use crate::storage::Storage;
use crate::{Error, Secret, room, wipe};

const STACK: usize = wipe::stack_of(12 * 1024, 52 * 1024);

/// An algorithm for authenticated encryption with associated data.
///
/// A nonce must never be used twice with one key. Of random ones with 12 bytes a key stands 2^32
/// (NIST SP 800-38D, section 8.3); for those with 24 bytes there is no practical limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Aead {
    /// AES-256 in Galois/counter mode (NIST SP 800-38D), with a nonce of 12 bytes.
    Aes256Gcm,
    /// ChaCha20 and Poly1305 (RFC 8439), with a nonce of 12 bytes.
    ChaCha20Poly1305,
    /// ChaCha20 and Poly1305 with a nonce of 24 bytes (draft-irtf-cfrg-xchacha-03).
    XChaCha20Poly1305,
}

impl Aead {
    /// Bytes of a tag.
    pub const TAG_LEN: usize = 16;

    /// Bytes of a nonce.
    #[must_use]
    pub const fn nonce_len(self) -> usize {
        match self {
            Self::Aes256Gcm | Self::ChaCha20Poly1305 => 12,
            Self::XChaCha20Poly1305 => 24,
        }
    }

    /// Bytes of what [`seal_aead`](Secret::seal_aead) makes of so many: nonce, ciphertext and tag.
    #[must_use]
    pub const fn sealed_len(self, plaintext_len: usize) -> usize {
        self.nonce_len() + plaintext_len + Self::TAG_LEN
    }

    /// Nonce and ciphertext of what was sealed with a nonce made inside.
    pub(super) fn split(self, sealed: &[u8]) -> Result<(&[u8], &[u8]), Error> {
        if sealed.len() < self.nonce_len() + Self::TAG_LEN {
            return Err(too_short(sealed, "at least 28, or 40 for XChaCha20-Poly1305"));
        }
        Ok(sealed.split_at(self.nonce_len()))
    }

    /// Writes ciphertext and tag of `plaintext` into `ciphertext`, which is longer by a tag.
    pub(super) fn encrypt(
        self,
        key: &[u8],
        nonce: &[u8],
        plaintext: &[u8],
        associated_data: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<(), Error> {
        let encrypt = match self {
            Self::Aes256Gcm => encrypt::<Aes256Gcm>,
            Self::ChaCha20Poly1305 => encrypt::<ChaCha20Poly1305>,
            Self::XChaCha20Poly1305 => encrypt::<XChaCha20Poly1305>,
        };
        wipe::scrubbed::<STACK, _>(|| encrypt(key, nonce, plaintext, associated_data, ciphertext))
    }

    /// Writes the plaintext of `ciphertext` into `plaintext`, which is shorter by a tag, and
    /// nothing but zeros unless it is authentic.
    pub(super) fn decrypt(
        self,
        key: &[u8],
        nonce: &[u8],
        ciphertext: &[u8],
        associated_data: &[u8],
        plaintext: &mut [u8],
    ) -> Result<(), Error> {
        let decrypt = match self {
            Self::Aes256Gcm => decrypt::<Aes256Gcm>,
            Self::ChaCha20Poly1305 => decrypt::<ChaCha20Poly1305>,
            Self::XChaCha20Poly1305 => decrypt::<XChaCha20Poly1305>,
        };
        wipe::scrubbed::<STACK, _>(|| decrypt(key, nonce, ciphertext, associated_data, plaintext))
    }
}

operations! {
    aead_operations; S: Storage;

    /// Encrypts `plaintext` with this secret as the key of 32 bytes, so that only who has the key
    /// can read it, and any change to it or to `associated_data`, which stays readable, is found when it is
    /// opened.
    ///
    /// The nonce comes from the system's random generator. The result is nonce, ciphertext and tag,
    /// in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Random`], and those of [`seal_aead_with_nonce`](Self::seal_aead_with_nonce).
    pub fn seal_aead(
        &self,
        aead: Aead,
        plaintext: &[u8],
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Error>
    where self: SEAL
    {
        let mut sealed = room::zeros(aead.sealed_len(plaintext.len()))?;
        let (nonce, ciphertext) = sealed.split_at_mut(aead.nonce_len());
        self.storage().random(nonce)?;
        self.with_key(|key| aead.encrypt(key, nonce, plaintext, associated_data, ciphertext))??;
        Ok(sealed)
    }

    /// Decrypts what [`seal_aead`](Self::seal_aead) made with the same key and the same
    /// `associated_data`. The plaintext is wiped when it is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`open_aead_with_nonce`](Self::open_aead_with_nonce).
    pub fn open_aead(
        &self,
        aead: Aead,
        sealed: &[u8],
        associated_data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error>
    where self: OPEN
    {
        let (nonce, ciphertext) = aead.split(sealed)?;
        self.open_aead_with_nonce(aead, nonce, ciphertext, associated_data)
    }

    /// Encrypts as [`seal_aead`](Self::seal_aead) does, under a nonce of the caller's, for protocols
    /// that prescribe one. The result is ciphertext and tag.
    ///
    /// Two messages under one nonce and key give away both, and with AES-256-GCM the means to forge
    /// others.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] for a key or a nonce of another size, [`Error::TooLarge`] above 64 GiB,
    /// [`Error::OutOfMemory`], and those of [`with_bytes`](Self::with_bytes).
    pub fn seal_aead_with_nonce(
        &self,
        aead: Aead,
        nonce: &[u8],
        plaintext: &[u8],
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Error>
    where self: SEAL
    {
        let mut sealed = room::zeros(plaintext.len() + Aead::TAG_LEN)?;
        self.with_key(|key| aead.encrypt(key, nonce, plaintext, associated_data, &mut sealed))??;
        Ok(sealed)
    }

    /// Decrypts what [`seal_aead_with_nonce`](Self::seal_aead_with_nonce) made with the same key,
    /// nonce and `associated_data`.
    ///
    /// The plaintext is wiped when it is dropped; `unwrap_aead` makes a secret of it instead.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthentic`] if anything is not as it was when it was sealed,
    /// [`Error::WrongSize`] for a key or a nonce of another size or for less than a tag,
    /// [`Error::OutOfMemory`], and those of [`with_bytes`](Self::with_bytes).
    pub fn open_aead_with_nonce(
        &self,
        aead: Aead,
        nonce: &[u8],
        sealed: &[u8],
        associated_data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error>
    where self: OPEN
    {
        let mut plaintext = Zeroizing::new(room::zeros(plaintext_len(sealed)?)?);
        self.with_key(|key| aead.decrypt(key, nonce, sealed, associated_data, &mut plaintext))??;
        Ok(plaintext)
    }
}

/// Bytes of the plaintext of `ciphertext`, which ends with a tag.
pub(super) fn plaintext_len(ciphertext: &[u8]) -> Result<usize, Error> {
    ciphertext.len().checked_sub(Aead::TAG_LEN).ok_or(too_short(ciphertext, "at least 16"))
}

fn encrypt<C: AeadInOut + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    plaintext: &[u8],
    associated_data: &[u8],
    ciphertext: &mut [u8],
) -> Result<(), Error> {
    let (ciphertext, tag) = ciphertext.split_at_mut(plaintext.len());
    let made = keyed::<C>(key)?
        .encrypt_inout_detached(sized::<C>(nonce)?, associated_data, both(plaintext, ciphertext))
        .map_err(|_| Error::TooLarge {
            len: plaintext.len(),
            max: usize::try_from(aes_gcm::P_MAX).unwrap_or(usize::MAX),
        })?;
    tag.copy_from_slice(&made);
    Ok(())
}

fn decrypt<C: AeadInOut + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    ciphertext: &[u8],
    associated_data: &[u8],
    plaintext: &mut [u8],
) -> Result<(), Error> {
    let (ciphertext, tag) = ciphertext.split_at(plaintext.len());
    let tag = <&Tag<C>>::try_from(tag).map_err(|_| Error::NotAuthentic)?;
    keyed::<C>(key)?
        .decrypt_inout_detached(
            sized::<C>(nonce)?,
            associated_data,
            both(ciphertext, plaintext),
            tag,
        )
        .map_err(|_| Error::NotAuthentic)
}

/// A cipher with `key`.
pub(super) fn keyed<C: KeyInit>(key: &[u8]) -> Result<C, Error> {
    C::new_from_slice(key).map_err(|_| other_key(key))
}

/// Refuses what is no key of any of the algorithms.
pub(super) fn refuse_other_keys(key: &[u8]) -> Result<(), Error> {
    if key.len() == 32 { Ok(()) } else { Err(other_key(key)) }
}

fn other_key(key: &[u8]) -> Error {
    Error::WrongSize { what: "key length in bytes", given: key.len(), needed: "32" }
}

fn sized<C: AeadInOut>(nonce: &[u8]) -> Result<&Nonce<C>, Error> {
    nonce.try_into().map_err(|_| Error::WrongSize {
        what: "nonce length in bytes",
        given: nonce.len(),
        needed: "12, or 24 for XChaCha20-Poly1305",
    })
}

/// From `input` to `output`, without a copy in between: the plaintext of a secret never stands in
/// memory where its ciphertext will.
fn both<'i, 'o>(input: &'i [u8], output: &'o mut [u8]) -> InOutBuf<'i, 'o, u8> {
    InOutBuf::new(input, output).expect("the caller split them to the same length")
}

fn too_short(sealed: &[u8], needed: &'static str) -> Error {
    Error::WrongSize { what: "sealed length in bytes", given: sealed.len(), needed }
}
