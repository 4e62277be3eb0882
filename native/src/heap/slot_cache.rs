//! Slots kept at hand for threads that open encrypted contents all the time, so that two of them share
//! neither a lock nor a cache line.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;
use crate::places::Places;

/// The cached slots of one class; what names a slot is a `T`.
pub(super) struct SlotCache<T>(Places<CachedSlot<T>>);

/// A slot that one thread at a time uses.
pub(crate) struct CachedSlot<T> {
    taken: AtomicBool,
    /// For whoever has set `taken`.
    slot: UnsafeCell<Option<T>>,
}

// SAFETY: the cell is only touched by whoever has set `taken`, until that one resets it; so what is in it goes
// from thread to thread, and is never seen by two.
unsafe impl<T: Send> Sync for CachedSlot<T> {}

impl<T: Copy> SlotCache<T> {
    pub(super) fn new() -> Self {
        let empty = || CachedSlot { taken: AtomicBool::new(false), slot: UnsafeCell::new(None) };
        Self(Places::new(|_| empty()))
    }

    /// A cached slot that was free and is now taken, until it is left; and which slot it is, which `claim` says
    /// if there is none in this place yet. `None` if all are taken.
    #[inline]
    pub(super) fn take(
        &self,
        claim: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Option<(&CachedSlot<T>, T)>, Error> {
        let Some(cached) = self.0.own_first().find(|cached| cached.take()) else { return Ok(None) };
        // SAFETY: this thread has just set `taken`.
        let slot = unsafe { &mut *cached.slot.get() };
        if slot.is_none() {
            *slot = Some(claim().inspect_err(|_| cached.leave())?);
        }
        Ok(slot.map(|slot| (cached, slot)))
    }

    /// A cached slot that was free and is now taken, until it is left, if one is in the first place that is free.
    #[inline]
    pub(super) fn take_kept(&self) -> Option<&CachedSlot<T>> {
        let cached = self.0.own_first().find(|cached| cached.take())?;
        // SAFETY: this thread has just set `taken`.
        if unsafe { (*cached.slot.get()).is_none() } {
            cached.leave();
            return None;
        }
        Some(cached)
    }

    /// Takes out the slots that nobody uses.
    pub(super) fn drain(&self) -> impl Iterator<Item = T> {
        self.0.all().filter(|cached| cached.take()).filter_map(|cached| {
            // SAFETY: this thread has just set `taken`.
            let slot = unsafe { &mut *cached.slot.get() };
            let kept = slot.take();
            cached.leave();
            kept
        })
    }
}

impl<T: Copy> CachedSlot<T> {
    /// Which slot it is.
    ///
    /// # Safety
    ///
    /// The caller has taken it, and not left it yet.
    #[inline]
    pub(crate) unsafe fn slot(&self) -> T {
        // SAFETY: the caller promises that nobody else touches the cell.
        let slot = unsafe { *self.slot.get() };
        slot.expect("what is taken is there")
    }

    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire pairs with the Release of `leave`: the slot is wiped, and the cell is as
        // its last user left it.
        !self.taken.swap(true, Ordering::Acquire)
    }

    /// Says that the slot has been wiped; by whoever has taken it.
    #[inline]
    pub(crate) fn leave(&self) {
        // ORDERING: Release pairs with the Acquire of `take`.
        self.taken.store(false, Ordering::Release);
    }
}
