//! Pages for one content alone, its end at their end.

use core::mem::ManuallyDrop;

use strongroom_core::Released;

use crate::canary::Marked;
use crate::class::Stay;
use crate::keys::ProtectionKey;
use crate::os::Access;
use crate::pages::Pages;
use crate::pool::{Kind, Pools};
use crate::protection::Facts;
use crate::{Error, spares::Spare};

/// Pages with one content in them, marks included.
pub(crate) struct Span {
    marked: Marked,
    spare: ManuallyDrop<Spare>,
    pools: &'static Pools,
}

impl Span {
    /// Pages of `kind` for `len` bytes: spare ones, or new ones.
    pub(crate) fn new(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        stay: Stay,
    ) -> Result<Self, Error> {
        let size = Marked::size(len).ok_or(Error::OutOfMemory { asked: len })?;
        let spare = match pools.spares.take(kind, size, stay) {
            Some(spare) => spare,
            None => {
                let (pages, facts) = Pages::new(size, kind.backing, kind.locked)?;
                Spare { kind, pages, facts }
            }
        };
        Ok(Self::within(spare, size, len, pools))
    }

    /// Pages of `kind` that are set aside, for `len` bytes.
    pub(crate) fn aside(pools: &'static Pools, kind: Kind, len: usize) -> Option<Self> {
        let size = Marked::size(len)?;
        let spare = pools.spares.take_aside(kind, size)?;
        Some(Self::within(spare, size, len, pools))
    }

    /// A content of `len` bytes at the end of `spare`, where it takes `size`, which is no more than there is.
    fn within(spare: Spare, size: usize, len: usize, pools: &'static Pools) -> Self {
        // SAFETY: there are at least `size` bytes, and `size` is whole words.
        let start = unsafe { spare.pages.start().add(spare.pages.len() - size) };
        // SAFETY: the pages are ours and zeroed, and this is their end.
        let marked = unsafe { Marked::new(start, len, &pools.key) };
        Self { marked, spare: ManuallyDrop::new(spare), pools }
    }

    /// The content and its marks.
    pub(crate) fn marked(&self) -> Marked {
        self.marked
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.spare.facts
    }

    /// Changes what may be done with the pages.
    #[inline]
    pub(crate) fn protect(&self, access: Access) -> Result<(), Error> {
        self.spare.pages.protect(access)
    }

    /// Puts the pages under a protection key, or under none.
    pub(crate) fn set_key(&self, key: Option<ProtectionKey>) -> Result<(), Error> {
        self.spare.pages.set_key(key)
    }

    /// Wipes the content, whose pages must be writable, and gives the pages back.
    pub(crate) fn release(mut self) -> Released {
        if !self.pools.birth.is_here() {
            // A child has not inherited the pages, and what is at their addresses now may be its
            // own: it must not be unmapped.
            return Released::Intact;
        }
        // SAFETY: the pages are ours.
        let released = unsafe { self.marked.wipe(self.pools) };
        // SAFETY: `self` ends here, so the spare is taken once.
        let spare = unsafe { ManuallyDrop::take(&mut self.spare) };
        self.pools.spares.put(spare);
        released
    }
}
