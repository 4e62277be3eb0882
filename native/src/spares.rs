//! Pages that a content has left, kept for the next one: making new ones takes several system calls.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::os;
use crate::pages::Pages;
use crate::pool::Kind;
use crate::protection::Facts;

/// Pages kept at most, of all kinds together.
const MAX_PAGES: usize = 16;

/// Wiped, writable pages.
pub(crate) struct Spare {
    pub(crate) kind: Kind,
    pub(crate) pages: Pages,
    pub(crate) facts: Facts,
}

/// The spare pages of one process.
pub(crate) struct Spares(Mutex<Vec<Spare>>);

impl Spares {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Spare>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spare pages of `kind`, as many as `size` bytes need.
    pub(crate) fn take(&self, kind: Kind, size: usize) -> Option<Spare> {
        let len = size.checked_next_multiple_of(os::page_size())?;
        let mut spares = self.lock();
        let fits = |spare: &Spare| spare.kind == kind && spare.pages.len() == len;
        let found = spares.iter().rposition(fits)?;
        Some(spares.swap_remove(found))
    }

    /// Keeps `spare`, unless there is enough already.
    pub(crate) fn put(&self, spare: Spare) {
        let mut spares = self.lock();
        let kept: usize = spares.iter().map(|spare| spare.pages.len()).sum();
        if kept + spare.pages.len() <= MAX_PAGES * os::page_size() {
            spares.push(spare);
        } else {
            drop(spares);
            self.give_back(spare);
        }
    }

    /// Gives all of them back.
    pub(crate) fn trim(&self) {
        let spares = std::mem::take(&mut *self.lock());
        spares.into_iter().for_each(|spare| self.give_back(spare));
    }

    /// Gives `spare` back to the system, without holding the lock while that works.
    fn give_back(&self, spare: Spare) {
        let Spare { kind, pages, facts } = spare;
        if let Err(pages) = pages.unmap() {
            // The system doesn't take them; so they can as well be used.
            self.lock().push(Spare { kind, pages, facts });
        }
    }
}
