//! Reading a secret as the key of an operation.

use zeroize::Zeroizing;

use crate::storage::Storage;
use crate::{Error, Secret};

/// Bytes of the longest key that is copied: a block of SHA-256, and twice an AEAD's key.
const SHORT: usize = 64;

impl<S: Storage> Secret<S> {
    /// Calls `f` with the bytes as a key.
    ///
    /// Operations make working copies of their keys anyway. So a short one is copied here, if it may
    /// be read without a pin: threads that share a key then write to no memory that they share. The
    /// copy is wiped when `f` returns.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose); `f` is not called then.
    pub(super) fn with_key<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        let mut copy = Zeroizing::new([0; SHORT]);
        let copied = self
            .readable_without_pin()
            .and_then(|word| self.shared.copy_optimistically(word, &mut *copy));
        match copied {
            Some(Ok(len)) => Ok(f(&copy[..len])),
            _ => self.with_bytes(f),
        }
    }
}
