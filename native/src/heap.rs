//! The locked heap of one process: for each kind of memory, slabs with slots of a few sizes; cached
//! pages; and what is set aside. It knows no secret.

mod canary;
mod kind;
mod magazines;
mod page_cache;
mod size_class;
mod slab;
mod slot_cache;

use std::sync::LazyLock;

pub(crate) use canary::{Canaried, Canaries};
pub(crate) use kind::Kind;
pub(crate) use page_cache::{CachedPages, PageCache};
use size_class::class_share;
pub(crate) use size_class::{CachedSlot, Claim, Growth, Home, SizeClass, Stay};
use slab::Slab;

use crate::mutex::Mutex;
use crate::pages::{Birth, DataReserve, Pages};
use crate::{Error, os};

/// Content sizes of the classes, in bytes. Larger contents get pages of their own.
const SIZES: [usize; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

/// The class of what a vault's key takes, and how many of its slots are set aside for each vault: for its key, for
/// a new one, and for a content that is read meanwhile.
const KEYS: (usize, usize) = (1024, 3);

/// Below so many pages that may be locked, one page has to do for everything.
const FEW: usize = 4;

/// All protected memory of one process.
pub(crate) struct Heap {
    pub(crate) birth: Birth,
    /// Never freed, as what is known of a slab isn't.
    pub(crate) canaries: &'static Canaries,
    pub(crate) page_cache: PageCache,
    /// What it takes to wipe the largest content whose pages can't be accessed at rest.
    pub(crate) data_reserve: DataReserve,
    /// Whether so few pages may be locked that contents and scratch have to share them: contents are then
    /// in slots that nobody reads without a pin.
    pub(crate) tight: bool,
    /// The kinds of which a page is set aside, once for each page.
    aside: Mutex<Vec<Kind>>,
    /// Apart, and put there one row at a time: all at once they would take the stack of a small thread.
    classes: Box<[[SizeClass; SIZES.len()]]>,
}

/// Bytes of pages that a content of `len` bytes takes in a full slab, if it is small enough for one.
pub(crate) fn share(len: usize, exclusive: bool) -> Option<usize> {
    // Worked out once, of the size of a page: hosts ask at each secret that a component makes.
    static SHARES: LazyLock<[[Option<usize>; SIZES.len()]; 2]> = LazyLock::new(|| {
        [false, true].map(|exclusive| SIZES.map(|size| class_share(size, exclusive)))
    });
    SHARES[usize::from(exclusive)][class_of(len)?]
}

/// The class for contents of `len` bytes, if they are small enough for one.
fn class_of(len: usize) -> Option<usize> {
    SIZES.iter().position(|size| len <= *size)
}

impl Heap {
    /// Bytes of the largest content for which there is a slot in a page that is set aside.
    pub(crate) const LARGEST_ASIDE: usize = KEYS.0;

    /// That of the process of this `birth`.
    pub(crate) fn new(birth: Birth) -> Result<Self, Error> {
        let canaries: &Canaries = Box::leak(Box::new(Canaries::new()?));
        let row = |kind: &Kind| SIZES.map(|size| SizeClass::new(size, *kind, birth, canaries));
        let classes = Kind::all().iter().map(row).collect();
        let page_cache = PageCache::new();
        let tight = os::lock_limit().is_some_and(|limit| limit < FEW * os::page_size());
        let (aside, data_reserve) = (Mutex::new(Vec::new()), DataReserve::new());
        Ok(Self { birth, canaries, page_cache, data_reserve, tight, aside, classes })
    }

    /// Sees to it that `count` pages of `kind`, if that is locked, are set aside, at least: room for what it takes
    /// to open encrypted contents, and to change their keys, which is never given back.
    pub(crate) fn set_aside(&'static self, kind: Kind, count: usize) -> Result<(), Error> {
        while kind.locked && self.pages_aside(kind) < count {
            self.set_page_aside(kind, count)?;
        }
        Ok(())
    }

    fn pages_aside(&self, kind: Kind) -> usize {
        self.aside.lock().iter().filter(|aside| **aside == kind).count()
    }

    /// Sets a page of `kind`, which is locked and exclusive, aside, unless there are `count`. It is cut into slots
    /// of classes, and serves like others as long as there are others.
    fn set_page_aside(&'static self, kind: Kind, count: usize) -> Result<(), Error> {
        let (pages, facts) = Pages::new(os::page_size(), kind.backing, kind.locked)?;
        let mut aside = self.aside.lock();
        if aside.iter().filter(|aside| **aside == kind).count() >= count {
            drop(aside);
            // Another thread was first. Should the system refuse it, some locked pages are lost.
            let _ = pages.unmap();
            return Ok(());
        }
        aside.push(kind);
        drop(aside);
        let (start, whole) = pages.leak();
        let mut used = 0;
        for (size, count) in self.shares(kind, whole)? {
            let class = &self.classes[kind.index()][size];
            let slot = class.slot_size()?;
            let len = count.map_or((whole - used) / slot, |count| count) * slot;
            if len > 0 {
                // SAFETY: within the pages, which are this process's for ever.
                let at = unsafe { start.add(used) };
                // SAFETY: `len` bytes from `at` are within the pages, committed with `facts`, and of no other
                // slab, as `used` grows by them.
                class.keep(unsafe { Slab::kept(at, len, slot, facts) });
            }
            used += len;
        }
        Ok(())
    }

    /// How many slots of which classes a page of `len` bytes is cut into; the last ones get the rest.
    fn shares(&self, kind: Kind, len: usize) -> Result<Vec<(usize, Option<usize>)>, Error> {
        let mut shares = Vec::new();
        for (class, size) in SIZES.iter().enumerate().rev() {
            let slot = self.classes[kind.index()][class].slot_size()?;
            let count = match *size {
                size if size == KEYS.0 => Some(KEYS.1),
                _ if class == 0 => None,
                // Where pages are small, this one has no room for more.
                _ if len <= 16 * 1024 => Some(0),
                _ => Some(len / 16 / slot),
            };
            shares.push((class, count));
        }
        Ok(shares)
    }

    /// The classes for contents of `len` bytes, the best one first.
    pub(crate) fn classes(&self, kind: Kind, len: usize) -> impl Iterator<Item = &SizeClass> {
        let fitting = class_of(len).unwrap_or(SIZES.len());
        self.classes[kind.index()][fitting..].iter()
    }

    /// The class for contents of `len` bytes, if they are small enough for one.
    pub(crate) fn class(&self, kind: Kind, len: usize) -> Option<&SizeClass> {
        let size = class_of(len)?;
        Some(&self.classes[kind.index()][size])
    }

    /// Slabs that have memory at the moment.
    pub(crate) fn slabs(&self) -> usize {
        self.classes.iter().flatten().map(SizeClass::committed_slabs).sum()
    }

    /// Gives all memory back that is locked and not in use, for others to lock.
    pub(crate) fn trim(&self) {
        self.page_cache.trim();
        self.classes.iter().flatten().for_each(SizeClass::trim);
    }
}
