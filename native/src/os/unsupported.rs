//! A system that nobody has written for yet: everything that protects is refused, nothing is faked.

use core::ffi::CStr;
use core::ptr::NonNull;
use std::sync::atomic::AtomicU32;

use crate::Error;
use crate::protection::{Access, Backing, Facts, ForkDetection};

const REFUSAL: Error = Error::Unsupported { what: "protected memory on this operating system" };

/// Any power of two will do: no page is ever asked for.
pub(crate) fn page_size() -> usize {
    4096
}

/// Unknown.
pub(crate) fn lock_limit() -> Option<usize> {
    None
}

/// Unknown.
pub(crate) fn available_memory() -> Option<usize> {
    None
}

/// Unknown: there is nothing here that would have to be tried with care.
pub(crate) fn filters_calls() -> bool {
    false
}

/// There is no such call.
pub(crate) fn barrier() -> Result<(), Error> {
    Err(Error::Unsupported { what: "a barrier for all threads" })
}

/// There is none.
pub(crate) fn has_secret_memory() -> bool {
    false
}

/// Refused.
pub(crate) fn reserve(_len: usize) -> Result<NonNull<u8>, Error> {
    Err(REFUSAL)
}

/// Refused.
///
/// # Safety
///
/// None; it touches nothing.
pub(crate) unsafe fn commit(
    _at: NonNull<u8>,
    _len: usize,
    _backing: Backing,
    _locked: bool,
) -> Result<Facts, Error> {
    Err(REFUSAL)
}

/// Refused.
///
/// # Safety
///
/// None; it touches nothing.
pub(crate) unsafe fn vacate(_at: NonNull<u8>, _len: usize) -> Result<(), Error> {
    Err(REFUSAL)
}

/// Refused.
///
/// # Safety
///
/// None; it touches nothing.
pub(crate) unsafe fn unmap(_at: NonNull<u8>, _len: usize) -> Result<(), Error> {
    Err(REFUSAL)
}

/// Refused.
///
/// # Safety
///
/// None; it touches nothing.
pub(crate) unsafe fn protect(_at: NonNull<u8>, _len: usize, _access: Access) -> Result<(), Error> {
    Err(REFUSAL)
}

/// A thread of its own.
pub(crate) fn spawn(name: &'static CStr, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    super::thread::spawn(name, f)
}

/// There is no limit that pages run into when they become writable.
pub(crate) const COUNTS_DATA: bool = false;

/// Nothing is protected, so nobody asks.
pub(crate) const FORK_DETECTION: Option<ForkDetection> = None;

/// Refused.
pub(crate) fn fork_wiped_page() -> Result<Option<NonNull<AtomicU32>>, Error> {
    Err(REFUSAL)
}

/// Refused.
pub(crate) fn call_in_children(_handler: extern "C" fn()) -> Result<(), Error> {
    Err(REFUSAL)
}

/// There is no such limit.
pub(crate) fn disable_core_files() -> Result<(), Error> {
    Err(Error::Unsupported { what: "a limit of core files" })
}

/// There is no such call.
pub(crate) fn deny_inspection() -> Result<(), Error> {
    Err(Error::Unsupported { what: "denying inspection" })
}

/// Writes `text` to standard error, if that takes it.
pub(crate) fn say(text: &str) {
    let _ = std::io::Write::write(&mut std::io::stderr(), text.as_bytes());
}
