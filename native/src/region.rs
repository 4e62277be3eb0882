//! Memory for one content, of whichever level of protection.

mod encrypted;
mod guarded;
mod memory;
mod plain;
mod reprotect;
mod span;

use core::ptr::NonNull;

pub use encrypted::Encrypted;
pub(crate) use guarded::Guard;
pub use guarded::GuardedRegion;
pub use memory::Memory;
pub use plain::PlainRegion;
pub(crate) use reprotect::{Reprotector, Watch};
use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use crate::Error;
use crate::protection::Facts;

/// Memory for one content, of whichever level; boxed where that isn't `Locked`, so that it is small.
pub enum NativeRegion {
    /// Readable at rest.
    Plain(PlainRegion),
    /// Inaccessible at rest.
    Guarded(Box<GuardedRegion>),
    /// Encrypted at rest.
    Encrypted(Box<Encrypted>),
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(
    size_of::<Option<NativeRegion>>() == 16,
    "each secret has room for two of them, so this is what all secrets take more"
);

impl NativeRegion {
    /// What the system has granted to the pages in use.
    pub(crate) fn facts(&self) -> Result<Facts, Error> {
        match self {
            Self::Plain(region) => Ok(region.facts()),
            Self::Guarded(region) => Ok(region.facts()),
            Self::Encrypted(region) => region.facts(),
        }
    }
}

// SAFETY: each of the three keeps the guarantees; this only passes them on.
unsafe impl Region for NativeRegion {
    #[inline]
    fn start(&self) -> NonNull<AtomicU64> {
        match self {
            Self::Plain(region) => region.start(),
            Self::Guarded(region) => region.start(),
            Self::Encrypted(region) => region.start(),
        }
    }

    #[inline]
    fn at_rest(&self) -> AtRest {
        match self {
            Self::Plain(region) => region.at_rest(),
            Self::Guarded(region) => region.at_rest(),
            Self::Encrypted(region) => region.at_rest(),
        }
    }

    #[inline]
    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        match self {
            Self::Plain(region) => region.make_readable(),
            Self::Guarded(region) => region.make_readable(),
            Self::Encrypted(region) => region.make_readable(),
        }
    }

    #[inline]
    fn make_unreadable(&mut self) -> Result<(), Error> {
        match self {
            Self::Plain(region) => region.make_unreadable(),
            Self::Guarded(region) => region.make_unreadable(),
            Self::Encrypted(region) => region.make_unreadable(),
        }
    }

    #[inline]
    fn release(self) -> Released {
        match self {
            Self::Plain(region) => region.release(),
            Self::Guarded(region) => region.release(),
            Self::Encrypted(region) => region.release(),
        }
    }
}
