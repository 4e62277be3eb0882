//! Comparing secrets by handle.

use super::operations::operations;
use crate::storage::Storage;
use crate::{Error, Secret};

operations! {
    equal_operations; S: Storage;

    /// Whether this secret and `other` have the same bytes, in a time that depends on the lengths
    /// only.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes), of either.
    pub fn equals(&self, other: &Self) -> Result<bool, Error>
    where self: EQUALS, other: EQUALS
    {
        other.with_bytes(|bytes| self.ct_eq(bytes))?
    }
}
