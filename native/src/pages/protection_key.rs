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
        let new = os::allocate_key();
        let key = new.unwrap_or(NONE);
        // ORDERING: Relaxed, as the load in `get`; of several threads one wins, and all take its key.
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
        // SAFETY: the caller owns the pages, and who reads them is inside, and so has rights to the key.
        unsafe { os::set_key(at, len, self.0) }
    }

    /// Puts the pages under no key, so that all threads can write them.
    ///
    /// # Safety
    ///
    /// The caller owns these whole, committed pages.
    pub(crate) unsafe fn take_off(at: NonNull<u8>, len: usize) -> Result<(), Error> {
        // SAFETY: the caller owns the pages; 0 is the key of all ordinary memory, to which all have rights.
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
            os::allow_reading(self.0);
        }
    }

    /// Undoes one [`enter`](Self::enter).
    #[inline(never)]
    pub(crate) fn leave(self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            os::deny(self.0);
        }
    }
}
