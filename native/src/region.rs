//! The two kinds of regions: a slot of a pool, and pages of one's own.

use core::ptr::NonNull;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use crate::Error;
use crate::canary::Marked;
use crate::class::Class;
use crate::pages::Pages;
use crate::pool::{Kind, Pools};
use crate::protection::Facts;

/// Memory for one content.
pub struct NativeRegion {
    marked: Marked,
    facts: Facts,
    pools: &'static Pools,
    place: Place,
}

enum Place {
    /// A slot of a class whose memory stays mapped.
    Slot { class: &'static Class, slab: u32, slot: u32, exclusive: bool },
    /// Pages that go with the content.
    Span(#[expect(dead_code, reason = "held for its Drop")] Pages),
}

// SAFETY: the memory behind the pointers belongs to this value, wherever it goes.
unsafe impl Send for NativeRegion {}

impl NativeRegion {
    /// Memory of `kind` for `len` bytes.
    pub(crate) fn new(pools: &'static Pools, kind: Kind, len: usize) -> Result<Self, Error> {
        match Self::try_new(pools, kind, len) {
            Err(Error::LockLimit { .. }) => {
                pools.trim();
                Self::try_new(pools, kind, len)
            }
            result => result,
        }
    }

    fn try_new(pools: &'static Pools, kind: Kind, len: usize) -> Result<Self, Error> {
        let (start, facts, place) = match pools.class(kind, len) {
            Some(class) => {
                let claim = class.claim(&pools.key)?;
                let (slab, slot) = (claim.slab, claim.slot);
                let exclusive = kind.exclusive;
                (claim.address, claim.facts, Place::Slot { class, slab, slot, exclusive })
            }
            None => {
                let size = Marked::size(len).ok_or(Error::OutOfMemory { asked: len })?;
                let (pages, facts) = Pages::new(size, kind.backing, kind.locked)?;
                // The end of the content is at the end of the pages, but for its mark.
                // SAFETY: `size` fits, and is whole words.
                let start = unsafe { pages.start().add(pages.len() - size) };
                (start, facts, Place::Span(pages))
            }
        };
        // SAFETY: the slot or the pages are ours and have room for the content and its marks.
        let marked = unsafe { Marked::new(start, len, &pools.key) };
        Ok(Self { marked, facts, pools, place })
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }
}

// SAFETY: for the numbered guarantees:
// 1. slots are claimed by one party at a time and were wiped when given back; new pages are
//    zeroed; both are writable, and aligned to words as slot sizes are whole words.
// 2. slabs are never unmapped, only replaced by readable zeros; slots that are not exclusive are
//    written through `words` and `Marked` only, with atomic stores.
// 3. nothing here is sealed.
// 4. `Marked::wipe` overwrites everything, and nothing here panics. In a forked child the memory
//    isn't there: then there is nothing to wipe.
unsafe impl Region for NativeRegion {
    fn start(&self) -> NonNull<AtomicU64> {
        self.marked.content()
    }

    fn at_rest(&self) -> AtRest {
        match self.place {
            Place::Slot { exclusive: false, .. } => AtRest::Readable,
            Place::Slot { exclusive: true, .. } | Place::Span(_) => AtRest::PinOnly,
        }
    }

    fn release(self) -> Released {
        if !self.pools.birth.is_here() {
            // The pages of this region were not inherited; nor must they be unmapped, for what is
            // at their addresses now may be this process's own.
            core::mem::forget(self);
            return Released::Intact;
        }
        // SAFETY: the memory is ours and writable until the end of this function.
        let released = unsafe { self.marked.wipe(&self.pools.key) };
        if let Place::Slot { class, slab, slot, .. } = self.place {
            class.give_back(slab, slot);
        }
        released
    }
}
