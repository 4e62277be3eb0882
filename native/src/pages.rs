//! Whole pages between two guard pages.

mod data_reserve;
pub(crate) mod fork;
mod protection_key;

pub(crate) use data_reserve::DataReserve;
pub(crate) use fork::Birth;
pub(crate) use protection_key::ProtectionKey;

use core::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::protection::{Access, Backing, Facts};
use crate::{Error, os};

/// Mappings that this library has at the moment, at most. A forked child has those that it doesn't
/// inherit the pages of: they are what is around the pages.
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// Mappings that [`Pages`] take at most: the pages and a guard on either side, which may become one
/// with a neighbour's.
pub(crate) const MAPPINGS: usize = 3;

/// Mappings that this library has at the moment, at most.
pub(crate) fn mappings() -> usize {
    // ORDERING: Relaxed; a figure, which nothing depends on.
    MAPPED.load(Ordering::Relaxed)
}

/// Refuses what the system hasn't got for this process, which would otherwise be killed for it: a process
/// with `CAP_IPC_LOCK` is not held to any limit, and pages are granted before they are there.
///
/// # Errors
///
/// [`Error::OutOfMemory`].
pub(crate) fn refuse_more_than_available(len: usize) -> Result<(), Error> {
    /// Where asking takes no longer than having so many pages cleared.
    const LARGE: usize = 1 << 20;
    let exceeds = |available| len > available;
    match len >= LARGE && os::available_memory().is_some_and(exceeds) {
        true => Err(Error::OutOfMemory { asked: len }),
        false => Ok(()),
    }
}

/// `len` bytes of whole pages, zeroed at first, with an inaccessible page before and after. They stay
/// until they are [unmapped](Self::unmap).
pub(crate) struct Pages {
    inner: NonNull<u8>,
    len: usize,
    backing: Backing,
    locked: bool,
}

// SAFETY: the pages belong to this value, wherever it goes.
unsafe impl Send for Pages {}

impl Pages {
    /// At least `len` bytes.
    pub(crate) fn new(len: usize, backing: Backing, locked: bool) -> Result<(Self, Facts), Error> {
        let page = os::page_size();
        let too_large = Error::TooLarge { len, max: isize::MAX as usize - 3 * page };
        let len = len.checked_next_multiple_of(page).ok_or(too_large)?;
        let whole = len.checked_add(2 * page).filter(|n| *n <= isize::MAX as usize);
        let whole = whole.ok_or(too_large)?;
        refuse_more_than_available(len)?;
        let base = os::reserve(whole)?;
        // ORDERING: Relaxed; a figure, which nothing depends on.
        MAPPED.fetch_add(MAPPINGS, Ordering::Relaxed);
        // SAFETY: one page after the start of a reservation of at least three.
        let inner = unsafe { base.add(page) };
        let mut pages = Self { inner, len, backing, locked: false };
        match pages.commit(locked) {
            Ok(facts) => Ok((pages, facts)),
            Err(error) => {
                // Should the system refuse this too, some empty addresses are lost.
                let _ = pages.unmap();
                Err(error)
            }
        }
    }

    /// The first byte.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.inner
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Makes new or vacated pages usable (again).
    pub(crate) fn commit(&mut self, locked: bool) -> Result<Facts, Error> {
        // SAFETY: the pages are this value's, and hold nothing.
        let facts = unsafe { os::commit(self.inner, self.len, self.backing, locked) }?;
        self.account(facts.locked);
        Ok(facts)
    }

    /// Gives the memory back and keeps the addresses readable.
    ///
    /// # Safety
    ///
    /// Nothing is kept in the pages; they may still be looked at.
    pub(crate) unsafe fn vacate(&mut self) -> Result<(), Error> {
        // SAFETY: the pages are this value's; the caller vouches for the rest.
        unsafe { os::vacate(self.inner, self.len) }?;
        self.account(false);
        Ok(())
    }

    /// Gives memory and addresses back. If the system refuses, the pages are what they were.
    pub(crate) fn unmap(mut self) -> Result<(), Self> {
        let page = os::page_size();
        // SAFETY: the guard page before the pages is the start of the reservation.
        let base = unsafe { self.inner.sub(page) };
        // SAFETY: the reservation is this value's, which ends here.
        match unsafe { os::unmap(base, self.len + 2 * page) } {
            Ok(()) => {
                self.account(false);
                // ORDERING: Relaxed; a figure, which nothing depends on.
                MAPPED.fetch_sub(MAPPINGS, Ordering::Relaxed);
                Ok(())
            }
            Err(_) => Err(self),
        }
    }

    /// Gives up ever giving them back: where they are, and how many bytes.
    pub(crate) fn leak(self) -> (NonNull<u8>, usize) {
        (self.inner, self.len)
    }

    /// Changes what may be done with the pages.
    #[inline]
    pub(crate) fn protect(&self, access: Access) -> Result<(), Error> {
        // SAFETY: the pages are this value's; who uses them asked for this.
        unsafe { os::protect(self.inner, self.len, access) }
    }

    /// Puts the pages under a protection key, or under none.
    // Not inlined: it would be in the way of making pages unreadable without keys, as
    // `ProtectionKey::enter` would.
    #[inline(never)]
    pub(crate) fn set_key(&self, key: Option<ProtectionKey>) -> Result<(), Error> {
        match key {
            // SAFETY: the pages are this value's; who uses them asked for this.
            Some(key) => unsafe { key.put_on(self.inner, self.len) },
            // SAFETY: the pages are this value's; who uses them asked for this.
            None => unsafe { ProtectionKey::take_off(self.inner, self.len) },
        }
    }

    /// Keeps the count of locked bytes.
    fn account(&mut self, locked: bool) {
        match (self.locked, locked) {
            (false, true) => os::count_locked(self.len),
            (true, false) => os::count_unlocked(self.len),
            _ => {}
        }
        self.locked = locked;
    }
}
