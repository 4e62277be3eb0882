//! All slabs with slots of one size, and when they come and go.

use core::ptr::NonNull;
use std::sync::OnceLock;

use strongroom_core::CACHE_LINE;

use super::canary::{Canaried, Key};
use super::kind::Kind;
use super::slab::{Claim, Slab};
use super::slot_cache::{CachedSlot, SlotCache};
use crate::mutex::Mutex;
use crate::protection::Facts;
use crate::{Error, os};

/// Slabs grow with their class up to this many pages.
const MAX_PAGES: usize = 16;

/// Slots per slab, at least, if that takes no more than [`MAX_PAGES`].
const MIN_SLOTS: usize = 4;

/// Slots of those set aside that no content takes for good.
const LEFT: usize = 2;

/// Slots for contents of up to `content` bytes.
pub(crate) struct SizeClass {
    content: usize,
    kind: Kind,
    slabs: Mutex<Slabs>,
    /// Made when first needed.
    slot_cache: OnceLock<Box<SlotCache>>,
}

/// By how much a class grows when it has no free slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Growth {
    /// By what it would like to have, or has had.
    Ample,
    /// By as little as can be, if there is no more. For when nothing is left to be given back: else
    /// classes would fall to such pieces, bit by bit.
    Least,
}

/// For how long a slot is claimed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stay {
    /// For a content, as long as it lives: not the last slots of those that are set aside.
    Lasting,
    /// For a moment, or for what others need in order to be read.
    Brief,
}

#[derive(Default)]
struct Slabs {
    /// `None` while a thread commits or vacates the slab without holding the lock. Slabs never
    /// move, so a claim may name its slab by number; nor are they unmapped, as readers without a
    /// pin may look at them at any time.
    all: Vec<Option<Slab>>,
    /// Those with free slots; the last one is used first.
    open: Vec<u32>,
    /// Those that have given their memory back.
    vacated: Vec<u32>,
    /// How many slabs in `open` are wholly free.
    empty: usize,
    /// Bytes of committed slabs.
    committed: usize,
    /// Counts claims; mixed with the key it says which slot is taken.
    claims: u64,
}

impl SizeClass {
    pub(crate) const fn new(content: usize, kind: Kind) -> Self {
        let slabs = Slabs {
            all: Vec::new(),
            open: Vec::new(),
            vacated: Vec::new(),
            empty: 0,
            committed: 0,
            claims: 0,
        };
        Self { content, kind, slabs: Mutex::new(slabs), slot_cache: OnceLock::new() }
    }

    /// Takes one of the cached slots; `None` if all are taken.
    #[inline]
    pub(crate) fn take_cached_slot(
        &self,
        key: &Key,
        growth: Growth,
    ) -> Result<Option<(&CachedSlot, NonNull<u8>, Facts)>, Error> {
        self.slot_cache.get_or_init(Box::default).take(|| self.claim(key, Stay::Brief, growth))
    }

    /// Claims a slot.
    pub(crate) fn claim(&self, key: &Key, stay: Stay, growth: Growth) -> Result<Claim, Error> {
        loop {
            if let Some(claim) = self.claim_free(key, stay) {
                return Ok(claim);
            }
            self.grow(growth)?;
        }
    }

    /// Claims a slot, if one is free.
    pub(crate) fn claim_free(&self, key: &Key, stay: Stay) -> Option<Claim> {
        self.slabs.lock().claim(key, stay)
    }

    /// Adds a slab of this class that is never given back.
    pub(crate) fn keep(&self, slab: Slab) {
        let mut slabs = self.slabs.lock();
        let number = slabs.all.len() as u32;
        slabs.open.push(number);
        slabs.all.push(Some(slab));
    }

    /// Gives back a slot whose content has been wiped.
    ///
    /// A slab that becomes empty keeps its memory if it is the only empty one, so that creating
    /// and dropping one secret over and over makes no system calls; a second one gives its memory
    /// back at once.
    pub(crate) fn give_back(&self, slab: u32, slot: u32) {
        let mut slabs = self.slabs.lock();
        slabs.give_back(slab, slot);
        if slabs.empty > 1 {
            let surplus = slabs.take_empty(slab);
            drop(slabs);
            if let Some(surplus) = surplus {
                self.vacate(slab, surplus);
            }
        }
    }

    /// Slabs that have memory at the moment.
    pub(crate) fn committed_slabs(&self) -> usize {
        let slabs = self.slabs.lock();
        slabs.all.len() - slabs.vacated.len()
    }

    /// Gives the memory of all empty slabs back, and before that the slots that are cached.
    pub(crate) fn trim(&self) {
        if let Some(slot_cache) = self.slot_cache.get() {
            slot_cache.drain().for_each(|claim| self.give_back(claim.slab, claim.slot));
        }
        loop {
            let mut slabs = self.slabs.lock();
            let Some(number) = slabs.first_empty() else { return };
            let surplus = slabs.take_empty(number);
            drop(slabs);
            if !surplus.is_some_and(|surplus| self.vacate(number, surplus)) {
                return;
            }
        }
    }

    /// Vacates a slab that was taken out, and puts it back; says whether that worked.
    fn vacate(&self, number: u32, mut slab: Slab) -> bool {
        let vacated = slab.vacate().is_ok();
        let mut slabs = self.slabs.lock();
        if vacated {
            slabs.committed -= slab.len();
            slabs.vacated.push(number);
        } else {
            // The system keeps it; so it can as well be used.
            slabs.open.push(number);
            slabs.empty += 1;
        }
        slabs.all[number as usize] = Some(slab);
        vacated
    }

    /// Adds an empty slab: a vacated one, or one as large as all that there are together. If that is too
    /// much to lock, ever smaller vacated ones, and at last, if need be, one that is as small as can be.
    #[cold]
    fn grow(&self, growth: Growth) -> Result<(), Error> {
        let Sizes { least, small, max, .. } = self.sizes()?;
        let mut slabs = self.slabs.lock();
        let mut wanted = slabs.committed.clamp(small, max);
        let mut vacated = slabs.vacated.last().copied().and_then(|last| slabs.take_vacated(last));
        drop(slabs);
        loop {
            let len = vacated.as_ref().map_or(wanted, |(_, slab)| slab.len());
            let grown = self.add(vacated, len);
            if !matches!(grown, Err(Error::LockLimit { .. })) || len == least {
                return grown;
            }
            let mut slabs = self.slabs.lock();
            let smaller = slabs.largest_vacated_below(len);
            vacated = smaller.and_then(|number| slabs.take_vacated(number));
            if vacated.is_none() && growth == Growth::Ample {
                return grown;
            }
            wanted = least;
        }
    }

    /// Adds a vacated slab that was taken out, or a new one of `len` bytes, without holding the lock while
    /// the system works.
    fn add(&self, vacated: Option<(u32, Slab)>, len: usize) -> Result<(), Error> {
        let Some((number, mut slab)) = vacated else {
            let slab = Slab::new(len, self.sizes()?.slot, self.kind.backing, self.kind.locked)?;
            let mut slabs = self.slabs.lock();
            let number = slabs.all.len() as u32;
            slabs.add_empty(number, &slab);
            slabs.all.push(Some(slab));
            return Ok(());
        };
        let committed = slab.commit();
        let mut slabs = self.slabs.lock();
        if committed.is_ok() {
            slabs.add_empty(number, &slab);
        } else {
            slabs.vacated.push(number);
        }
        slabs.all[number as usize] = Some(slab);
        committed
    }

    /// Bytes of a slot.
    pub(crate) fn slot_size(&self) -> Result<usize, Error> {
        Ok(self.sizes()?.slot)
    }

    /// Of its slabs and slots.
    fn sizes(&self) -> Result<Sizes, Error> {
        let sizes = Sizes::of(self.content, self.kind.exclusive);
        sizes.ok_or(Error::OutOfMemory { asked: self.content })
    }
}

/// The sizes that slabs have, in bytes, and those of their slots.
struct Sizes {
    slot: usize,
    /// If it is hard to lock memory.
    least: usize,
    /// At first.
    small: usize,
    max: usize,
}

impl Sizes {
    /// Those for contents of up to `content` bytes.
    fn of(content: usize, exclusive: bool) -> Option<Self> {
        let page = os::page_size();
        let max = MAX_PAGES * page;
        let size = Canaried::size(content)?;
        // Two threads that open a content each, all the time, share no line.
        let slot = if exclusive { size.next_multiple_of(CACHE_LINE) } else { size };
        let least = slot.next_multiple_of(page);
        let small = (slot * MIN_SLOTS).next_multiple_of(page).clamp(least, max);
        Some(Self { slot, least, small, max })
    }
}

/// Bytes of pages that a content of up to `content` bytes takes in a full slab.
pub(crate) fn class_share(content: usize, exclusive: bool) -> Option<usize> {
    let Sizes { slot, small, .. } = Sizes::of(content, exclusive)?;
    Some(small.div_ceil(small / slot))
}

impl Slabs {
    fn slab(&mut self, number: u32) -> &mut Slab {
        self.all[number as usize].as_mut().expect("a slab in use is in its place")
    }

    fn add_empty(&mut self, number: u32, slab: &Slab) {
        self.open.push(number);
        self.empty += 1;
        self.committed += slab.len();
    }

    /// The largest vacated slab of less than `len` bytes.
    fn largest_vacated_below(&self, len: usize) -> Option<u32> {
        let len_of = |number: &u32| self.all[*number as usize].as_ref().map_or(0, Slab::len);
        let smaller = self.vacated.iter().copied().filter(|number| len_of(number) < len);
        smaller.max_by_key(len_of)
    }

    /// Takes out a vacated slab.
    fn take_vacated(&mut self, number: u32) -> Option<(u32, Slab)> {
        let place = self.vacated.iter().rposition(|vacated| *vacated == number)?;
        self.vacated.swap_remove(place);
        let slab = self.all[number as usize].take()?;
        Some((number, slab))
    }

    fn claim(&mut self, key: &Key, stay: Stay) -> Option<Claim> {
        let all = &self.all;
        let serves = |number: &u32| {
            let slab = all[*number as usize].as_ref();
            stay == Stay::Brief || slab.is_some_and(|slab| !slab.is_kept() || slab.free() > LEFT)
        };
        let place = self.open.iter().rposition(serves)?;
        let number = self.open[place];
        self.claims = self.claims.wrapping_add(1);
        let random = key.mix(self.claims);
        let slab = self.slab(number);
        let was_empty = slab.is_empty();
        let slot = slab.claim(random)?;
        let claim = Claim { address: slab.address(slot), slab: number, slot, facts: slab.facts() };
        let full = slab.is_full();
        if full {
            self.open.swap_remove(place);
        }
        self.empty -= usize::from(was_empty);
        Some(claim)
    }

    fn give_back(&mut self, number: u32, slot: u32) {
        let slab = self.slab(number);
        let was_full = slab.is_full();
        slab.give_back(slot);
        let is_empty = slab.is_empty();
        if was_full {
            self.open.push(number);
        }
        self.empty += usize::from(is_empty);
    }

    fn first_empty(&mut self) -> Option<u32> {
        let all = &self.all;
        let empty = |number: &&u32| all[**number as usize].as_ref().is_some_and(Slab::is_empty);
        self.open.iter().find(empty).copied()
    }

    /// Takes the slab out, if it is empty.
    fn take_empty(&mut self, number: u32) -> Option<Slab> {
        let place = self.open.iter().position(|open| *open == number)?;
        let slab = self.all[number as usize].take_if(|slab| slab.is_empty())?;
        self.open.swap_remove(place);
        self.empty -= 1;
        Some(slab)
    }
}
