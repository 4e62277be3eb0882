//! What one process has of protected memory: for each kind of it, slabs with slots of a few sizes;
//! cached pages; and what goes with them.

mod canary;
mod page_cache;
mod size_class;
mod slab;
mod slot_cache;

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::pages::Birth;
use crate::pages::Pages;
use crate::process::Vaults;
use crate::protection::Backing;
use crate::region::Reprotector;
use crate::stats::Counters;
use crate::{Error, os};
pub(crate) use canary::Canaried;
use canary::Key;
pub(crate) use page_cache::CachedPages;
use page_cache::PageCache;
pub(crate) use size_class::{Claim, Growth, SizeClass, Stay, share};
use slab::Slab;
pub(crate) use slot_cache::CachedSlot;

/// Content sizes of the classes, in bytes. Larger contents get pages of their own.
const SIZES: [usize; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

/// The class of what a vault's key takes, and how many of its slots are set aside: for the keys of two vaults,
/// and for a new one.
const KEYS: (usize, usize) = (1024, 3);

/// Below so many pages that may be locked, one page has to do for everything.
const FEW: usize = 4;

/// What one pool's memory is, and who may look at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    pub(crate) backing: Backing,
    pub(crate) locked: bool,
    /// Never looked at without a pin, so it may be written with ordinary stores.
    pub(crate) exclusive: bool,
}

impl Kind {
    const COUNT: usize = 12;

    /// All kinds, each at its [`index`](Self::index).
    const fn all() -> [Self; Self::COUNT] {
        let mut kinds =
            [Self { backing: Backing::Auto, locked: false, exclusive: false }; Self::COUNT];
        let mut i = 0;
        while i < Self::COUNT {
            kinds[i] = Self {
                backing: match i / 4 {
                    0 => Backing::Auto,
                    1 => Backing::MemfdSecret,
                    _ => Backing::Anonymous,
                },
                locked: i & 2 != 0,
                exclusive: i & 1 != 0,
            };
            i += 1;
        }
        kinds
    }

    pub(crate) const fn index(self) -> usize {
        let backing = match self.backing {
            Backing::Auto => 0,
            Backing::MemfdSecret => 1,
            Backing::Anonymous => 2,
        };
        backing * 4 + (self.locked as usize) * 2 + self.exclusive as usize
    }
}

/// All pools of one process.
pub(crate) struct Pools {
    pub(crate) birth: Birth,
    pub(crate) key: Key,
    pub(crate) counters: Counters,
    pub(crate) page_cache: PageCache,
    pub(crate) reprotector: Reprotector,
    pub(crate) vaults: Vaults,
    /// Whether so few pages may be locked that contents and scratch have to share them: contents are then
    /// in slots that nobody reads without a pin.
    pub(crate) tight: bool,
    /// The kinds of which a page is set aside.
    aside: Mutex<Vec<Kind>>,
    /// Apart, and put there one row at a time: all at once they would take the stack of a small thread.
    classes: Box<[[SizeClass; SIZES.len()]]>,
}

/// The content size of the class for contents of `len` bytes, if they are small enough for one.
pub(crate) fn class_size(len: usize) -> Option<usize> {
    SIZES.iter().copied().find(|size| len <= *size)
}

impl Pools {
    /// Bytes of the largest content for which there is a slot in a page that is set aside.
    pub(crate) const LARGEST_ASIDE: usize = KEYS.0;

    /// The pools of this process. A forked child gets new ones: the parent's may be locked by a
    /// thread that the child doesn't have.
    #[inline]
    pub(crate) fn current() -> Result<&'static Self, Error> {
        static CURRENT: AtomicPtr<Pools> = AtomicPtr::new(core::ptr::null_mut());
        let birth = Birth::now()?;
        // ORDERING: Acquire pairs with the Release below.
        let mut seen = CURRENT.load(Ordering::Acquire);
        loop {
            // SAFETY: null or leaked below, so it lives for ever.
            if let Some(pools) = unsafe { seen.as_ref() }
                && pools.birth == birth
            {
                return Ok(pools);
            }
            let new = Box::into_raw(Box::new(Self::new(birth)?));
            // ORDERING: AcqRel: the new pools are published, or another thread's are taken.
            match CURRENT.compare_exchange(seen, new, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: leaked above.
                Ok(_) => return Ok(unsafe { &*new }),
                Err(other) => {
                    // SAFETY: made above, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(new) });
                    seen = other;
                }
            }
        }
    }

    fn new(birth: Birth) -> Result<Self, Error> {
        let row = |kind: &Kind| SIZES.map(|size| SizeClass::new(size, *kind));
        let classes = Kind::all().iter().map(row).collect();
        let (page_cache, reprotector, vaults) =
            (PageCache::new(), Reprotector::new(), Vaults::new());
        let (key, counters) = (Key::random()?, Counters::default());
        let tight = os::lock_limit().is_some_and(|limit| limit < FEW * os::page_size());
        let aside = Mutex::new(Vec::new());
        Ok(Self { birth, key, counters, page_cache, reprotector, vaults, tight, aside, classes })
    }

    /// Sets a page of `kind`, which is locked and exclusive, aside: room for what it takes to open sealed
    /// contents, and to change their key, which is never given back. It is cut into slots of classes, and
    /// serves like others as long as there are others.
    pub(crate) fn set_aside(&self, kind: Kind) -> Result<(), Error> {
        let lock = || self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if !kind.locked || lock().contains(&kind) {
            return Ok(());
        }
        let (pages, facts) = Pages::new(os::page_size(), kind.backing, kind.locked)?;
        let mut aside = lock();
        if aside.contains(&kind) {
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
                // SAFETY: as above, and of no other slab.
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
        let fitting = SIZES.iter().position(|size| len <= *size).unwrap_or(SIZES.len());
        self.classes[kind.index()][fitting..].iter()
    }

    /// The class for contents of `len` bytes, if they are small enough for one.
    pub(crate) fn class(&self, kind: Kind, len: usize) -> Option<&SizeClass> {
        let size = SIZES.iter().position(|size| len <= *size)?;
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
