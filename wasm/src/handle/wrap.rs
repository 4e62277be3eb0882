//! Secrets that leave as ciphertext under another.

use alloc::vec::Vec;

use strongroom_core::{Aead, Error};

use super::{Handle, bounded, check};

impl Handle {
    /// `secret` as ciphertext, in the form of `seal`.
    pub(crate) fn wrap_aead(
        &self,
        aead: Aead,
        secret: &Self,
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        check([data])?;
        bounded(aead.sealed_len(secret.len()?) as u64)?;
        self.0.wrap_aead(aead, &secret.0, data)
    }

    /// The secret that `wrap_aead` wrapped.
    pub(crate) fn unwrap_aead(
        &self,
        aead: Aead,
        wrapped: &[u8],
        data: &[u8],
    ) -> Result<Self, Error> {
        check([wrapped, data])?;
        self.0.unwrap_aead(aead, wrapped, data).map(Self)
    }

    /// `secret` as ciphertext, by AES-256 key wrap.
    pub(crate) fn wrap_aes_kw(&self, secret: &Self) -> Result<Vec<u8>, Error> {
        self.0.wrap_aes_kw(&secret.0)
    }

    /// The secret that `wrap_aes_kw` wrapped.
    pub(crate) fn unwrap_aes_kw(&self, wrapped: &[u8]) -> Result<Self, Error> {
        check([wrapped])?;
        self.0.unwrap_aes_kw(wrapped).map(Self)
    }
}
