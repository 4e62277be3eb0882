//! The native host of the core: which memory a secret gets.

use strongroom_core::Storage;

use crate::Error;
use crate::fork::Birth;
use crate::pool::{Kind, Pools};
use crate::protection::{Backing, OnLockFailure, Protection};
use crate::region::NativeRegion;

/// Attempts at a contended lock before the thread gives its time away.
const SPINS: u32 = 32;

/// What a secret was created with.
#[derive(Clone, Copy)]
pub struct Native {
    pools: &'static Pools,
    birth: Birth,
    pub(crate) protection: Protection,
    backing: Backing,
    on_lock_failure: OnLockFailure,
}

impl Native {
    pub(crate) fn new(
        protection: Protection,
        backing: Backing,
        on_lock_failure: OnLockFailure,
    ) -> Result<Self, Error> {
        let pools = Pools::current()?;
        Ok(Self { pools, birth: pools.birth, protection, backing, on_lock_failure })
    }

    fn region(&self, exclusive: bool, len: usize) -> Result<NativeRegion, Error> {
        let kind = |locked| Kind { backing: self.backing, locked, exclusive };
        match NativeRegion::new(self.pools, kind(true), len) {
            Err(Error::LockLimit { .. }) if self.on_lock_failure == OnLockFailure::Degrade => {
                NativeRegion::new(self.pools, kind(false), len)
            }
            region => region,
        }
    }
}

// SAFETY: regions are made for the asked length; those of `scratch` come from exclusive pools, or
// from pages of their own, which nobody reads without a pin.
unsafe impl Storage for Native {
    type Region = NativeRegion;

    fn allocate(&self, len: usize) -> Result<NativeRegion, Error> {
        self.region(false, len)
    }

    fn scratch(&self, len: usize) -> Result<NativeRegion, Error> {
        self.region(true, len)
    }

    #[inline]
    fn check(&self) -> Result<(), Error> {
        if self.birth.is_here() { Ok(()) } else { Err(Error::Forked) }
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        if attempt < SPINS {
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
        Ok(())
    }
}
