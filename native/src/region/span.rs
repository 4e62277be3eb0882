//! Pages for one content alone, its end at their end.

use core::mem::ManuallyDrop;

use strongroom_core::Released;

use crate::Error;
use crate::heap::{CachedPages, Canaried, Heap, Kind, PageCache, Stay};
use crate::pages::{Pages, ProtectionKey};
use crate::protection::{Access, Facts};

/// Pages with one content in them, marks included.
pub(crate) struct Span {
    canaried: Canaried,
    cached: ManuallyDrop<CachedPages>,
    heap: &'static Heap,
}

impl Span {
    /// Pages of `kind` for `len` bytes: cached ones, or new ones.
    pub(crate) fn new(
        heap: &'static Heap,
        kind: Kind,
        len: usize,
        stay: Stay,
    ) -> Result<Self, Error> {
        let size = Canaried::size(len).ok_or(Error::OutOfMemory { asked: len })?;
        let cached = match heap.page_cache.take(kind, size, stay) {
            Some(cached) => cached,
            None => {
                let (pages, facts) = Pages::new(size, kind.backing, kind.locked)?;
                CachedPages { kind, pages, facts }
            }
        };
        Ok(Self::within(cached, size, len, heap))
    }

    /// Pages of `kind` that are set aside, for `len` bytes.
    pub(crate) fn aside(heap: &'static Heap, kind: Kind, len: usize) -> Option<Self> {
        let size = Canaried::size(len)?;
        let cached = heap.page_cache.take_aside(kind, size)?;
        Some(Self::within(cached, size, len, heap))
    }

    /// A content of `len` bytes at the end of `cached`, where it takes `size`, which is no more than there is.
    fn within(cached: CachedPages, size: usize, len: usize, heap: &'static Heap) -> Self {
        // SAFETY: there are at least `size` bytes, and `size` is whole words.
        let start = unsafe { cached.pages.start().add(cached.pages.len() - size) };
        // SAFETY: the pages are ours and zeroed, and this is their end.
        let canaried = unsafe { Canaried::new(start, len, heap.canaries) };
        Self { canaried, cached: ManuallyDrop::new(cached), heap }
    }

    /// The content and its marks.
    pub(crate) fn canaried(&self) -> Canaried {
        self.canaried
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.cached.facts
    }

    /// Changes what may be done with the pages.
    #[inline]
    pub(crate) fn protect(&self, access: Access) -> Result<(), Error> {
        self.cached.pages.protect(access)
    }

    /// Puts the pages under a protection key, or under none.
    pub(crate) fn set_key(&self, key: Option<ProtectionKey>) -> Result<(), Error> {
        self.cached.pages.set_key(key)
    }

    /// The heap that the pages are of.
    pub(crate) fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// Bytes of the pages.
    pub(crate) fn len(&self) -> usize {
        self.cached.pages.len()
    }

    /// Wipes the content, whose pages must be writable, and keeps the pages for the next one.
    pub(crate) fn release(self) -> Released {
        self.release_to(PageCache::put)
    }

    /// Wipes the content, whose pages must be writable, and gives the pages back to the system.
    #[cold]
    pub(crate) fn release_to_system(self) -> Released {
        self.release_to(PageCache::give_back)
    }

    fn release_to(mut self, take: impl FnOnce(&PageCache, CachedPages)) -> Released {
        if !self.heap.birth.is_here() {
            // A child has not inherited the pages, and what is at their addresses now may be its
            // own: it must not be unmapped.
            return Released::Intact;
        }
        // SAFETY: the pages are ours, and the caller has made them writable.
        let released = unsafe { self.heap.canaries.wipe(self.canaried) };
        // SAFETY: `self` ends here, so they are taken once.
        let cached = unsafe { ManuallyDrop::take(&mut self.cached) };
        take(&self.heap.page_cache, cached);
        released
    }
}
