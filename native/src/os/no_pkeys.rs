//! No protection keys: there are none, or nobody has written for them.

use core::ptr::NonNull;

use crate::Error;

/// There are none.
pub(crate) fn allocate_key() -> Option<u32> {
    None
}

/// There are none.
pub(crate) fn allow_reading(_key: u32) {}

/// There are none.
pub(crate) fn deny(_key: u32) {}

/// There are none.
pub(crate) fn free_key(_key: u32) {}

/// There are none.
///
/// # Safety
///
/// None; it touches nothing.
pub(crate) unsafe fn set_key(_at: NonNull<u8>, _len: usize, _key: u32) -> Result<(), Error> {
    Err(Error::Unsupported { what: "protection keys" })
}
