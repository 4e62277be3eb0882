//! Pages that a content has left, kept for the next one: making new ones takes several system calls.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::MutexGuard;

use super::kind::Kind;
use super::size_class::Stay;
use crate::mutex::Mutex;
use crate::pages::Pages;
use crate::protection::Facts;
use crate::{Error, os};

/// Pages kept at most, of all kinds together.
const MAX_PAGES: usize = 16;

/// Wiped, writable pages.
pub(crate) struct CachedPages {
    pub(crate) kind: Kind,
    pub(crate) pages: Pages,
    pub(crate) facts: Facts,
}

/// The cached pages of one process.
pub(crate) struct PageCache(Mutex<Kept>);

struct Kept {
    cached: Vec<CachedPages>,
    /// How many encrypted contents take how many bytes of pages when they are open, of each kind.
    aside: BTreeMap<(usize, usize), usize>,
}

impl Kept {
    /// Bytes that the pages of `kind` which are set aside have to have.
    fn needed(&self, kind: Kind) -> Option<usize> {
        let all = (kind.index(), 0)..=(kind.index(), usize::MAX);
        self.aside.range(all).next_back().map(|((_, len), _)| *len)
    }

    /// Whether `cached` are the only ones here that are long enough to be those set aside.
    fn is_needed(&self, cached: &CachedPages) -> bool {
        self.needed(cached.kind).is_some_and(|needed| {
            let serves =
                |other: &&CachedPages| other.kind == cached.kind && other.pages.len() >= needed;
            serves(&cached) && self.cached.iter().filter(serves).count() <= 1
        })
    }

    /// Takes out pages that aren't set aside, until no more than `most` bytes are left.
    fn surplus(&mut self, most: usize) -> Vec<CachedPages> {
        let mut surplus = Vec::new();
        let mut len: usize = self.cached.iter().map(|cached| cached.pages.len()).sum();
        let mut place = 0;
        while len > most
            && let Some(cached) = self.cached.get(place)
        {
            if self.is_needed(cached) {
                place += 1;
            } else {
                len -= cached.pages.len();
                surplus.push(self.cached.swap_remove(place));
            }
        }
        surplus
    }
}

impl PageCache {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Kept { cached: Vec::new(), aside: BTreeMap::new() }))
    }

    /// Sets pages of `kind` aside for reading a content that takes `size` bytes, one of all that are encrypted
    /// at a time, until [`end_aside`](Self::end_aside).
    pub(crate) fn begin_aside(&self, kind: Kind, size: usize) -> Result<(), Error> {
        let len = size.checked_next_multiple_of(os::page_size());
        let len = len.ok_or(Error::OutOfMemory { asked: size })?;
        let is_there = |kept: &Kept| kept.needed(kind).is_some_and(|needed| needed >= len);
        let count = |mut kept: MutexGuard<'_, Kept>| {
            *kept.aside.entry((kind.index(), len)).or_default() += 1;
        };
        let kept = self.0.lock();
        if is_there(&kept) {
            count(kept);
            return Ok(());
        }
        drop(kept);
        let (pages, facts) = Pages::new(len, kind.backing, kind.locked)?;
        count(self.0.lock());
        self.put(CachedPages { kind, pages, facts });
        Ok(())
    }

    /// Says that a content is gone for which pages were set aside.
    pub(crate) fn end_aside(&self, kind: Kind, size: usize) {
        let mut kept = self.0.lock();
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
        surplus.into_iter().for_each(|cached| self.give_back(cached));
    }

    /// Cached pages of `kind`, as many as `size` bytes need. For a content that stays, not those set aside.
    pub(crate) fn take(&self, kind: Kind, size: usize, stay: Stay) -> Option<CachedPages> {
        let len = size.checked_next_multiple_of(os::page_size())?;
        let mut kept = self.0.lock();
        let fits = |cached: &CachedPages| {
            cached.kind == kind
                && cached.pages.len() == len
                && (stay == Stay::Brief || !kept.is_needed(cached))
        };
        let found = kept.cached.iter().rposition(fits)?;
        Some(kept.cached.swap_remove(found))
    }

    /// Cached pages of `kind`, as many as `size` bytes need or more.
    pub(crate) fn take_aside(&self, kind: Kind, size: usize) -> Option<CachedPages> {
        let mut kept = self.0.lock();
        let fits = |cached: &CachedPages| cached.kind == kind && cached.pages.len() >= size;
        let found = kept.cached.iter().position(fits)?;
        Some(kept.cached.swap_remove(found))
    }

    /// Keeps `cached`, unless there are enough already and these aren't to be set aside.
    pub(crate) fn put(&self, cached: CachedPages) {
        let mut kept = self.0.lock();
        kept.cached.push(cached);
        let len: usize = kept.cached.iter().map(|cached| cached.pages.len()).sum();
        let is_needed = kept.cached.last().is_some_and(|last| kept.is_needed(last));
        if len <= MAX_PAGES * os::page_size() || is_needed {
            return;
        }
        let surplus = kept.cached.pop();
        drop(kept);
        surplus.into_iter().for_each(|surplus| self.give_back(surplus));
    }

    /// Gives all of them back, but for those set aside.
    pub(crate) fn trim(&self) {
        let surplus = self.0.lock().surplus(0);
        surplus.into_iter().for_each(|cached| self.give_back(cached));
    }

    /// Gives `cached` back to the system, without holding the lock while that works.
    pub(crate) fn give_back(&self, cached: CachedPages) {
        let CachedPages { kind, pages, facts } = cached;
        if let Err(pages) = pages.unmap() {
            // The system doesn't take them; so they can as well be used.
            self.0.lock().cached.push(CachedPages { kind, pages, facts });
        }
    }
}
