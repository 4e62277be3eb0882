//! Regions whose pages can't be accessed while nobody reads.

use core::ptr::NonNull;
use std::process::abort;
use std::sync::Arc;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use crate::Error;
use crate::os::Access;
use crate::pool::{Kind, Pools};
use crate::protection::Facts;
use crate::reseal::Watch;
use crate::span::Span;

/// Pages for one content, inaccessible at rest.
pub struct GuardedRegion {
    span: Span,
    accessible: Access,
    pools: &'static Pools,
    /// Who seals after a while, if not the last reader.
    watch: Option<Arc<Watch>>,
}

impl GuardedRegion {
    /// Pages of `kind` for `len` bytes.
    pub(crate) fn new(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        watch: Option<Arc<Watch>>,
    ) -> Result<Self, Error> {
        let span = Span::new(pools, kind, len)?;
        Ok(Self { span, accessible: Access::ReadWrite, pools, watch })
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.span.facts()
    }

    fn make(&mut self, access: Access) -> Result<(), Error> {
        if !self.pools.birth.is_here() {
            // A child has not inherited the pages; what is at their addresses now is its own.
            return Err(Error::Forked);
        }
        self.span.protect(access)?;
        self.accessible = access;
        Ok(())
    }
}

// SAFETY: for the numbered guarantees:
// 1. a span is zeroed at first, aligned, and nobody else's; it is writable until `seal`.
// 2. contents are never readable at rest.
// 3. `open` makes the same words readable that `start` names; nothing is written to an open region
//    before `release`.
// 4. `release` makes the span writable, or ends the process, and `Span::release` wipes it.
unsafe impl Region for GuardedRegion {
    fn start(&self) -> NonNull<AtomicU64> {
        self.span.marked().content()
    }

    fn at_rest(&self) -> AtRest {
        AtRest::Sealed { eager: self.watch.is_none() }
    }

    fn open(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        self.make(Access::Read)?;
        if let Some(watch) = &self.watch {
            watch.opened();
        }
        Ok(self.start())
    }

    fn seal(&mut self) -> Result<(), Error> {
        self.make(Access::None)
    }

    fn release(mut self) -> Released {
        let writable = self.accessible == Access::ReadWrite;
        if !writable && self.make(Access::ReadWrite).is_err_and(|error| error != Error::Forked) {
            // The bytes are there, can't be wiped, and nobody would ever know.
            eprintln!("strongroom: a secret's memory could not be made writable to wipe it");
            abort();
        }
        self.span.release()
    }
}
