//! The adapter that both faces use: the core's secret on linear memory, with bounded inputs.

use alloc::vec::Vec;

use strongroom_core::{Closed, Error, HMAC_SHA256_LEN, Secret};

use crate::Linear;

/// The most bytes that any argument may have: secrets, messages and tags alike.
pub(crate) const MAX_INPUT: usize = 16 << 20;

/// A handle on a secret in linear memory; a clone is another on the same.
#[derive(Clone)]
pub(crate) struct Handle(Secret<Linear>);

impl Handle {
    /// A secret with the bytes of `source`, which is wiped on success.
    pub(crate) fn from_bytes(source: &mut [u8]) -> Result<Self, Error> {
        bounded(source.len() as u64)?;
        Secret::new_in(Linear, source).map(Self)
    }

    /// A secret of `len` random bytes.
    pub(crate) fn random(len: u64) -> Result<Self, Error> {
        Secret::random_in(Linear, bounded(len)?).map(Self)
    }

    /// Gives the secret the bytes of `source`, which is wiped on success.
    pub(crate) fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        bounded(source.len() as u64)?;
        self.0.replace(source)
    }

    /// Calls `f` with the bytes.
    pub(crate) fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.0.with_bytes(f)
    }

    /// The HMAC-SHA256 tag of `message`.
    pub(crate) fn hmac_sha256(&self, message: &[u8]) -> Result<[u8; HMAC_SHA256_LEN], Error> {
        bounded(message.len() as u64)?;
        self.0.hmac_sha256(message)
    }

    /// Whether `tag` is the HMAC-SHA256 tag of `message`.
    pub(crate) fn verify_hmac_sha256(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        bounded(message.len() as u64)?;
        self.0.verify_hmac_sha256(message, tag)
    }

    /// How many bytes the secret has.
    pub(crate) fn len(&self) -> Result<usize, Error> {
        self.0.len()
    }

    /// Ends the secret.
    pub(crate) fn close(&self) -> Closed {
        self.0.close()
    }

    /// Whether the secret has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// A buffer for an argument or a result of `len` bytes, filled with zeros.
pub(crate) fn buffer(len: u64) -> Result<Vec<u8>, Error> {
    let len = bounded(len)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| Error::OutOfMemory { asked: len })?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// `len`, if an argument may be that long.
fn bounded(len: u64) -> Result<usize, Error> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    if len > MAX_INPUT {
        return Err(Error::TooLarge { len, max: MAX_INPUT });
    }
    Ok(len)
}
