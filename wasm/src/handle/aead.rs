//! Authenticated encryption.

use alloc::vec::Vec;
use core::mem;

use strongroom_core::{Aead, Error};

use super::{Handle, bounded, check};

impl Handle {
    /// Nonce, ciphertext and tag of `plaintext`.
    pub(crate) fn seal(&self, aead: Aead, plaintext: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
        check([data])?;
        bounded(aead.sealed_len(plaintext.len()) as u64)?;
        self.0.seal_aead(aead, plaintext, data)
    }

    /// The plaintext of what `seal` made.
    pub(crate) fn open(&self, aead: Aead, sealed: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
        check([sealed, data])?;
        // Whoever frees it, the heap wipes it.
        self.0.open_aead(aead, sealed, data).map(|mut plaintext| mem::take(&mut *plaintext))
    }

    /// Ciphertext and tag of `plaintext` under a nonce of the caller's.
    pub(crate) fn seal_with_nonce(
        &self,
        aead: Aead,
        nonce: &[u8],
        plaintext: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        check([nonce, data])?;
        bounded((plaintext.len() + Aead::TAG_LEN) as u64)?;
        self.0.seal_aead_with_nonce(aead, nonce, plaintext, data)
    }

    /// The plaintext of what `seal_with_nonce` made.
    pub(crate) fn open_with_nonce(
        &self,
        aead: Aead,
        nonce: &[u8],
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        check([nonce, sealed, data])?;
        self.0
            .open_aead_with_nonce(aead, nonce, sealed, data)
            .map(|mut plaintext| mem::take(&mut *plaintext))
    }
}
