//! Regions that are readable at rest: a slot of a pool, or a span.

use core::ptr::NonNull;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use crate::Error;
use crate::canary::Marked;
use crate::class::{Claim, Class, Growth, Stay};
use crate::lanes::Lane;
use crate::pool::{Kind, Pools};
use crate::protection::Facts;
use crate::span::Span;

/// Memory for one content.
pub struct PlainRegion {
    marked: Marked,
    pools: &'static Pools,
    facts: Facts,
    place: Place,
}

enum Place {
    /// A slot of a class whose memory stays mapped.
    Slot { class: &'static Class, slab: u32, slot: u32, exclusive: bool },
    /// The slot of a lane, which is exclusive.
    Lane(&'static Lane),
    /// Pages that go with the content; boxed, so that small secrets stay small.
    Span(Box<Span>),
}

impl PlainRegion {
    /// Memory of `kind` for `len` bytes.
    #[inline]
    pub(crate) fn new(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        stay: Stay,
        growth: Growth,
    ) -> Result<Self, Error> {
        let Some(class) = pools.class(kind, len) else {
            return Ok(Self::in_span(pools, Span::new(pools, kind, len, stay)?));
        };
        let claim = class.claim(&pools.key, stay, growth)?;
        Ok(Self::in_slot(pools, class, &claim, kind, len))
    }

    /// Memory of `kind` for `len` bytes without asking the system: any slot that is free, or, for a short
    /// time, what is set aside.
    #[cold]
    pub(crate) fn at_hand(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        stay: Stay,
    ) -> Option<Self> {
        let free = |class: &'static Class| Some((class, class.claim_free(&pools.key, stay)?));
        if let Some((class, claim)) = pools.classes(kind, len).find_map(free) {
            return Some(Self::in_slot(pools, class, &claim, kind, len));
        }
        let span = (stay == Stay::Brief).then(|| Span::aside(pools, kind, len));
        span.flatten().map(|span| Self::in_span(pools, span))
    }

    #[inline]
    fn in_slot(
        pools: &'static Pools,
        class: &'static Class,
        claim: &Claim,
        kind: Kind,
        len: usize,
    ) -> Self {
        // SAFETY: the slot is ours and has room for a content of its class with its marks.
        let marked = unsafe { Marked::new(claim.address, len, &pools.key) };
        let (slab, slot, exclusive) = (claim.slab, claim.slot, kind.exclusive);
        let place = Place::Slot { class, slab, slot, exclusive };
        Self { marked, pools, facts: claim.facts, place }
    }

    fn in_span(pools: &'static Pools, span: Span) -> Self {
        let (marked, facts) = (span.marked(), span.facts());
        Self { marked, pools, facts, place: Place::Span(Box::new(span)) }
    }

    /// Memory of exclusive `kind` for `len` bytes for a short time: a lane's, if one is free.
    #[inline]
    pub(crate) fn brief(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        growth: Growth,
    ) -> Result<Self, Error> {
        let taken =
            pools.class(kind, len).map(|class| class.take_lane(&pools.key, growth)).transpose()?;
        let Some((lane, address, facts)) = taken.flatten() else {
            return Self::new(pools, kind, len, Stay::Brief, growth);
        };
        // SAFETY: the slot is ours and has room for a content of its class with its marks.
        let marked = unsafe { Marked::new(address, len, &pools.key) };
        Ok(Self { marked, pools, facts, place: Place::Lane(lane) })
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }
}

// SAFETY: for the numbered guarantees:
// 1. slots are claimed by one party at a time and were wiped when given back; spans likewise; both
//    are writable, and aligned to words as slot sizes are whole words.
// 2. slabs are never unmapped, only replaced by readable zeros; slots that are not exclusive are
//    written through `words` and `Marked` only, with atomic stores.
// 3. nothing here is sealed.
// 4. `Marked::wipe` overwrites everything, and nothing here panics. In a forked child the memory
//    isn't there: then there is nothing to wipe.
unsafe impl Region for PlainRegion {
    #[inline]
    fn start(&self) -> NonNull<AtomicU64> {
        self.marked.content()
    }

    #[inline]
    fn at_rest(&self) -> AtRest {
        match self.place {
            Place::Slot { exclusive: false, .. } => AtRest::Readable,
            Place::Slot { exclusive: true, .. } | Place::Lane(_) | Place::Span(_) => {
                AtRest::PinOnly
            }
        }
    }

    #[inline]
    fn release(self) -> Released {
        match self.place {
            Place::Span(span) => span.release(),
            // A child has not inherited the slot.
            Place::Slot { .. } | Place::Lane(_) if !self.pools.birth.is_here() => Released::Intact,
            Place::Slot { class, slab, slot, .. } => {
                // SAFETY: the slot is ours until it is given back.
                let released = unsafe { self.marked.wipe(self.pools) };
                class.give_back(slab, slot);
                released
            }
            Place::Lane(lane) => {
                // SAFETY: the slot is ours until the lane is left.
                let released = unsafe { self.marked.wipe(self.pools) };
                lane.leave();
                released
            }
        }
    }
}
