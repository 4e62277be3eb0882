//! Room in ordinary memory, or an error: what takes as much as its caller says may be too much.

use alloc::vec::Vec;

use crate::Error;

/// `len` zeros.
///
/// # Errors
///
/// [`Error::OutOfMemory`].
pub fn zeros(len: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = for_items(len)?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// An empty vector with room for `count` items.
///
/// # Errors
///
/// [`Error::OutOfMemory`].
pub fn for_items<T>(count: usize) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    items
        .try_reserve_exact(count)
        .map_err(|_| Error::OutOfMemory { asked: count.saturating_mul(size_of::<T>()) })?;
    Ok(items)
}
