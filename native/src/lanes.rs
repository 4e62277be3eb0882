//! Slots kept at hand for threads that open sealed contents all the time, so that two of them share
//! neither a lock nor a cache line.

use core::ptr::NonNull;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::Error;
use crate::class::Claim;
use crate::protection::Facts;

/// Lanes per class: slots that it keeps at most.
const LANES: usize = 8;

thread_local! {
    /// The lane that a thread tries first.
    static OWN: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        // ORDERING: Relaxed; any spread of threads over lanes will do.
        THREADS.fetch_add(1, Ordering::Relaxed) % LANES
    };
}

/// The lanes of one class.
#[derive(Default)]
pub(crate) struct Lanes([Lane; LANES]);

/// A slot that one thread at a time uses, on a cache line of its own.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct Lane {
    taken: AtomicBool,
    /// For whoever has set `taken`.
    slot: UnsafeCell<Option<Claim>>,
}

// SAFETY: a slot belongs to no thread in particular.
unsafe impl Send for Lane {}
// SAFETY: the cell is only touched by whoever has set `taken`, until that one resets it.
unsafe impl Sync for Lane {}

impl Lanes {
    /// A lane that was free and is now taken, until it is left; where its slot is, which `claim`
    /// fetches if the lane has none yet; and what protects it. `None` if all lanes are taken.
    #[inline]
    pub(crate) fn take(
        &self,
        claim: impl FnOnce() -> Result<Claim, Error>,
    ) -> Result<Option<(&Lane, NonNull<u8>, Facts)>, Error> {
        let own = OWN.with(|own| *own);
        let mut lanes = (own..own + LANES).map(|number| &self.0[number % LANES]);
        let Some(lane) = lanes.find(|lane| lane.take()) else { return Ok(None) };
        // SAFETY: this thread has just taken the lane.
        let slot = unsafe { &mut *lane.slot.get() };
        if slot.is_none() {
            *slot = Some(claim().inspect_err(|_| lane.leave())?);
        }
        Ok(slot.as_ref().map(|slot| (lane, slot.address, slot.facts)))
    }

    /// Takes the slots of all lanes that are free.
    pub(crate) fn drain(&self) -> impl Iterator<Item = Claim> {
        self.0.iter().filter(|lane| lane.take()).filter_map(|lane| {
            // SAFETY: this thread has just taken the lane.
            let slot = unsafe { &mut *lane.slot.get() };
            let kept = slot.take();
            lane.leave();
            kept
        })
    }
}

impl Lane {
    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire pairs with the Release of `leave`: the slot is wiped, and the cell is as
        // its last user left it.
        !self.taken.swap(true, Ordering::Acquire)
    }

    /// Says that the slot has been wiped; by whoever has taken the lane.
    #[inline]
    pub(crate) fn leave(&self) {
        // ORDERING: Release pairs with the Acquire of `take`.
        self.taken.store(false, Ordering::Release);
    }
}
