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
        let mut copy = None;
        let exposed;
        let key = match self.copied(&mut copy) {
            Some(key) => key,
            None => {
                exposed = self.expose()?;
                &*exposed
            }
        };
        Ok(f(key))
    }

    /// The bytes in `copy`, if they are few and may be read without a pin.
    // Out of line, in a component, its call would take longer than the copy.
    #[inline(always)]
    fn copied<'c>(&self, copy: &'c mut Option<Zeroizing<[u8; SHORT]>>) -> Option<&'c [u8]> {
        let word = self.readable_without_pin()?;
        let copy = copy.insert(Zeroizing::new([0; SHORT]));
        let len = self.shared.copy_optimistically(word, &mut **copy)?.ok()?;
        Some(&copy[..len])
    }
}
