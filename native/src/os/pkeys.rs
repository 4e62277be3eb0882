//! Protection keys (pkeys(7)): the system calls, and the register that says what a thread may do.

use core::arch::asm;
use core::ptr::NonNull;

use super::filter::filters_calls;
use super::unix::{answered, failed};
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
    // SAFETY: the caller owns the pages, and whoever uses them has rights to the key.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_pkey_mprotect,
            at.as_ptr(),
            len,
            READ_WRITE,
            libc::c_long::from(key),
        )
    };
    answered(answer).map(drop).map_err(|number| failed(number, "pkey_mprotect", len))
}

/// Of a thread's register PKRU, two bits per key (Intel SDM, volume 3A, section 5.6.2).
const ACCESS_DISABLED: u32 = 1;
const WRITING_DISABLED: u32 = 2;

/// Lets the running thread read pages under the key, and not write them.
pub(crate) fn allow_reading(key: u32) {
    set(key, WRITING_DISABLED);
}

/// Lets the running thread do nothing with pages under the key.
pub(crate) fn deny(key: u32) {
    set(key, ACCESS_DISABLED | WRITING_DISABLED);
}

fn set(key: u32, rights: u32) {
    let shift = 2 * key;
    let register = (read() & !(3 << shift)) | (rights << shift);
    // SAFETY: the kernel gave us a key, so the instruction exists; it changes what this thread
    // may do with pages under that key and nothing else. It is a barrier for the compiler, as
    // `nomem` isn't given: no read of those pages moves out of an access.
    unsafe {
        asm!("wrpkru", in("eax") register, in("ecx") 0, in("edx") 0, options(nostack, preserves_flags));
    }
}

fn read() -> u32 {
    let register: u32;
    // SAFETY: the kernel gave us a key, so the instruction exists; it only reads a register.
    unsafe {
        asm!("rdpkru", out("eax") register, in("ecx") 0, out("edx") _, options(nomem, nostack, preserves_flags));
    }
    register
}
