//! One slab: pages cut into slots of one size, and the map of the free ones, which is kept
//! elsewhere.

use core::ptr::NonNull;

use crate::Error;
use crate::pages::Pages;
use crate::protection::{Backing, Facts};

/// Slots of one size in pages of their own, or in a part of pages that are never given back.
pub(crate) struct Slab {
    start: NonNull<u8>,
    len: usize,
    /// `None` if they are never given back.
    pages: Option<Pages>,
    facts: Facts,
    slot_size: usize,
    /// A set bit is a free slot.
    free: Box<[u64]>,
    used: usize,
}

// SAFETY: the memory belongs to this value, wherever it goes.
unsafe impl Send for Slab {}

impl Slab {
    /// A slab of `len` bytes with slots of `slot_size`.
    pub(crate) fn new(
        len: usize,
        slot_size: usize,
        backing: Backing,
        locked: bool,
    ) -> Result<Self, Error> {
        let (pages, facts) = Pages::new(len, backing, locked)?;
        // SAFETY: all of the new pages, which go with the slab.
        let mut slab = unsafe { Self::kept(pages.start(), pages.len(), slot_size, facts) };
        slab.pages = Some(pages);
        Ok(slab)
    }

    /// A slab of `len` bytes at `start` that is never given back.
    ///
    /// # Safety
    ///
    /// They are committed pages with these `facts`, or a part of such, nobody else's, and stay.
    pub(crate) unsafe fn kept(
        start: NonNull<u8>,
        len: usize,
        slot_size: usize,
        facts: Facts,
    ) -> Self {
        let slots = len / slot_size;
        debug_assert!(slots <= usize::from(u16::MAX) + 1, "slots are numbered by 16 bits");
        let mut free = vec![u64::MAX; slots.div_ceil(64)].into_boxed_slice();
        if let (Some(last), rest @ 1..) = (free.last_mut(), slots % 64) {
            *last = (1 << rest) - 1;
        }
        Self { start, len, pages: None, facts, slot_size, free, used: 0 }
    }

    /// Claims a free slot, which one depending on `random`.
    pub(crate) fn claim(&mut self, random: u64) -> Option<u16> {
        let words = self.free.len();
        let first = (random >> 32) as usize % words;
        let chosen = (first..words).chain(0..first).find(|word| self.free[*word] != 0)?;
        let turn = random as u32 % 64;
        let bit = (self.free[chosen].rotate_right(turn).trailing_zeros() + turn) % 64;
        self.free[chosen] &= !(1 << bit);
        self.used += 1;
        Some((chosen * 64) as u16 + bit as u16)
    }

    /// Claims up to `most` free ones of eight slots that are neighbours, which eight depending on `random`. As a
    /// slot is whole words, eight are whole cache lines, and share none with other slots.
    pub(crate) fn claim_neighbours(&mut self, random: u64, most: usize, mut take: impl FnMut(u16)) {
        let groups = self.free.len() * 8;
        let first = (random >> 32) as usize % groups;
        let free = |group: &usize| (self.free[group / 8] >> (group % 8 * 8)) as u8;
        let chosen = (first..groups).chain(0..first).find(|group| free(group) != 0);
        let Some((group, free)) = chosen.map(|group| (group, free(&group))) else { return };
        for bit in (0..8).filter(|bit| (free >> bit) & 1 != 0).take(most) {
            self.free[group / 8] &= !(1 << (group % 8 * 8 + bit));
            self.used += 1;
            take((group * 8 + bit) as u16);
        }
    }

    /// Gives back a slot that was claimed.
    pub(crate) fn give_back(&mut self, slot: u16) {
        self.free[usize::from(slot) / 64] |= 1 << (slot % 64);
        self.used -= 1;
    }

    /// Where the first slot begins.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }

    /// Bytes of pages.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether it is never given back.
    pub(crate) fn is_kept(&self) -> bool {
        self.pages.is_none()
    }

    /// Whether no slot is in use, and it may be given back.
    pub(crate) fn is_empty(&self) -> bool {
        self.used == 0 && !self.is_kept()
    }

    /// Bytes of a slot.
    pub(crate) fn slot_size(&self) -> usize {
        self.slot_size
    }

    /// How many slots there are.
    pub(crate) fn slots(&self) -> usize {
        self.len / self.slot_size
    }

    /// How many slots are free.
    pub(crate) fn free(&self) -> usize {
        self.slots() - self.used
    }

    /// Whether no slot is free.
    pub(crate) fn is_full(&self) -> bool {
        self.free() == 0
    }

    /// Gives an empty slab's memory back and keeps its addresses readable.
    pub(crate) fn vacate(&mut self) -> Result<(), Error> {
        debug_assert!(self.is_empty());
        // SAFETY: no slot is in use, and every slot was wiped when it was given back.
        self.pages.as_mut().map_or(Ok(()), |pages| unsafe { pages.vacate() })
    }

    /// Takes memory for a vacated slab again.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        if let Some(pages) = &mut self.pages {
            self.facts = pages.commit(self.facts.locked)?;
        }
        Ok(())
    }
}
