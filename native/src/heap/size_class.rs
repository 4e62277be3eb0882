//! All slabs with slots of one size, and when they come and go.

use core::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use strongroom_core::CACHE_LINE;
use strongroom_core::sync::Held;

use super::canary::{Canaried, Canaries};
use super::kind::Kind;
use super::magazines::{self, Magazine, Magazines};
use super::slab::Slab;
use super::slot_cache::{self, SlotCache};
use crate::mutex::Mutex;
use crate::pages::Birth;
use crate::protection::Facts;
use crate::{Error, os};

/// Slabs grow with their class up to this many pages.
const MAX_PAGES: usize = 16;

/// Slots per slab, at least, if that takes no more than [`MAX_PAGES`].
const MIN_SLOTS: usize = 4;

/// Slots of those set aside that no content takes for good.
const LEFT: usize = 2;

/// Bytes of contents for which there are slots in a magazine, at most.
const MAGAZINE: usize = 1024;

/// Slots for contents of up to `content` bytes.
pub(crate) struct SizeClass {
    content: usize,
    kind: Kind,
    pub(crate) birth: Birth,
    pub(crate) canaries: &'static Canaries,
    slabs: Mutex<Slabs>,
    /// Slots in a magazine, at most. None where contents have to share slots with what is put together, which is not
    /// to be kept from any.
    most: usize,
    /// Claimed slots for the next contents; made when first needed.
    magazines: OnceLock<Box<Magazines<Claim>>>,
    /// Exclusive slots for a moment; made when first needed.
    slot_cache: OnceLock<Box<SlotCache<Claim>>>,
}

/// What one needs to know of a slab to use a slot of it. It stays as long as the process, as slabs do.
pub(crate) struct Home {
    pub(crate) class: &'static SizeClass,
    number: u32,
    start: NonNull<u8>,
    slot_size: usize,
    /// What protects the slab, in [`Facts::bits`].
    facts: AtomicU8,
}

// SAFETY: what is here names memory that goes nowhere, and of which nothing is used by this alone.
unsafe impl Send for Home {}
// SAFETY: it is only read, but for an atomic.
unsafe impl Sync for Home {}

/// A claimed slot.
#[derive(Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) home: &'static Home,
    pub(crate) slot: u16,
}

/// A slot that is kept for whoever needs one for a moment.
pub(crate) type CachedSlot = slot_cache::CachedSlot<Claim>;

impl Claim {
    /// A content of `len` bytes in this slot, marks included.
    ///
    /// # Safety
    ///
    /// The slot is the caller's, and of a class for contents of so many bytes.
    #[inline]
    pub(crate) unsafe fn canaried(self, len: usize) -> Canaried {
        // SAFETY: the slot is the caller's, so there is one.
        let at = unsafe { self.address() };
        // SAFETY: as the caller promises, the slot has room for it.
        unsafe { Canaried::at(at, len) }
    }

    /// The same for a new content, which gets its marks.
    ///
    /// # Safety
    ///
    /// As [`canaried`](Self::canaried), and the slot is wiped.
    #[inline]
    pub(crate) unsafe fn canary(self, len: usize) -> Canaried {
        // SAFETY: the slot is the caller's, so there is one.
        let at = unsafe { self.address() };
        // SAFETY: as the caller promises, the slot has room for it, and nobody else writes to it.
        unsafe { Canaried::new(at, len, self.home.class.canaries) }
    }

    /// # Safety
    ///
    /// The slab has such a slot.
    #[inline]
    unsafe fn address(self) -> NonNull<u8> {
        let offset = usize::from(self.slot) * self.home.slot_size;
        // SAFETY: the caller promises that it lies within the slab.
        unsafe { self.home.start.add(offset) }
    }

    /// Which class it is of.
    #[inline]
    pub(crate) fn class(self) -> &'static SizeClass {
        self.home.class
    }

    /// What protects it.
    pub(crate) fn facts(self) -> Facts {
        // ORDERING: Relaxed; they change only while no slot is claimed, and who claims one takes the lock of
        // the class after that, or has it from somebody who did.
        Facts::from_bits(self.home.facts.load(Ordering::Relaxed))
    }
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
    /// What is known of each.
    homes: Vec<&'static Home>,
    /// Those with free slots; the last one is used first.
    open: Vec<u32>,
    /// Those that have given their memory back.
    vacated: Vec<u32>,
    /// Those in `open` that are wholly free.
    empty: Vec<u32>,
    /// Slots in `open` that are free, without those of slabs that are never given back.
    free: usize,
    /// Bytes of committed slabs.
    committed: usize,
    /// Counts claims; mixed with the key it says which slot is taken.
    claims: u64,
}

impl SizeClass {
    pub(crate) fn new(
        content: usize,
        kind: Kind,
        birth: Birth,
        canaries: &'static Canaries,
    ) -> Self {
        let most = if kind.exclusive { 0 } else { (MAGAZINE / content).min(magazines::MOST) };
        let (magazines, slot_cache) = (OnceLock::new(), OnceLock::new());
        let slabs = Mutex::default();
        Self { content, kind, birth, canaries, slabs, most, magazines, slot_cache }
    }

    /// Whether nobody looks at its slots without a pin.
    #[inline]
    pub(crate) fn is_exclusive(&self) -> bool {
        self.kind.exclusive
    }

    /// Takes a cached slot that is there; `None` if none is, or all are taken.
    #[inline]
    pub(crate) fn take_cached_slot_at_once(&'static self) -> Option<&'static CachedSlot> {
        self.slot_cache.get()?.take_kept()
    }

    /// Takes one of the cached slots; `None` if all are taken.
    #[inline]
    pub(crate) fn take_cached_slot(
        &'static self,
        growth: Growth,
    ) -> Result<Option<(&'static CachedSlot, Claim)>, Error> {
        let cached = self.slot_cache.get_or_init(|| Box::new(SlotCache::new()));
        cached.take(|| self.claim(Stay::Brief, growth))
    }

    /// Claims a slot for a content: one that is in a magazine, which is filled if it is nearly empty. `None` if no
    /// slot is free, or contents of this class have no magazines.
    #[inline]
    pub(crate) fn claim_at_once(&'static self) -> Option<Claim> {
        let mut magazine = self.magazine()?;
        // Not only when it is empty: whoever makes one secret at a time would get the same slot each time.
        if magazine.len() <= 1 {
            self.fill(&mut magazine);
        }
        magazine.take(|turn| self.canaries.key.mix(turn))
    }

    /// The magazine that this thread uses.
    #[inline]
    fn magazine(&self) -> Option<Held<'_, Magazine<Claim>>> {
        if self.most == 0 {
            return None;
        }
        self.magazines.get_or_init(|| Box::new(Magazines::new())).own()
    }

    /// Fills a magazine, as far as slots are free, with neighbours: so that threads share no line of contents either.
    #[cold]
    fn fill(&self, magazine: &mut Magazine<Claim>) {
        let room = self.most.saturating_sub(magazine.len());
        if room > 0 {
            let mut slabs = self.slabs.lock();
            slabs.claim_neighbours(self.canaries, room, |claim| magazine.put(claim));
        }
    }

    /// Claims a slot of a slab.
    #[cold]
    pub(crate) fn claim(&'static self, stay: Stay, growth: Growth) -> Result<Claim, Error> {
        loop {
            if let Some(claim) = self.claim_free(stay) {
                return Ok(claim);
            }
            self.grow(growth)?;
        }
    }

    /// Claims a slot, if one is free.
    pub(crate) fn claim_free(&self, stay: Stay) -> Option<Claim> {
        self.slabs.lock().claim(self.canaries, stay)
    }

    /// Adds a slab of this class that is never given back.
    pub(crate) fn keep(&'static self, slab: Slab) {
        let mut slabs = self.slabs.lock();
        let number = slabs.add(self, slab);
        slabs.open.push(number);
    }

    /// Gives back a slot whose content has been wiped: to a magazine, and from a full one half of what is there to
    /// the slabs.
    #[inline]
    pub(crate) fn give_back(&self, claim: Claim) {
        let Some(mut magazine) = self.magazine() else { return self.give_all_back([claim]) };
        if magazine.len() < self.most {
            return magazine.put(claim);
        }
        let surplus = magazine.take_first(self.most / 2);
        magazine.put(claim);
        drop(magazine);
        self.give_all_back(surplus);
    }

    /// Gives back slots to their slabs.
    ///
    /// A slab that becomes empty keeps its memory unless nearly as many slots are free elsewhere, so that creating
    /// and dropping secrets over and over makes no system calls; else it gives its memory back at once.
    #[cold]
    fn give_all_back(&self, claims: impl IntoIterator<Item = Claim>) {
        let mut slabs = self.slabs.lock();
        claims.into_iter().for_each(|claim| slabs.give_back(claim));
        while let Some((number, surplus)) = slabs.take_surplus() {
            drop(slabs);
            if !self.vacate(number, surplus) {
                return;
            }
            slabs = self.slabs.lock();
        }
    }

    /// Slabs that have memory at the moment.
    pub(crate) fn committed_slabs(&self) -> usize {
        let slabs = self.slabs.lock();
        slabs.all.len() - slabs.vacated.len()
    }

    /// Gives the memory of all empty slabs back, and before that the slots that are cached or in magazines, whichever
    /// thread has put them there.
    pub(crate) fn trim(&self) {
        if let Some(slot_cache) = self.slot_cache.get() {
            self.give_all_back(slot_cache.drain());
        }
        if let Some(magazines) = self.magazines.get() {
            magazines.drain().for_each(|claims| self.give_all_back(claims));
        }
        loop {
            let mut slabs = self.slabs.lock();
            let Some(number) = slabs.empty.last().copied() else { return };
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
            slabs.open_empty(number, &slab);
        }
        slabs.all[number as usize] = Some(slab);
        vacated
    }

    /// Adds an empty slab: a vacated one, or one as large as all that there are together. If that is too
    /// much to lock, ever smaller vacated ones, and at last, if need be, one that is as small as can be.
    #[cold]
    fn grow(&'static self, growth: Growth) -> Result<(), Error> {
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
    fn add(&'static self, vacated: Option<(u32, Slab)>, len: usize) -> Result<(), Error> {
        let Some((number, mut slab)) = vacated else {
            let slab = Slab::new(len, self.sizes()?.slot, self.kind.backing, self.kind.locked)?;
            let mut slabs = self.slabs.lock();
            slabs.committed += slab.len();
            let number = slabs.all.len() as u32;
            slabs.open_empty(number, &slab);
            slabs.add(self, slab);
            return Ok(());
        };
        let committed = slab.commit();
        let mut slabs = self.slabs.lock();
        if committed.is_ok() {
            slabs.committed += slab.len();
            slabs.open_empty(number, &slab);
            // ORDERING: Relaxed; the lock that is held orders this before any claim of a slot.
            slabs.homes[number as usize].facts.store(slab.facts().bits(), Ordering::Relaxed);
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

    /// Adds a new slab of `class`; says which number it has.
    fn add(&mut self, class: &'static SizeClass, slab: Slab) -> u32 {
        let number = self.all.len() as u32;
        let facts = AtomicU8::new(slab.facts().bits());
        let (start, slot_size) = (slab.start(), slab.slot_size());
        self.homes.push(Box::leak(Box::new(Home { class, number, start, slot_size, facts })));
        self.all.push(Some(slab));
        number
    }

    /// Has slots of an empty slab be claimed.
    fn open_empty(&mut self, number: u32, slab: &Slab) {
        self.open.push(number);
        self.empty.push(number);
        self.free += slab.slots();
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

    fn claim(&mut self, canaries: &Canaries, stay: Stay) -> Option<Claim> {
        let all = &self.all;
        let serves = |number: &u32| {
            let slab = all[*number as usize].as_ref();
            stay == Stay::Brief || slab.is_some_and(|slab| !slab.is_kept() || slab.free() > LEFT)
        };
        let place = self.open.iter().rposition(serves)?;
        let number = self.open[place];
        self.claims = self.claims.wrapping_add(1);
        let random = canaries.key.mix(self.claims);
        let slab = self.slab(number);
        let (was_empty, is_kept) = (slab.is_empty(), slab.is_kept());
        let slot = slab.claim(random)?;
        if slab.is_full() {
            self.open.swap_remove(place);
        }
        if was_empty {
            self.empty.retain(|empty| *empty != number);
        }
        self.free -= usize::from(!is_kept);
        Some(Claim { home: self.homes[number as usize], slot })
    }

    /// Claims up to `most` slots that are neighbours, if any are free.
    fn claim_neighbours(&mut self, canaries: &Canaries, most: usize, mut take: impl FnMut(Claim)) {
        let Some(number) = self.open.last().copied() else { return };
        self.claims = self.claims.wrapping_add(1);
        let (random, home) = (canaries.key.mix(self.claims), self.homes[number as usize]);
        let slab = self.slab(number);
        let (was_empty, free) = (slab.is_empty(), slab.free());
        slab.claim_neighbours(random, most, |slot| take(Claim { home, slot }));
        let (is_full, claimed) = (slab.is_full(), free - slab.free());
        if is_full {
            self.open.pop();
        }
        if was_empty {
            self.empty.retain(|empty| *empty != number);
        }
        self.free -= claimed;
    }

    fn give_back(&mut self, Claim { home, slot }: Claim) {
        let number = home.number;
        let slab = self.slab(number);
        let was_full = slab.is_full();
        slab.give_back(slot);
        let (is_empty, is_kept) = (slab.is_empty(), slab.is_kept());
        if was_full {
            self.open.push(number);
        }
        if is_empty {
            self.empty.push(number);
        }
        self.free += usize::from(!is_kept);
    }

    /// Takes out an empty slab, if seven eighths as many slots as it has are free elsewhere.
    fn take_surplus(&mut self) -> Option<(u32, Slab)> {
        let is_surplus = |number: &&u32| {
            let slots = self.all[**number as usize].as_ref().map_or(0, Slab::slots);
            self.free - slots >= slots - slots / 8
        };
        let number = self.empty.iter().find(is_surplus).copied()?;
        Some((number, self.take_empty(number)?))
    }

    /// Takes the slab out, if it is empty.
    fn take_empty(&mut self, number: u32) -> Option<Slab> {
        let place = self.open.iter().position(|open| *open == number)?;
        let slab = self.all[number as usize].take_if(|slab| slab.is_empty())?;
        self.open.swap_remove(place);
        self.empty.retain(|empty| *empty != number);
        self.free -= slab.slots();
        Some(slab)
    }
}
