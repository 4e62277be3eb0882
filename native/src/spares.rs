//! Pages that a content has left, kept for the next one: making new ones takes several system calls.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::class::Stay;
use crate::pages::Pages;
use crate::pool::Kind;
use crate::protection::Facts;
use crate::{Error, os};

/// Pages kept at most, of all kinds together.
const MAX_PAGES: usize = 16;

/// Wiped, writable pages.
pub(crate) struct Spare {
    pub(crate) kind: Kind,
    pub(crate) pages: Pages,
    pub(crate) facts: Facts,
}

/// The spare pages of one process.
pub(crate) struct Spares(Mutex<Kept>);

struct Kept {
    spares: Vec<Spare>,
    /// How many sealed contents take how many bytes of pages when they are open, of each kind.
    aside: BTreeMap<(usize, usize), usize>,
}

impl Kept {
    /// Bytes that one spare of `kind` has to have, the one set aside.
    fn needed(&self, kind: Kind) -> Option<usize> {
        let all = (kind.index(), 0)..=(kind.index(), usize::MAX);
        self.aside.range(all).next_back().map(|((_, len), _)| *len)
    }

    /// Whether `spare` is the only one here that is long enough to be the one set aside.
    fn is_needed(&self, spare: &Spare) -> bool {
        self.needed(spare.kind).is_some_and(|needed| {
            let serves = |other: &&Spare| other.kind == spare.kind && other.pages.len() >= needed;
            serves(&spare) && self.spares.iter().filter(serves).count() <= 1
        })
    }
}

impl Kept {
    /// Takes out spares that aren't set aside, until no more than `most` bytes are left.
    fn surplus(&mut self, most: usize) -> Vec<Spare> {
        let mut surplus = Vec::new();
        let mut len: usize = self.spares.iter().map(|spare| spare.pages.len()).sum();
        let mut place = 0;
        while len > most
            && let Some(spare) = self.spares.get(place)
        {
            if self.is_needed(spare) {
                place += 1;
            } else {
                len -= spare.pages.len();
                surplus.push(self.spares.swap_remove(place));
            }
        }
        surplus
    }
}

impl Spares {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Kept { spares: Vec::new(), aside: BTreeMap::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets pages of `kind` aside for opening a content that takes `size` bytes, one of all that are sealed
    /// at a time, until [`end_aside`](Self::end_aside).
    pub(crate) fn begin_aside(&self, kind: Kind, size: usize) -> Result<(), Error> {
        let len = size.checked_next_multiple_of(os::page_size());
        let len = len.ok_or(Error::OutOfMemory { asked: size })?;
        let is_there = |kept: &Kept| kept.needed(kind).is_some_and(|needed| needed >= len);
        let count = |mut kept: MutexGuard<'_, Kept>| {
            *kept.aside.entry((kind.index(), len)).or_default() += 1;
        };
        let kept = self.lock();
        if is_there(&kept) {
            count(kept);
            return Ok(());
        }
        drop(kept);
        let (pages, facts) = Pages::new(len, kind.backing, kind.locked)?;
        count(self.lock());
        self.put(Spare { kind, pages, facts });
        Ok(())
    }

    /// Says that a content is gone for which pages were set aside.
    pub(crate) fn end_aside(&self, kind: Kind, size: usize) {
        let mut kept = self.lock();
        if let Entry::Occupied(mut count) =
            kept.aside.entry((kind.index(), size.next_multiple_of(os::page_size())))
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        let surplus = kept.surplus(MAX_PAGES * os::page_size());
        drop(kept);
        surplus.into_iter().for_each(|spare| self.give_back(spare));
    }

    /// Spare pages of `kind`, as many as `size` bytes need. For a content that stays, not those set aside.
    pub(crate) fn take(&self, kind: Kind, size: usize, stay: Stay) -> Option<Spare> {
        let len = size.checked_next_multiple_of(os::page_size())?;
        let mut kept = self.lock();
        let fits = |spare: &Spare| {
            spare.kind == kind
                && spare.pages.len() == len
                && (stay == Stay::Brief || !kept.is_needed(spare))
        };
        let found = kept.spares.iter().rposition(fits)?;
        Some(kept.spares.swap_remove(found))
    }

    /// Spare pages of `kind`, as many as `size` bytes need or more.
    pub(crate) fn take_aside(&self, kind: Kind, size: usize) -> Option<Spare> {
        let mut kept = self.lock();
        let fits = |spare: &Spare| spare.kind == kind && spare.pages.len() >= size;
        let found = kept.spares.iter().position(fits)?;
        Some(kept.spares.swap_remove(found))
    }

    /// Keeps `spare`, unless there is enough already and it isn't one to be set aside.
    pub(crate) fn put(&self, spare: Spare) {
        let mut kept = self.lock();
        kept.spares.push(spare);
        let len: usize = kept.spares.iter().map(|spare| spare.pages.len()).sum();
        let is_needed = kept.spares.last().is_some_and(|last| kept.is_needed(last));
        if len <= MAX_PAGES * os::page_size() || is_needed {
            return;
        }
        let surplus = kept.spares.pop();
        drop(kept);
        surplus.into_iter().for_each(|surplus| self.give_back(surplus));
    }

    /// Gives all of them back, but for those set aside.
    pub(crate) fn trim(&self) {
        let surplus = self.lock().surplus(0);
        surplus.into_iter().for_each(|spare| self.give_back(spare));
    }

    /// Gives `spare` back to the system, without holding the lock while that works.
    fn give_back(&self, spare: Spare) {
        let Spare { kind, pages, facts } = spare;
        if let Err(pages) = pages.unmap() {
            // The system doesn't take them; so they can as well be used.
            self.lock().spares.push(Spare { kind, pages, facts });
        }
    }
}
