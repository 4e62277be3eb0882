//! Windows: `VirtualAlloc` and `VirtualLock`. There is no fork, and a full dump holds everything.

use core::ffi::CStr;
use core::ptr::NonNull;
use std::sync::atomic::AtomicU32;

use windows_sys::Win32::Foundation::{ERROR_WORKING_SET_QUOTA, GetLastError};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE,
    VirtualAlloc, VirtualFree, VirtualLock, VirtualProtect, VirtualUnlock,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::FlushProcessWriteBuffers;

use crate::Error;
use crate::protection::{Access, Backing, Facts, ForkDetection};

/// The error of the last system call, as an [`Error`] about `call`.
fn last_error(call: &'static str) -> Error {
    // SAFETY: no preconditions.
    let code = unsafe { GetLastError() };
    Error::Os { call, code: code.cast_signed() }
}

/// Bytes per page.
pub(crate) fn page_size() -> usize {
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the pointer is to a local that outlives the call.
    unsafe { GetSystemInfo(&raw mut info) };
    info.dwPageSize as usize
}

/// Unknown: the minimum working set, which `SetProcessWorkingSetSize` raises, less what is used.
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

/// There is none.
pub(crate) fn has_secret_memory() -> bool {
    false
}

/// Makes all threads of this process run a full memory barrier.
pub(crate) fn barrier() -> Result<(), Error> {
    // SAFETY: no preconditions.
    unsafe { FlushProcessWriteBuffers() };
    Ok(())
}

/// Addresses for `len` bytes that fault on every access.
pub(crate) fn reserve(len: usize) -> Result<NonNull<u8>, Error> {
    // SAFETY: no address is given.
    let at = unsafe { VirtualAlloc(core::ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
    NonNull::new(at.cast()).ok_or(Error::OutOfMemory { asked: len })
}

/// Turns reserved pages into zeroed, writable, locked ones.
///
/// # Safety
///
/// The caller owns these whole pages, which [`reserve`] or [`vacate`] left.
pub(crate) unsafe fn commit(
    at: NonNull<u8>,
    len: usize,
    backing: Backing,
    locked: bool,
) -> Result<Facts, Error> {
    if backing == Backing::MemfdSecret {
        return Err(Error::Unsupported { what: "memfd_secret" });
    }
    // SAFETY: the caller owns the reserved pages.
    let mapped = unsafe { VirtualAlloc(at.as_ptr().cast(), len, MEM_COMMIT, PAGE_READWRITE) };
    if mapped.is_null() {
        return Err(Error::OutOfMemory { asked: len });
    }
    // SAFETY: these are the pages just committed.
    if locked && unsafe { VirtualLock(at.as_ptr().cast(), len) } == 0 {
        let error = match last_error("VirtualLock") {
            Error::Os { code, .. } if code == ERROR_WORKING_SET_QUOTA.cast_signed() => {
                Error::LockLimit { asked: len, locked: super::locked::locked_bytes(), limit: None }
            }
            error => error,
        };
        // SAFETY: these are the pages just committed, and nothing is in them.
        let _ = unsafe { vacate(at, len) };
        return Err(error);
    }
    Ok(Facts { memfd_secret: false, locked, excluded_from_dumps: false, excluded_from_forks: true })
}

/// Gives the pages' memory back as far as their addresses stay readable, as zeros.
///
/// # Safety
///
/// The caller owns these whole pages, which are zeroed, and nobody uses what is in them except to
/// look.
pub(crate) unsafe fn vacate(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    // There is no call that swaps pages in one step, so they stay, zeroed and unlocked. They may
    // not have been locked, so the answer tells nothing.
    // SAFETY: the caller owns the pages.
    unsafe { VirtualUnlock(at.as_ptr().cast(), len) };
    let mut before = 0;
    // SAFETY: the caller owns the pages; the pointer is to a local that outlives the call.
    let done = unsafe { VirtualProtect(at.as_ptr().cast(), len, PAGE_READONLY, &raw mut before) };
    if done == 0 { Err(last_error("VirtualProtect")) } else { Ok(()) }
}

/// Changes what may be done with the pages. On failure they are as they were, or inaccessible.
///
/// # Safety
///
/// The caller owns these whole, committed pages, and nobody relies on more than `access`.
pub(crate) unsafe fn protect(at: NonNull<u8>, len: usize, access: Access) -> Result<(), Error> {
    let protection = match access {
        Access::None => PAGE_NOACCESS,
        Access::Read => PAGE_READONLY,
        Access::ReadWrite => PAGE_READWRITE,
    };
    // SAFETY: the caller owns the pages, and nobody relies on more than they may do from now on.
    let before = unsafe { set_protection(at, len, protection) }?;
    // PAGE_NOACCESS undoes VirtualLock.
    // SAFETY: the caller's pages, accessible again.
    if before == PAGE_NOACCESS && unsafe { VirtualLock(at.as_ptr().cast(), len) } == 0 {
        let error = last_error("VirtualLock");
        // Left accessible, they would seem to be locked to whoever comes next.
        // SAFETY: the caller owns the pages; whoever is told of a failure doesn't use the pages.
        unsafe { set_protection(at, len, PAGE_NOACCESS) }?;
        return Err(error);
    }
    Ok(())
}

/// Sets the protection of the pages and says what it was.
///
/// # Safety
///
/// As [`protect`].
unsafe fn set_protection(at: NonNull<u8>, len: usize, protection: u32) -> Result<u32, Error> {
    let mut before = 0;
    // SAFETY: the caller owns the pages, and nobody relies on more; the pointer is to a local that outlives the call.
    let done = unsafe { VirtualProtect(at.as_ptr().cast(), len, protection, &raw mut before) };
    if done == 0 { Err(last_error("VirtualProtect")) } else { Ok(before) }
}

/// A thread of its own; there are no signals.
pub(crate) fn spawn(name: &'static CStr, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    super::thread::spawn(name, f)
}

/// Gives the addresses back.
///
/// # Safety
///
/// The caller owns the whole reservation at `at` and nobody uses the addresses any more.
pub(crate) unsafe fn unmap(at: NonNull<u8>, _len: usize) -> Result<(), Error> {
    // SAFETY: the caller owns the reservation, and nobody uses its addresses any more.
    let done = unsafe { VirtualFree(at.as_ptr().cast(), 0, MEM_RELEASE) };
    if done == 0 { Err(last_error("VirtualFree")) } else { Ok(()) }
}

/// There is no limit that pages run into when they become writable.
pub(crate) const COUNTS_DATA: bool = false;

/// There are no forked children.
pub(crate) const FORK_DETECTION: Option<ForkDetection> = None;

/// There is no fork, so any word does.
pub(crate) fn fork_wiped_page() -> Result<Option<NonNull<AtomicU32>>, Error> {
    static EPOCH: AtomicU32 = AtomicU32::new(0);
    Ok(Some(NonNull::from(&EPOCH)))
}

/// There are none to call it.
pub(crate) fn call_in_children(_handler: extern "C" fn()) -> Result<(), Error> {
    Ok(())
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
