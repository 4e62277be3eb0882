//! Protection keys (pkeys(7)), where `keys` can change what a thread may do with them.

use core::ptr::NonNull;

use super::filter::filters_calls;
use super::unix::check;
use crate::Error;

/// A protection key that no thread has any rights to, if the processor and the kernel have them.
pub(crate) fn allocate_key() -> Option<u32> {
    const PKEY_DISABLE_ACCESS: libc::c_ulong = 1;
    // A filter may kill for this call.
    if filters_calls() {
        return None;
    }
    // SAFETY: the call takes integers and touches no memory; new keys are denied to all threads.
    let key = unsafe { libc::syscall(libc::SYS_pkey_alloc, 0, PKEY_DISABLE_ACCESS) };
    u32::try_from(key).ok()
}

/// Gives back a key that no pages are under.
pub(crate) fn free_key(key: u32) {
    // That it is no key can't be, and what the kernel keeps does no harm.
    // SAFETY: the call takes an integer and touches no memory.
    unsafe { libc::syscall(libc::SYS_pkey_free, libc::c_long::from(key)) };
}

/// Puts readable and writable pages under a protection key.
///
/// # Safety
///
/// The caller owns these whole, committed pages, and nobody without rights to `key` uses them.
pub(crate) unsafe fn set_key(at: NonNull<u8>, len: usize, key: u32) -> Result<(), Error> {
    const READ_WRITE: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the caller's promise.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_pkey_mprotect,
            at.as_ptr(),
            len,
            READ_WRITE,
            libc::c_long::from(key),
        )
    };
    check(libc::c_int::from(answer != 0), "pkey_mprotect", len)
}
