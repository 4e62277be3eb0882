//! Regions that are readable at rest: a slot of a pool, or a span.

use core::ptr::NonNull;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use super::span::Span;
use crate::Error;
use crate::heap::CachedSlot;
use crate::heap::Canaried;
use crate::heap::{Claim, Growth, SizeClass, Stay};
use crate::heap::{Kind, Pools};
use crate::protection::Facts;

/// Memory for one content.
pub struct PlainRegion {
    canaried: Canaried,
    pools: &'static Pools,
    facts: Facts,
    place: Place,
}

enum Place {
    /// A slot of a class whose memory stays mapped.
    Slot { class: &'static SizeClass, slab: u32, slot: u32, exclusive: bool },
    /// The slot of a cached, which is exclusive.
    CachedSlot(&'static CachedSlot),
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
        let free = |class: &'static SizeClass| Some((class, class.claim_free(&pools.key, stay)?));
        if let Some((class, claim)) = pools.classes(kind, len).find_map(free) {
            return Some(Self::in_slot(pools, class, &claim, kind, len));
        }
        let span = (stay == Stay::Brief).then(|| Span::aside(pools, kind, len));
        span.flatten().map(|span| Self::in_span(pools, span))
    }

    #[inline]
    fn in_slot(
        pools: &'static Pools,
        class: &'static SizeClass,
        claim: &Claim,
        kind: Kind,
        len: usize,
    ) -> Self {
        // SAFETY: the slot is ours and has room for a content of its class with its marks.
        let canaried = unsafe { Canaried::new(claim.address, len, &pools.key) };
        let (slab, slot, exclusive) = (claim.slab, claim.slot, kind.exclusive);
        let place = Place::Slot { class, slab, slot, exclusive };
        Self { canaried, pools, facts: claim.facts, place }
    }

    fn in_span(pools: &'static Pools, span: Span) -> Self {
        let (canaried, facts) = (span.canaried(), span.facts());
        Self { canaried, pools, facts, place: Place::Span(Box::new(span)) }
    }

    /// Memory of exclusive `kind` for `len` bytes for a short time: a cached's, if one is free.
    #[inline]
    pub(crate) fn brief(
        pools: &'static Pools,
        kind: Kind,
        len: usize,
        growth: Growth,
    ) -> Result<Self, Error> {
        let taken = pools
            .class(kind, len)
            .map(|class| class.take_cached_slot(&pools.key, growth))
            .transpose()?;
        let Some((cached, address, facts)) = taken.flatten() else {
            return Self::new(pools, kind, len, Stay::Brief, growth);
        };
        // SAFETY: the slot is ours and has room for a content of its class with its marks.
        let canaried = unsafe { Canaried::new(address, len, &pools.key) };
        Ok(Self { canaried, pools, facts, place: Place::CachedSlot(cached) })
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
//    written through `atomic_bytes` and `Canaried` only, with atomic stores.
// 3. nothing here is sealed.
// 4. `Canaried::wipe` overwrites everything, and nothing here panics. In a forked child the memory
//    isn't there: then there is nothing to wipe.
unsafe impl Region for PlainRegion {
    #[inline]
    fn start(&self) -> NonNull<AtomicU64> {
        self.canaried.content()
    }

    #[inline]
    fn at_rest(&self) -> AtRest {
        match self.place {
            Place::Slot { exclusive: false, .. } => AtRest::Readable,
            Place::Slot { exclusive: true, .. } | Place::CachedSlot(_) | Place::Span(_) => {
                AtRest::PinOnly
            }
        }
    }

    #[inline]
    fn release(self) -> Released {
        match self.place {
            Place::Span(span) => span.release(),
            // A child has not inherited the slot.
            Place::Slot { .. } | Place::CachedSlot(_) if !self.pools.birth.is_here() => {
                Released::Intact
            }
            Place::Slot { class, slab, slot, .. } => {
                // SAFETY: the slot is ours until it is given back.
                let released = unsafe { self.canaried.wipe(self.pools) };
                class.give_back(slab, slot);
                released
            }
            Place::CachedSlot(cached) => {
                // SAFETY: the slot is ours until the cached is left.
                let released = unsafe { self.canaried.wipe(self.pools) };
                cached.leave();
                released
            }
        }
    }
}
