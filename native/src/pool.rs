//! What one process has of protected memory: for each kind of it, slabs with slots of a few sizes;
//! spare pages; and what goes with them.

use std::sync::atomic::{AtomicPtr, Ordering};

use crate::Error;
use crate::canary::Key;
use crate::class::Class;
use crate::fork::Birth;
use crate::protection::Backing;
use crate::reseal::Resealer;
use crate::spares::Spares;
use crate::stats::Counters;
use crate::vaults::Vaults;

/// Content sizes of the classes, in bytes. Larger contents get pages of their own.
const SIZES: [usize; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];

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

    const fn index(self) -> usize {
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
    pub(crate) spares: Spares,
    pub(crate) resealer: Resealer,
    pub(crate) vaults: Vaults,
    classes: [[Class; SIZES.len()]; Kind::COUNT],
}

/// The content size of the class for contents of `len` bytes, if they are small enough for one.
pub(crate) fn class_size(len: usize) -> Option<usize> {
    SIZES.iter().copied().find(|size| len <= *size)
}

impl Pools {
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
        let classes = Kind::all().map(|kind| SIZES.map(|size| Class::new(size, kind)));
        let (spares, resealer, vaults) = (Spares::new(), Resealer::new(), Vaults::new());
        let (key, counters) = (Key::random()?, Counters::default());
        Ok(Self { birth, key, counters, spares, resealer, vaults, classes })
    }

    /// The class for contents of `len` bytes, if they are small enough for one.
    pub(crate) fn class(&self, kind: Kind, len: usize) -> Option<&Class> {
        let size = SIZES.iter().position(|size| len <= *size)?;
        Some(&self.classes[kind.index()][size])
    }

    /// Slabs that have memory at the moment.
    pub(crate) fn slabs(&self) -> usize {
        self.classes.iter().flatten().map(Class::committed_slabs).sum()
    }

    /// Gives all memory back that is locked and not in use, for others to lock.
    pub(crate) fn trim(&self) {
        self.spares.trim();
        self.classes.iter().flatten().for_each(Class::trim);
    }
}
