//! One slab: pages cut into slots of one size, and the map of the free ones, which is kept
//! elsewhere.

use core::ptr::NonNull;

use crate::Error;
use crate::pages::Pages;
use crate::protection::{Backing, Facts};

/// Slots of one size in pages of their own.
pub(crate) struct Slab {
    pages: Pages,
    facts: Facts,
    slot_size: usize,
    /// A set bit is a free slot.
    free: Box<[u64]>,
    used: usize,
}

impl Slab {
    /// A slab of `len` bytes with slots of `slot_size`.
    pub(crate) fn new(
        len: usize,
        slot_size: usize,
        backing: Backing,
        locked: bool,
    ) -> Result<Self, Error> {
        let (pages, facts) = Pages::new(len, backing, locked)?;
        let slots = pages.len() / slot_size;
        let mut free = vec![u64::MAX; slots.div_ceil(64)].into_boxed_slice();
        if let (Some(last), rest @ 1..) = (free.last_mut(), slots % 64) {
            *last = (1 << rest) - 1;
        }
        Ok(Self { pages, facts, slot_size, free, used: 0 })
    }

    /// Claims a free slot, which one depending on `random`.
    pub(crate) fn claim(&mut self, random: u64) -> Option<u32> {
        let words = self.free.len();
        let first = (random >> 32) as usize % words;
        let chosen = (first..words).chain(0..first).find(|word| self.free[*word] != 0)?;
        let turn = random as u32 % 64;
        let bit = (self.free[chosen].rotate_right(turn).trailing_zeros() + turn) % 64;
        self.free[chosen] &= !(1 << bit);
        self.used += 1;
        Some(chosen as u32 * 64 + bit)
    }

    /// Gives back a slot that was claimed.
    pub(crate) fn give_back(&mut self, slot: u32) {
        self.free[slot as usize / 64] |= 1 << (slot % 64);
        self.used -= 1;
    }

    /// Where `slot` begins.
    pub(crate) fn address(&self, slot: u32) -> NonNull<u8> {
        let offset = slot as usize * self.slot_size;
        debug_assert!(offset + self.slot_size <= self.pages.len());
        // SAFETY: a claimed slot lies within the pages.
        unsafe { self.pages.start().add(offset) }
    }

    /// What protects it.
    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }

    /// Bytes of pages.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether no slot is in use.
    pub(crate) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Whether no slot is free.
    pub(crate) fn is_full(&self) -> bool {
        self.used == self.pages.len() / self.slot_size
    }

    /// Gives an empty slab's memory back and keeps its addresses readable.
    pub(crate) fn vacate(&mut self) -> Result<(), Error> {
        debug_assert!(self.is_empty());
        // SAFETY: no slot is in use, and every slot was wiped when it was given back.
        unsafe { self.pages.vacate() }
    }

    /// Takes memory for a vacated slab again.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        self.facts = self.pages.commit(self.facts.locked)?;
        Ok(())
    }
}
