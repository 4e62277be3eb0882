//! Memory protection keys: pages that a thread can reach only while it says so.
//!
//! Where the processor and the kernel have them (Intel since 2017, AMD since Zen 3, not in every
//! virtual machine; `pkey_alloc` tells), making a guarded secret readable and unreadable takes two
//! instructions instead of two system calls, and opens it for one thread instead of for all. There are
//! at most 15 keys in a process, so one serves all guarded secrets: a thread inside one can read all
//! of them. See pkeys(7).

use core::ptr::NonNull;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Error, os};

/// The key that was allocated, [`NONE`] or [`UNKNOWN`]. Not a lock around the allocation: a child that was
/// forked in the middle of that would wait for a thread which it doesn't have.
static KEY: AtomicU32 = AtomicU32::new(UNKNOWN);

/// Nobody has asked yet.
const UNKNOWN: u32 = u32::MAX;

/// There are no keys.
const NONE: u32 = u32::MAX - 1;

/// The key of this process, if it has one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ProtectionKey(u32);

thread_local! {
    /// How many accesses this thread is inside.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

impl ProtectionKey {
    /// The key of this process. It is allocated once and kept: a forked child inherits it.
    pub(crate) fn get() -> Option<Self> {
        // ORDERING: Relaxed; the number is all, and the kernel knows of the key before anybody else.
        let key = match KEY.load(Ordering::Relaxed) {
            UNKNOWN => Self::allocate(),
            key => key,
        };
        (key != NONE).then_some(Self(key))
    }

    #[cold]
    fn allocate() -> u32 {
        let new = rights::SUPPORTED.then(os::allocate_key).flatten();
        let key = new.unwrap_or(NONE);
        // ORDERING: Relaxed, as above; of several threads one wins, and all take its key.
        match KEY.compare_exchange(UNKNOWN, key, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => key,
            Err(first) => {
                new.inspect(|surplus| os::free_key(*surplus));
                first
            }
        }
    }

    /// Puts the pages under this key.
    ///
    /// # Safety
    ///
    /// The caller owns these whole, committed pages, and nobody reads them but inside.
    pub(crate) unsafe fn put_on(self, at: NonNull<u8>, len: usize) -> Result<(), Error> {
        // SAFETY: the caller's promise.
        unsafe { os::set_key(at, len, self.0) }
    }

    /// Puts the pages under no key, so that all threads can write them.
    ///
    /// # Safety
    ///
    /// The caller owns these whole, committed pages.
    pub(crate) unsafe fn take_off(at: NonNull<u8>, len: usize) -> Result<(), Error> {
        // SAFETY: the caller's promise; 0 is the key of all ordinary memory.
        unsafe { os::set_key(at, len, 0) }
    }

    /// Lets this thread read the pages under this key until it has left as often as entered.
    ///
    /// Neither this nor `leave` is inlined: where there are no keys, their code would stand in the way
    /// of each access, which costs 60 ns after a system call.
    #[inline(never)]
    pub(crate) fn enter(self) {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        if depth == 0 {
            rights::allow_reading(self.0);
        }
    }

    /// Undoes one [`enter`](Self::enter).
    #[inline(never)]
    pub(crate) fn leave(self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            rights::deny(self.0);
        }
    }
}

/// The rights of the running thread: the register PKRU, two bits per key (Intel SDM, volume 3A,
/// section 5.6.2).
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod rights {
    use core::arch::asm;

    /// Whether this file can change rights on this target.
    pub(super) const SUPPORTED: bool = true;

    const ACCESS_DISABLED: u32 = 1;
    const WRITING_DISABLED: u32 = 2;

    pub(super) fn allow_reading(key: u32) {
        set(key, WRITING_DISABLED);
    }

    pub(super) fn deny(key: u32) {
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
}

/// No other target has been written for.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod rights {
    /// Whether this file can change rights on this target.
    pub(super) const SUPPORTED: bool = false;

    pub(super) fn allow_reading(_key: u32) {}

    pub(super) fn deny(_key: u32) {}
}
