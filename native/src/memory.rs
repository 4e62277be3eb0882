//! Memory that is always readable: the pools' slots, and pages of its own for what is larger.

use strongroom_core::Storage;

use crate::Error;
use crate::class::Growth;
use crate::plain::PlainRegion;
use crate::pool::{Kind, Pools};
use crate::protection::{Backing, OnLockFailure};

/// Attempts at a contended lock before the thread gives its time away.
const SPINS: u32 = 32;

/// Which memory, and what if it can't be locked.
#[derive(Clone, Copy)]
pub struct Memory {
    pub(crate) pools: &'static Pools,
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
        let kind = |locked| Kind { backing: self.backing, locked, exclusive };
        let mut made = make(kind(true), Growth::Ample);
        if matches!(made, Err(Error::LockLimit { .. })) {
            // Memory that is locked and not in use may be in another pool.
            self.pools.trim();
            made = make(kind(true), Growth::Least);
        }
        match made {
            Err(Error::LockLimit { .. }) if self.on_lock_failure == OnLockFailure::Degrade => {
                make(kind(false), Growth::Ample)
            }
            made => made,
        }
    }
}

// SAFETY: regions are made for the asked length; those of `scratch` come from exclusive pools, or
// from pages of their own, which nobody reads without a pin.
unsafe impl Storage for Memory {
    type Region = PlainRegion;

    #[inline]
    fn allocate(&self, len: usize) -> Result<PlainRegion, Error> {
        self.of_kind(false, |kind, growth| PlainRegion::new(self.pools, kind, len, growth))
    }

    #[inline]
    fn scratch(&self, len: usize) -> Result<PlainRegion, Error> {
        self.of_kind(true, |kind, growth| PlainRegion::brief(self.pools, kind, len, growth))
    }

    #[inline]
    fn check(&self) -> Result<(), Error> {
        self.pools.birth.check()
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
}
