//! Comparing secrets by handle.

use crate::storage::Storage;
use crate::{Error, Secret};

impl<S: Storage> Secret<S> {
    /// Whether this secret and `other` have the same bytes, in a time that depends on the lengths
    /// only.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), of either.
    pub fn equals<T: Storage>(&self, other: &Secret<T>) -> Result<bool, Error> {
        other.with_bytes(|bytes| self.ct_eq(bytes))?
    }
}
