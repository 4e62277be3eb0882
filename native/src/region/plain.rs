//! Regions that are readable at rest: a slot, or a span.

use core::ptr::NonNull;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Region, Released};

use super::span::Span;
use crate::Error;
use crate::heap::{CachedSlot, Claim, Growth, Heap, Home, Kind, SizeClass, Stay};
use crate::protection::Facts;

/// Memory for one content.
pub struct PlainRegion(Place);

/// Where the content is. Those in slots have a length of two bytes at most.
enum Place {
    /// A slot of a class whose memory stays mapped.
    Slot { home: &'static Home, slot: u16, len: u16 },
    /// A cached slot, which is exclusive.
    CachedSlot { cached: &'static CachedSlot, len: u16 },
    /// Pages that go with the content; boxed, so that small secrets stay small.
    Span(Box<Span>),
}

impl PlainRegion {
    /// Memory of `kind` for `len` bytes of a content, if a slot is in this thread's magazine.
    #[inline(always)]
    pub(crate) fn at_once(heap: &'static Heap, kind: Kind, len: usize) -> Option<Self> {
        let claim = heap.class(kind, len)?.claim_at_once()?;
        Some(Self::in_slot(claim, len))
    }

    /// Memory of `kind` for `len` bytes.
    pub(crate) fn new(
        heap: &'static Heap,
        kind: Kind,
        len: usize,
        stay: Stay,
        growth: Growth,
    ) -> Result<Self, Error> {
        match heap.class(kind, len) {
            Some(class) => Ok(Self::in_slot(class.claim(stay, growth)?, len)),
            None => Ok(Self::in_span(Span::new(heap, kind, len, stay)?)),
        }
    }

    /// Memory of `kind` for `len` bytes without asking the system: any slot that is free.
    #[cold]
    pub(crate) fn at_hand(heap: &'static Heap, kind: Kind, len: usize, stay: Stay) -> Option<Self> {
        let free = |class: &'static SizeClass| class.claim_free(stay);
        let claim = heap.classes(kind, len).find_map(free)?;
        Some(Self::in_slot(claim, len))
    }

    /// The pages of `kind` that are set aside, for the moment in which a content of `len` bytes is read.
    #[cold]
    pub(crate) fn aside(heap: &'static Heap, kind: Kind, len: usize) -> Option<Self> {
        Span::aside(heap, kind, len).map(Self::in_span)
    }

    #[inline]
    fn in_slot(claim: Claim, len: usize) -> Self {
        // SAFETY: the slot has just been claimed, from a class for contents of so many bytes.
        unsafe { claim.canary(len) };
        let Claim { home, slot } = claim;
        Self(Place::Slot { home, slot, len: len as u16 })
    }

    fn in_span(span: Span) -> Self {
        Self(Place::Span(Box::new(span)))
    }

    /// Memory of exclusive `kind` for `len` bytes for a short time, if a cached slot is there.
    #[inline(always)]
    pub(crate) fn brief_at_once(heap: &'static Heap, kind: Kind, len: usize) -> Option<Self> {
        let cached = heap.class(kind, len)?.take_cached_slot_at_once()?;
        // SAFETY: it has just been taken.
        let claim = unsafe { cached.slot() };
        // SAFETY: the slot is ours, and of a class for contents of so many bytes.
        unsafe { claim.canary(len) };
        Some(Self(Place::CachedSlot { cached, len: len as u16 }))
    }

    /// Memory of exclusive `kind` for `len` bytes for a short time: a cached slot, if one is free.
    pub(crate) fn brief(
        heap: &'static Heap,
        kind: Kind,
        len: usize,
        growth: Growth,
    ) -> Result<Self, Error> {
        let class = heap.class(kind, len);
        let taken = class.map(|class| class.take_cached_slot(growth)).transpose()?;
        let Some((cached, claim)) = taken.flatten() else {
            return Self::new(heap, kind, len, Stay::Brief, growth);
        };
        // SAFETY: the slot has just been taken, from a class for contents of so many bytes.
        unsafe { claim.canary(len) };
        Ok(Self(Place::CachedSlot { cached, len: len as u16 }))
    }

    /// The slot in which it is, and the length of the content; or the pages.
    #[inline]
    fn slot(&self) -> Result<(Claim, usize), &Span> {
        match &self.0 {
            Place::Slot { home, slot, len } => Ok((Claim { home, slot: *slot }, (*len).into())),
            Place::CachedSlot { cached, len } => {
                // SAFETY: taken when the region was made, and left when it goes.
                let claim = unsafe { cached.slot() };
                Ok((claim, (*len).into()))
            }
            Place::Span(span) => Err(span),
        }
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.slot().map_or_else(Span::facts, |(claim, _)| claim.facts())
    }
}

/// Wipes a content of `len` bytes, and calls `give_back` with its slot; in a child, which has not inherited the
/// slot, neither.
///
/// # Safety
///
/// The slot is the caller's until `give_back` gives it back, and of a class for contents of so many bytes.
#[inline]
unsafe fn release_slot(claim: Claim, len: usize, give_back: impl FnOnce()) -> Released {
    let class = claim.class();
    if !class.birth.is_here() {
        return Released::Intact;
    }
    // SAFETY: as the caller promises.
    let canaried = unsafe { claim.canaried(len) };
    // SAFETY: the slot is the caller's, so nobody does more than look.
    let released = unsafe { class.canaries.wipe(canaried) };
    give_back();
    released
}

// SAFETY: for the numbered guarantees:
// 1. slots are claimed by one party at a time and were wiped when given back; spans likewise; both
//    are writable, and aligned to words as slot sizes are whole words.
// 2. slabs are never unmapped, only replaced by readable zeros; slots that are not exclusive are
//    written through `atomic_bytes` and `Canaried` only, with atomic stores.
// 3. nothing here is ever unreadable.
// 4. `Canaries::wipe` overwrites everything, and nothing here panics. In a forked child the memory
//    isn't there: then there is nothing to wipe.
unsafe impl Region for PlainRegion {
    #[inline]
    fn start(&self) -> NonNull<AtomicU64> {
        let canaried = match self.slot() {
            // SAFETY: the slot is ours, and of a class for contents of so many bytes.
            Ok((claim, len)) => unsafe { claim.canaried(len) },
            Err(span) => span.canaried(),
        };
        canaried.content()
    }

    #[inline]
    fn at_rest(&self) -> AtRest {
        match self.0 {
            Place::Slot { home, .. } if !home.class.is_exclusive() => AtRest::Readable,
            Place::Slot { .. } | Place::CachedSlot { .. } | Place::Span(_) => AtRest::PinOnly,
        }
    }

    #[inline]
    fn release(self) -> Released {
        match self.0 {
            Place::Span(span) => span.release(),
            Place::Slot { home, slot, len } => {
                let claim = Claim { home, slot };
                // SAFETY: ours until it is given back.
                unsafe { release_slot(claim, len.into(), || claim.class().give_back(claim)) }
            }
            Place::CachedSlot { cached, len } => {
                // SAFETY: taken when the region was made, and left below.
                let claim = unsafe { cached.slot() };
                // SAFETY: ours until it is left.
                unsafe { release_slot(claim, len.into(), || cached.leave()) }
            }
        }
    }
}
