//! The native host of the core: which region a secret gets, by its level of protection.

use core::ptr::NonNull;
use std::sync::Arc;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, EncryptedRegion, Region, Released, Secret, Storage, Vault};

use crate::Error;
use crate::heap::Pools;
use crate::pages;
use crate::pages::Birth;
use crate::pages::ProtectionKey;
use crate::policy::untold_overrun;
use crate::protection::{Backing, Facts, OnLockFailure, Protection, Reprotect};
use crate::region::PlainRegion;
use crate::region::Watch;
use crate::region::{Aside, Memory};
use crate::region::{Guard, GuardedRegion};

/// What a secret was created with.
pub struct Native {
    birth: Birth,
    memory: Memory,
    level: Level,
}

/// A level of protection with what it needs.
#[derive(Clone)]
enum Level {
    Locked,
    Guarded(Reprotect, Guard),
    Encrypted(Arc<Vault<Memory>>),
}

impl Native {
    #[inline]
    pub(crate) fn new(
        protection: Protection,
        backing: Backing,
        on_lock_failure: OnLockFailure,
    ) -> Result<Self, Error> {
        let pools = Pools::current()?;
        let memory = Memory { pools, backing, on_lock_failure };
        let level = match protection {
            Protection::Locked => Level::Locked,
            Protection::Guarded { reprotect } => {
                let reprotect = reprotect.in_force();
                Level::Guarded(reprotect, guard(pools, reprotect)?)
            }
            Protection::Encrypted => Level::Encrypted(pools.vaults.of(memory)?),
        };
        Ok(Self::counted(memory, level))
    }

    #[inline]
    fn counted(memory: Memory, level: Level) -> Self {
        let native = Self { birth: memory.pools.birth, memory, level };
        memory.pools.counters.created(native.protection());
        native
    }

    /// How the secret is kept while nobody reads it.
    pub(crate) fn protection(&self) -> Protection {
        match &self.level {
            Level::Locked => Protection::Locked,
            Level::Guarded(reprotect, _) => Protection::Guarded { reprotect: *reprotect },
            Level::Encrypted(_) => Protection::Encrypted,
        }
    }

    /// Whether a protection key guards the secret.
    pub(crate) fn has_key(&self) -> bool {
        matches!(self.level, Level::Guarded(_, Guard::Key(_)))
    }
}

/// What guards a secret that is to be resealed so.
fn guard(pools: &'static Pools, reprotect: Reprotect) -> Result<Guard, Error> {
    Ok(match (reprotect, ProtectionKey::get()) {
        (Reprotect::After(window), _) => Guard::Watched(Watch::new(&pools.reprotector, window)?),
        (Reprotect::Eager, Some(key)) => Guard::Key(key),
        (Reprotect::Eager, None) => Guard::Eager,
    })
}

impl Clone for Native {
    /// The same protection for another secret.
    fn clone(&self) -> Self {
        let level = match &self.level {
            Level::Guarded(reprotect, Guard::Watched(watch)) => {
                Level::Guarded(*reprotect, Guard::Watched(watch.another()))
            }
            level => level.clone(),
        };
        Self::counted(self.memory, level)
    }
}

impl Drop for Native {
    #[inline]
    fn drop(&mut self) {
        self.memory.pools.counters.gone(self.protection());
        // In a child, a thread that it doesn't have may hold the watch's lock.
        if let Level::Guarded(_, Guard::Watched(watch)) = &self.level
            && self.birth.is_here()
        {
            watch.end();
        }
    }
}

// SAFETY: regions are made for the asked length; those of `scratch` are the memory's.
unsafe impl Storage for Native {
    type Region = NativeRegion;

    #[inline]
    fn allocate(&self, len: usize) -> Result<NativeRegion, Error> {
        match &self.level {
            Level::Locked => self.memory.allocate(len).map(NativeRegion::Plain),
            Level::Guarded(_, guard) => {
                let pools = self.memory.pools;
                let make = |kind, _| GuardedRegion::new(pools, kind, len, guard.clone());
                let region = self.memory.of_kind(true, make)?;
                Ok(NativeRegion::Guarded(Box::new(region)))
            }
            Level::Encrypted(vault) => Encrypted::new(Arc::clone(vault), len)
                .map(|sealed| NativeRegion::Encrypted(Box::new(sealed))),
        }
    }

    fn scratch(&self, len: usize) -> Result<NativeRegion, Error> {
        self.memory.scratch(len).map(NativeRegion::Plain)
    }

    #[inline]
    fn check(&self) -> Result<(), Error> {
        self.birth.check()
    }

    #[inline]
    fn rests_unreadable(&self) -> bool {
        match self.level {
            Level::Locked | Level::Guarded(_, Guard::Watched(_)) => false,
            Level::Guarded(..) | Level::Encrypted(_) => true,
        }
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        self.memory.random(out)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.memory.relax(attempt)
    }

    #[inline]
    fn on_created(&self, secret: &Secret<Self>) {
        if let Level::Guarded(_, Guard::Watched(watch)) = &self.level {
            watch.set(secret);
        }
    }

    #[inline]
    fn on_access_end(&self) {
        if let Level::Guarded(_, Guard::Key(key)) = &self.level {
            key.leave();
        }
    }

    fn on_release_deferred(&self) {
        self.memory.pools.counters.release_deferred();
    }

    fn on_deferred_release(&self) {
        self.memory.pools.counters.deferred_release();
    }

    fn on_overrun(&self) {
        untold_overrun();
    }
}

/// Memory for one content, of whichever level; boxed where that isn't `Locked`, so that it is small.
pub enum NativeRegion {
    /// Readable at rest.
    Plain(PlainRegion),
    /// Inaccessible at rest.
    Guarded(Box<GuardedRegion>),
    /// Encrypted at rest.
    Encrypted(Box<Encrypted>),
}

/// A region that is encrypted at rest, and what protects the memory in which it was last open.
pub struct Encrypted {
    region: EncryptedRegion<Memory>,
    opened: Facts,
    /// What it takes to open it, whatever others take.
    _aside: Option<Aside>,
}

impl Encrypted {
    fn new(vault: Arc<Vault<Memory>>, len: usize) -> Result<Self, Error> {
        let aside = vault.storage().set_aside(len)?;
        // That is the room to open it; there is to be a ciphertext as well.
        pages::refuse_more_than_available(len)?;
        let region = EncryptedRegion::new(vault, len)?;
        let opened = region.plain().expect("a new region is open").facts();
        Ok(Self { region, opened, _aside: aside })
    }

    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        let start = self.region.make_readable()?;
        if let Some(plain) = self.region.plain() {
            self.opened = plain.facts();
        }
        Ok(start)
    }

    /// What the system has granted both to that memory and to the root key's.
    fn facts(&self) -> Result<Facts, Error> {
        let root_key = self.region.with_root_key(PlainRegion::facts)?;
        Ok(root_key.map_or(self.opened, |root_key| self.opened.and(root_key)))
    }
}

impl NativeRegion {
    /// What the system has granted to the pages in use.
    pub(crate) fn facts(&self) -> Result<Facts, Error> {
        match self {
            Self::Plain(region) => Ok(region.facts()),
            Self::Guarded(region) => Ok(region.facts()),
            Self::Encrypted(region) => region.facts(),
        }
    }
}

// SAFETY: each of the three keeps the guarantees; this only passes them on.
unsafe impl Region for NativeRegion {
    #[inline]
    fn start(&self) -> NonNull<AtomicU64> {
        match self {
            Self::Plain(region) => region.start(),
            Self::Guarded(region) => region.start(),
            Self::Encrypted(region) => region.region.start(),
        }
    }

    #[inline]
    fn at_rest(&self) -> AtRest {
        match self {
            Self::Plain(region) => region.at_rest(),
            Self::Guarded(region) => region.at_rest(),
            Self::Encrypted(region) => region.region.at_rest(),
        }
    }

    #[inline]
    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        match self {
            Self::Plain(region) => region.make_readable(),
            Self::Guarded(region) => region.make_readable(),
            Self::Encrypted(region) => region.make_readable(),
        }
    }

    #[inline]
    fn make_unreadable(&mut self) -> Result<(), Error> {
        match self {
            Self::Plain(region) => region.make_unreadable(),
            Self::Guarded(region) => region.make_unreadable(),
            Self::Encrypted(region) => region.region.make_unreadable(),
        }
    }

    #[inline]
    fn release(self) -> Released {
        match self {
            Self::Plain(region) => region.release(),
            Self::Guarded(region) => region.release(),
            Self::Encrypted(region) => region.region.release(),
        }
    }
}
