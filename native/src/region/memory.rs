//! Memory that is always readable: the heap's slots, and pages of its own for what is larger.

use strongroom_core::Storage;

use super::plain::PlainRegion;
use crate::Error;
use crate::heap::{Canaried, Growth, Heap, Kind, Stay};
use crate::policy::untold_overrun;
use crate::protection::{Backing, OnLockFailure};

/// Attempts at a contended lock before the thread gives its time away.
const SPINS: u32 = 32;

/// Which memory, and what if it can't be locked.
#[derive(Clone, Copy)]
pub struct Memory {
    pub(crate) heap: &'static Heap,
    pub(crate) backing: Backing,
    pub(crate) on_lock_failure: OnLockFailure,
}

impl Memory {
    /// Whether secrets in this and in `other` may share a vault.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.backing, self.on_lock_failure) == (other.backing, other.on_lock_failure)
    }

    /// Calls `make` with the kind of memory wanted, and how classes may grow for it; where that is allowed
    /// and necessary, again with a kind that isn't locked.
    #[inline]
    pub(crate) fn of_kind<T>(
        &self,
        exclusive: bool,
        make: impl Fn(Kind, Growth) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match make(self.kind(true, exclusive), Growth::Ample) {
            Err(Error::LockLimit { .. }) => self.of_kind_at_limit(exclusive, make),
            made => made,
        }
    }

    /// The same, when no more memory could be locked.
    #[cold]
    fn of_kind_at_limit<T>(
        &self,
        exclusive: bool,
        make: impl Fn(Kind, Growth) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // Memory that is locked and not in use may be of another kind.
        self.heap.trim();
        match make(self.kind(true, exclusive), Growth::Least) {
            Err(Error::LockLimit { .. }) if self.on_lock_failure == OnLockFailure::Degrade => {
                make(self.kind(false, exclusive), Growth::Ample)
            }
            made => made,
        }
    }

    #[inline]
    fn kind(&self, locked: bool, exclusive: bool) -> Kind {
        Kind { backing: self.backing, locked, exclusive }
    }

    /// Memory that nobody reads without a pin; where the system gives none, for whatever reason, what `at_hand`
    /// finds.
    #[inline]
    fn exclusive(
        &self,
        len: usize,
        at_hand: impl Fn(Kind) -> Option<PlainRegion>,
    ) -> Result<PlainRegion, Error> {
        let heap = self.heap;
        // Nearly always there is one, as in `allocate`.
        if let Some(region) = PlainRegion::brief_at_once(heap, self.kind(true, true), len) {
            return Ok(region);
        }
        if heap.tight {
            self.share_a_page();
        }
        self.of_kind(true, |kind, growth| {
            let region = PlainRegion::brief(heap, kind, len, growth);
            region.or_else(|error| match error {
                // What can be given back is, before this is asked for again.
                Error::LockLimit { .. } if growth == Growth::Ample && kind.locked => Err(error),
                error => self.trimmed(|| at_hand(kind)).ok_or(error),
            })
        })
    }

    /// What `at_hand` finds, if need be after all is given back that is not in use.
    #[cold]
    fn trimmed<T>(&self, at_hand: impl Fn() -> Option<T>) -> Option<T> {
        at_hand().or_else(|| {
            // Some slots may be cached.
            self.heap.trim();
            at_hand()
        })
    }

    /// Has one page serve for all, where there are so few. If it can't be had, whatever is asked for next
    /// can't be either, and says so.
    #[cold]
    fn share_a_page(&self) {
        let kind = Kind { backing: self.backing, locked: true, exclusive: true };
        let _ = self.heap.set_aside(kind, 1);
    }

    /// Sets aside what it takes to keep, and to change, the keys of so many vaults with this backing. Where memory
    /// may be had that isn't locked, it need not be.
    pub(crate) fn set_aside_for_keys(&self, vaults: usize) -> Result<(), Error> {
        self.of_kind(true, |kind, _| self.heap.set_aside(kind, vaults))
    }

    /// Sets aside what it takes to open one content of `len` bytes at a time. Where memory may be had that isn't
    /// locked, it need not be.
    pub(crate) fn set_aside(&self, len: usize) -> Result<Option<Aside>, Error> {
        let heap = self.heap;
        self.of_kind(true, |kind, _| {
            heap.set_aside(kind, 1)?;
            let Some(size) =
                Canaried::size(len).filter(|_| len > Heap::LARGEST_ASIDE && kind.locked)
            else {
                return Ok(None);
            };
            heap.page_cache.begin_aside(kind, size)?;
            Ok(Some(Aside { heap, kind, size }))
        })
    }
}

/// Pages that are set aside for reading one content, as long as this lives.
pub(crate) struct Aside {
    heap: &'static Heap,
    kind: Kind,
    size: usize,
}

impl Drop for Aside {
    fn drop(&mut self) {
        // In a child, a thread that it doesn't have may hold the lock.
        if self.heap.birth.is_here() {
            self.heap.page_cache.end_aside(self.kind, self.size);
        }
    }
}

// SAFETY: regions are made for the asked length; those of `scratch` come from exclusive slots, or
// from pages of their own, which nobody reads without a pin.
unsafe impl Storage for Memory {
    type Region = PlainRegion;

    #[inline]
    fn allocate(&self, len: usize) -> Result<PlainRegion, Error> {
        let (heap, stay) = (self.heap, Stay::Lasting);
        if !heap.tight {
            // Nearly always there is one: so errors are kept out of its way, whose size makes results slow.
            return match PlainRegion::at_once(heap, self.kind(true, false), len) {
                Some(region) => Ok(region),
                None => self
                    .of_kind(false, |kind, growth| PlainRegion::new(heap, kind, len, stay, growth)),
            };
        }
        self.share_a_page();
        self.of_kind(true, |kind, growth| {
            let region = PlainRegion::new(heap, kind, len, stay, growth);
            region.or_else(|error| PlainRegion::at_hand(heap, kind, len, stay).ok_or(error))
        })
    }

    #[inline]
    fn scratch(&self, len: usize) -> Result<PlainRegion, Error> {
        let heap = self.heap;
        self.exclusive(len, |kind| {
            let slot = PlainRegion::at_hand(heap, kind, len, Stay::Brief);
            slot.or_else(|| PlainRegion::aside(heap, kind, len))
        })
    }

    /// Never the pages that are set aside for reading the largest content, since it stays.
    fn key_memory(&self, len: usize) -> Result<PlainRegion, Error> {
        self.exclusive(len, |kind| PlainRegion::at_hand(self.heap, kind, len, Stay::Brief))
    }

    #[inline]
    fn check(&self) -> Result<(), Error> {
        self.heap.birth.check()
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        getrandom::fill(out).map_err(|_| Error::Random)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        // A thread that held the lock in the parent will never give it back here.
        self.check()?;
        if attempt < SPINS {
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
        Ok(())
    }

    fn on_overrun() {
        untold_overrun();
    }
}
