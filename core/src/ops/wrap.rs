//! Secrets that leave only as ciphertext under another secret, and come back as secrets.

use alloc::vec::Vec;

use aes_kw::{IV_LEN, KwAes256};

use super::aead::{Aead, keyed, plaintext_len};
use super::operations::operations;
use crate::storage::Storage;
use crate::{Error, Secret, room, wipe};

/// Bytes by which AES key wrap makes a secret longer.
pub const AES_KW_OVERHEAD: usize = IV_LEN;

/// The most bytes that AES key wrap takes: for each 8 it encrypts a block six times, one after the
/// other, and it is meant for keys.
pub const AES_KW_MAX: usize = 64 * 1024;

const STACK: usize = wipe::stack_of(8 * 1024, 28 * 1024);

operations! {
    wrap_operations; S: Storage + Clone;

    /// `secret` as ciphertext under this secret as the key, with what
    /// [`seal_aead`](Self::seal_aead) does.
    ///
    /// # Errors
    ///
    /// Those of [`seal_aead`](Self::seal_aead), for either secret.
    pub fn wrap_aead(
        &self,
        aead: Aead,
        secret: &Self,
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Error>
    where self: WRAP, secret: EXPORT
    {
        secret.with_bytes(|bytes| self.seal_aead(aead, bytes, associated_data))?
    }

    /// The secret that [`wrap_aead`](Self::wrap_aead) or [`seal_aead`](Self::seal_aead) made
    /// `wrapped` of, with the same key and `associated_data`, in the same kind of memory as the key.
    ///
    /// # Errors
    ///
    /// Those of [`open_aead`](Self::open_aead), and those of a new secret.
    pub fn unwrap_aead(
        &self,
        aead: Aead,
        wrapped: &[u8],
        associated_data: &[u8],
    ) -> Result<Self, Error>
    where self: WRAP
    {
        let (nonce, ciphertext) = aead.split(wrapped)?;
        Self::init_in(self.storage().clone(), plaintext_len(ciphertext)?, |bytes| {
            self.with_bytes(|key| aead.decrypt(key, nonce, ciphertext, associated_data, bytes))?
        })
    }

    /// `secret` as ciphertext under this secret as the key of 32 bytes, by AES key wrap (RFC 3394):
    /// 8 bytes longer, and the same every time. `secret` has from 16 to 65,536 bytes, a multiple of 8.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`], [`Error::TooLarge`], [`Error::OutOfMemory`], those of
    /// [`with_bytes`](Self::with_bytes) for either secret, and those of a new one.
    pub fn wrap_aes_kw(&self, secret: &Self) -> Result<Vec<u8>, Error>
    where self: WRAP, secret: EXPORT
    {
        let wrapped = secret.with_bytes(|bytes| {
            let len = bytes.len();
            bounded_for_aes_kw(len)?;
            if len < 2 * IV_LEN || !len.is_multiple_of(IV_LEN) {
                return Err(Error::WrongSize {
                    what: "length in bytes of what AES-KW wraps",
                    given: len,
                    needed: "a multiple of 8, at least 16",
                });
            }
            // The algorithm works on a copy of the secret, which must lie as safely as the secret.
            Self::init_in(self.storage().clone(), len + IV_LEN, |wrapped| {
                self.with_aes_kw(|key| key.wrap_key(bytes, wrapped).map(drop))
            })
        })??;
        wrapped.with_bytes(|bytes| {
            let mut copy = room::zeros(bytes.len())?;
            copy.copy_from_slice(bytes);
            Ok(copy)
        })?
    }

    /// The secret that [`wrap_aes_kw`](Self::wrap_aes_kw) made `wrapped` of with the same key, in
    /// the same kind of memory as the key.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthentic`] if key or ciphertext are others, [`Error::WrongSize`],
    /// [`Error::TooLarge`], those of [`with_bytes`](Self::with_bytes), and those of a new secret.
    pub fn unwrap_aes_kw(&self, wrapped: &[u8]) -> Result<Self, Error>
    where self: WRAP
    {
        let len = wrapped.len();
        bounded_for_aes_kw(len.saturating_sub(IV_LEN))?;
        if len < 3 * IV_LEN || !len.is_multiple_of(IV_LEN) {
            return Err(Error::WrongSize {
                what: "length in bytes of what AES-KW unwraps",
                given: len,
                needed: "a multiple of 8, at least 24",
            });
        }
        Self::init_in(self.storage().clone(), len - IV_LEN, |bytes| {
            self.with_aes_kw(|key| key.unwrap_key(wrapped, bytes).map(drop))
        })
    }
}

impl<S: Storage + Clone> Secret<S> {
    /// Calls `f` with this secret as the key. All sizes are right, so the one error that `f` can
    /// have is that of the check at the end of an unwrapping.
    fn with_aes_kw(
        &self,
        f: impl FnOnce(KwAes256) -> Result<(), aes_kw::Error>,
    ) -> Result<(), Error> {
        self.with_bytes(|key| {
            wipe::scrubbed::<STACK, _>(|| f(keyed(key)?).map_err(|_| Error::NotAuthentic))
        })?
    }
}

/// Refuses more bytes than AES key wrap may take.
fn bounded_for_aes_kw(len: usize) -> Result<(), Error> {
    if len > AES_KW_MAX {
        return Err(Error::TooLarge { len, max: AES_KW_MAX });
    }
    Ok(())
}
