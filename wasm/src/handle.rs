//! The adapter that both faces use: the core's secret on linear memory, with bounded inputs.

#[cfg(feature = "component")]
use strongroom_core::CloseOutcome;
use strongroom_core::{Error, Secret};

use crate::Linear;

#[cfg(feature = "aead")]
mod aead;
#[cfg(feature = "kdf")]
mod kdf;
#[cfg(feature = "mac")]
mod mac;
#[cfg(feature = "sign")]
pub(crate) mod sign;
#[cfg(feature = "wrap")]
mod wrap;

/// The most bytes that any argument may have: secrets, messages and tags alike.
const MAX_INPUT: usize = 16 << 20;

/// A handle on a secret in linear memory; a clone is another on the same.
#[derive(Clone)]
pub(crate) struct Handle(Secret<Linear>);

impl Handle {
    /// A secret with the bytes of `source`, which is wiped on success.
    pub(crate) fn from_bytes(source: &mut [u8]) -> Result<Self, Error> {
        check([source])?;
        Secret::new_in(Linear, source).map(Self)
    }

    /// A secret of `len` random bytes.
    pub(crate) fn random(len: u64) -> Result<Self, Error> {
        Secret::random_in(Linear, bounded(len)?).map(Self)
    }

    /// A secret of `len` random bytes of `alphabet`.
    pub(crate) fn password(alphabet: &[u8], len: u64) -> Result<Self, Error> {
        check([alphabet])?;
        Secret::password_in(Linear, alphabet, bounded(len)?).map(Self)
    }

    /// Gives the secret the bytes of `source`, which is wiped on success.
    pub(crate) fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        check([source])?;
        self.0.replace(source)
    }

    /// Calls `f` with the bytes.
    #[cfg(any(feature = "js", feature = "reveal"))]
    pub(crate) fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.0.with_bytes(f)
    }

    /// How many bytes the secret has.
    pub(crate) fn len(&self) -> Result<usize, Error> {
        self.0.len()
    }

    /// Whether `other` has the same bytes.
    pub(crate) fn equals(&self, other: &Self) -> Result<bool, Error> {
        self.0.equals(&other.0)
    }

    /// Ends the secret.
    #[cfg(feature = "component")]
    pub(crate) fn close(&self) -> CloseOutcome {
        self.0.close()
    }

    /// Whether the secret has ended.
    #[cfg(feature = "component")]
    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// A buffer for a result of `len` bytes, filled with zeros.
#[cfg(all(feature = "component", feature = "reveal"))]
pub(crate) fn buffer(len: u64) -> Result<alloc::vec::Vec<u8>, Error> {
    zeros(bounded(len)?)
}

/// `len` bytes of the heap, all zero.
#[cfg(any(feature = "js", feature = "reveal"))]
pub(crate) fn zeros(len: usize) -> Result<alloc::vec::Vec<u8>, Error> {
    let mut bytes = alloc::vec::Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| Error::OutOfMemory { asked: len })?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// Refuses arguments that are too long.
fn check<const N: usize>(arguments: [&[u8]; N]) -> Result<(), Error> {
    arguments.iter().try_for_each(|argument| bounded(argument.len() as u64).map(drop))
}

/// `len`, if an argument or a secret may be that long.
pub(crate) fn bounded(len: u64) -> Result<usize, Error> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    if len > MAX_INPUT {
        return Err(Error::TooLarge { len, max: MAX_INPUT });
    }
    Ok(len)
}
