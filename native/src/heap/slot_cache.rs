//! Slots kept at hand for threads that open encrypted contents all the time, so that two of them share
//! neither a lock nor a cache line.

use core::ptr::NonNull;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use strongroom_core::CACHE_LINE;

use super::slab::Claim;
use crate::Error;
use crate::protection::Facts;

/// Slots that are kept per class, at most.
const CACHED_SLOTS: usize = 8;

thread_local! {
    /// Which of the cached slots a thread tries first.
    static OWN: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        // ORDERING: Relaxed; any spread of threads over them will do.
        THREADS.fetch_add(1, Ordering::Relaxed) % CACHED_SLOTS
    };
}

/// The cached slots of one class.
#[derive(Default)]
pub(crate) struct SlotCache([CachedSlot; CACHED_SLOTS]);

/// A slot that one thread at a time uses, on a cache line of its own.
#[derive(Default)]
#[repr(align(64))] // `CACHE_LINE`, which is not allowed here
pub(crate) struct CachedSlot {
    taken: AtomicBool,
    /// For whoever has set `taken`.
    slot: UnsafeCell<Option<Claim>>,
}

const _: () = assert!(align_of::<CachedSlot>() == CACHE_LINE, "two would share a line");

// SAFETY: a slot belongs to no thread in particular.
unsafe impl Send for CachedSlot {}
// SAFETY: the cell is only touched by whoever has set `taken`, until that one resets it.
unsafe impl Sync for CachedSlot {}

impl SlotCache {
    /// A cached slot that was free and is now taken, until it is left; where it is, which `claim` says
    /// if there is none in this place yet; and what protects it. `None` if all are taken.
    #[inline]
    pub(crate) fn take(
        &self,
        claim: impl FnOnce() -> Result<Claim, Error>,
    ) -> Result<Option<(&CachedSlot, NonNull<u8>, Facts)>, Error> {
        let own = OWN.with(|own| *own);
        let mut all = (own..own + CACHED_SLOTS).map(|number| &self.0[number % CACHED_SLOTS]);
        let Some(cached) = all.find(|cached| cached.take()) else { return Ok(None) };
        // SAFETY: this thread has just set `taken`.
        let slot = unsafe { &mut *cached.slot.get() };
        if slot.is_none() {
            *slot = Some(claim().inspect_err(|_| cached.leave())?);
        }
        Ok(slot.as_ref().map(|slot| (cached, slot.address, slot.facts)))
    }

    /// Takes out the slots that nobody uses.
    pub(crate) fn drain(&self) -> impl Iterator<Item = Claim> {
        self.0.iter().filter(|cached| cached.take()).filter_map(|cached| {
            // SAFETY: this thread has just set `taken`.
            let slot = unsafe { &mut *cached.slot.get() };
            let kept = slot.take();
            cached.leave();
            kept
        })
    }
}

impl CachedSlot {
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
