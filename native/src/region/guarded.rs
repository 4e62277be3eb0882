//! Regions whose pages can't be accessed while nobody reads.

use core::mem;
use core::ptr::NonNull;
use std::sync::Arc;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use super::reprotect::Watch;
use super::span::Span;
use crate::heap::{Heap, Kind, Stay};
use crate::pages::{Birth, ProtectionKey};
use crate::protection::{Access, Facts};
use crate::{Error, os};

/// What makes the pages inaccessible, and when.
#[derive(Clone)]
pub(crate) enum Guard {
    /// `mprotect`, with the last reader.
    Eager,
    /// `mprotect`, when this says that the secret has been idle.
    Watched(Arc<Watch>),
    /// A protection key, always; threads enter.
    Key(ProtectionKey),
}

/// Pages for one content, inaccessible at rest.
pub struct GuardedRegion {
    span: Span,
    guard: Guard,
    /// What may be done with the pages, if it isn't a key that says so.
    access: Access,
    /// Where the pages are: a child has not inherited them, and what is at their addresses in it is
    /// its own. At hand, since it is asked for whenever they become readable or unreadable.
    birth: Birth,
}

impl GuardedRegion {
    /// Pages of `kind` for `len` bytes.
    pub(crate) fn new(
        heap: &'static Heap,
        kind: Kind,
        len: usize,
        guard: Guard,
    ) -> Result<Self, Error> {
        let span = Span::new(heap, kind, len, Stay::Lasting)?;
        // Secret memory is no data, and neither does what is under a key ever stop to be.
        let counts = !span.facts().memfd_secret && !matches!(guard, Guard::Key(_));
        if counts && let Err(error) = heap.data_reserve.cover(span.len()) {
            span.release();
            return Err(error);
        }
        Ok(Self { span, guard, access: Access::ReadWrite, birth: heap.birth })
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.span.facts()
    }

    fn make_writable(&mut self) -> Result<(), Error> {
        self.birth.check()?;
        match self.guard {
            Guard::Key(_) => self.span.set_key(None)?,
            Guard::Eager | Guard::Watched(_) => self.span.protect(Access::ReadWrite)?,
        }
        self.ends_reading(Access::ReadWrite);
        Ok(())
    }

    /// Remembers that the time of reading is over and `access` is what is left, and tells who watches.
    #[inline]
    fn ends_reading(&mut self, access: Access) {
        let before = mem::replace(&mut self.access, access);
        if let (Guard::Watched(watch), Access::Read) = (&self.guard, before) {
            watch.on_unreadable();
        }
    }
}

// SAFETY: for the numbered guarantees:
// 1. a span is zeroed at first, aligned, and nobody else's; it is writable until `make_unreadable`.
// 2. contents are never readable at rest.
// 3. `make_readable` makes the same words readable that `start` names, to all threads or to this
//    one until it leaves; nothing is written to a readable region before `release`.
// 4. `release` makes the span writable, or ends the process, and `Span::release` wipes it.
unsafe impl Region for GuardedRegion {
    fn start(&self) -> NonNull<AtomicU64> {
        self.span.canaried().content()
    }

    fn at_rest(&self) -> AtRest {
        match self.guard {
            Guard::Eager => AtRest::Unreadable { eager: true },
            Guard::Watched(_) => AtRest::Unreadable { eager: false },
            Guard::Key(_) => AtRest::Entered,
        }
    }

    #[inline(never)]
    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        self.birth.check()?;
        if let Guard::Key(key) = self.guard {
            key.enter();
            return Ok(self.start());
        }
        self.span.protect(Access::Read)?;
        self.access = Access::Read;
        if let Guard::Watched(watch) = &self.guard {
            watch.on_readable();
        }
        Ok(self.start())
    }

    #[inline(never)]
    fn make_unreadable(&mut self) -> Result<(), Error> {
        self.birth.check()?;
        match self.guard {
            Guard::Key(key) => self.span.set_key(Some(key))?,
            Guard::Eager | Guard::Watched(_) => self.span.protect(Access::None)?,
        }
        self.ends_reading(Access::None);
        Ok(())
    }

    fn release(mut self) -> Released {
        let failed = |error| error != Error::Forked;
        if self.access == Access::ReadWrite || !self.make_writable().is_err_and(failed) {
            return self.span.release();
        }
        // At the limit of data, there is what is kept for this. The pages then don't stay, so that it comes back.
        let data_reserve = &self.span.heap().data_reserve;
        data_reserve.lend(|| {
            if self.make_writable().is_err_and(failed) {
                // The bytes are there, can't be wiped, and nobody would ever know.
                os::end_process(
                    "strongroom: a secret's memory could not be made writable to wipe it, so this process \
                     ends, and the secret with it\n",
                );
            }
            self.span.release_to_system()
        })
    }
}
