//! Pages for one content alone, its end at their end.

use core::mem::ManuallyDrop;

use strongroom_core::Released;

use crate::heap::Canaried;
use crate::heap::Stay;
use crate::heap::{Kind, Pools};
use crate::os::Access;
use crate::pages::Pages;
use crate::pages::ProtectionKey;
use crate::protection::Facts;
use crate::{Error, heap::CachedPages};

/// Pages with one content in them, marks included.
pub(crate) struct Span {
    canaried: Canaried,
    cached: ManuallyDrop<CachedPages>,
    pools: &'static Pools,
}

impl Span {
    /// Pages of `kind` for `len` bytes: cached ones, or new ones.
    pub(crate) fn new(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        stay: Stay,
    ) -> Result<Self, Error> {
        let size = Canaried::size(len).ok_or(Error::OutOfMemory { asked: len })?;
        let cached = match pools.page_cache.take(kind, size, stay) {
            Some(cached) => cached,
            None => {
                let (pages, facts) = Pages::new(size, kind.backing, kind.locked)?;
                CachedPages { kind, pages, facts }
            }
        };
        Ok(Self::within(cached, size, len, pools))
    }

    /// Pages of `kind` that are set aside, for `len` bytes.
    pub(crate) fn aside(pools: &'static Pools, kind: Kind, len: usize) -> Option<Self> {
        let size = Canaried::size(len)?;
        let cached = pools.page_cache.take_aside(kind, size)?;
        Some(Self::within(cached, size, len, pools))
    }

    /// A content of `len` bytes at the end of `cached`, where it takes `size`, which is no more than there is.
    fn within(cached: CachedPages, size: usize, len: usize, pools: &'static Pools) -> Self {
        // SAFETY: there are at least `size` bytes, and `size` is whole words.
        let start = unsafe { cached.pages.start().add(cached.pages.len() - size) };
        // SAFETY: the pages are ours and zeroed, and this is their end.
        let canaried = unsafe { Canaried::new(start, len, &pools.key) };
        Self { canaried, cached: ManuallyDrop::new(cached), pools }
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

    /// Wipes the content, whose pages must be writable, and gives the pages back.
    pub(crate) fn release(mut self) -> Released {
        if !self.pools.birth.is_here() {
            // A child has not inherited the pages, and what is at their addresses now may be its
            // own: it must not be unmapped.
            return Released::Intact;
        }
        // SAFETY: the pages are ours.
        let released = unsafe { self.canaried.wipe(self.pools) };
        // SAFETY: `self` ends here, so the cached is taken once.
        let cached = unsafe { ManuallyDrop::take(&mut self.cached) };
        self.pools.page_cache.put(cached);
        released
    }
}
