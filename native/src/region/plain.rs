//! Regions that are readable at rest: a slot, or a span.

use core::ptr::NonNull;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use super::span::Span;
use crate::Error;
use crate::heap::{CachedSlot, Canaried, Claim, Growth, Heap, Kind, SizeClass, Stay};
use crate::protection::Facts;

/// Memory for one content.
pub struct PlainRegion {
    canaried: Canaried,
    heap: &'static Heap,
    facts: Facts,
    place: Place,
}

enum Place {
    /// A slot of a class whose memory stays mapped.
    Slot { class: &'static SizeClass, slab: u32, slot: u32, exclusive: bool },
    /// A cached slot, which is exclusive.
    CachedSlot(&'static CachedSlot),
    /// Pages that go with the content; boxed, so that small secrets stay small.
    Span(Box<Span>),
}

impl PlainRegion {
    /// Memory of `kind` for `len` bytes.
    #[inline]
    pub(crate) fn new(
        heap: &'static Heap,
        kind: Kind,
        len: usize,
        stay: Stay,
        growth: Growth,
    ) -> Result<Self, Error> {
        let Some(class) = heap.class(kind, len) else {
            return Ok(Self::in_span(heap, Span::new(heap, kind, len, stay)?));
        };
        let claim = class.claim(&heap.key, stay, growth)?;
        Ok(Self::in_slot(heap, class, &claim, kind, len))
    }

    /// Memory of `kind` for `len` bytes without asking the system: any slot that is free.
    #[cold]
    pub(crate) fn at_hand(heap: &'static Heap, kind: Kind, len: usize, stay: Stay) -> Option<Self> {
        let free = |class: &'static SizeClass| Some((class, class.claim_free(&heap.key, stay)?));
        let (class, claim) = heap.classes(kind, len).find_map(free)?;
        Some(Self::in_slot(heap, class, &claim, kind, len))
    }

    /// The pages of `kind` that are set aside, for the moment in which a content of `len` bytes is read.
    #[cold]
    pub(crate) fn aside(heap: &'static Heap, kind: Kind, len: usize) -> Option<Self> {
        Span::aside(heap, kind, len).map(|span| Self::in_span(heap, span))
    }

    #[inline]
    fn in_slot(
        heap: &'static Heap,
        class: &'static SizeClass,
        claim: &Claim,
        kind: Kind,
        len: usize,
    ) -> Self {
        // SAFETY: the slot is ours and has room for a content of its class with its marks.
        let canaried = unsafe { Canaried::new(claim.address, len, &heap.key) };
        let (slab, slot, exclusive) = (claim.slab, claim.slot, kind.exclusive);
        let place = Place::Slot { class, slab, slot, exclusive };
        Self { canaried, heap, facts: claim.facts, place }
    }

    fn in_span(heap: &'static Heap, span: Span) -> Self {
        let (canaried, facts) = (span.canaried(), span.facts());
        Self { canaried, heap, facts, place: Place::Span(Box::new(span)) }
    }

    /// Memory of exclusive `kind` for `len` bytes for a short time: a cached slot, if one is free.
    #[inline]
    pub(crate) fn brief(
        heap: &'static Heap,
        kind: Kind,
        len: usize,
        growth: Growth,
    ) -> Result<Self, Error> {
        let taken = heap
            .class(kind, len)
            .map(|class| class.take_cached_slot(&heap.key, growth))
            .transpose()?;
        let Some((cached, address, facts)) = taken.flatten() else {
            return Self::new(heap, kind, len, Stay::Brief, growth);
        };
        // SAFETY: the slot is ours and has room for a content of its class with its marks.
        let canaried = unsafe { Canaried::new(address, len, &heap.key) };
        Ok(Self { canaried, heap, facts, place: Place::CachedSlot(cached) })
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
// 3. nothing here is ever unreadable.
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
            Place::Slot { .. } | Place::CachedSlot(_) if !self.heap.birth.is_here() => {
                Released::Intact
            }
            Place::Slot { class, slab, slot, .. } => {
                // SAFETY: the slot is ours until it is given back.
                let released = unsafe { self.heap.wipe(self.canaried) };
                class.give_back(slab, slot);
                released
            }
            Place::CachedSlot(cached) => {
                // SAFETY: the slot is ours until it is left.
                let released = unsafe { self.heap.wipe(self.canaried) };
                cached.leave();
                released
            }
        }
    }
}
