//! The native host of the core: which region a secret gets, by its level of protection.

use std::sync::Arc;

use strongroom_core::{Secret, Storage, Vault};

use crate::Error;
use crate::pages::{Birth, ProtectionKey};
use crate::policy::untold_overrun;
use crate::process::Process;
use crate::protection::{Backing, OnLockFailure, Protection, Reprotect};
use crate::region::{Encrypted, Guard, GuardedRegion, Memory, NativeRegion, Watch};

/// What a secret was created with.
pub struct Native {
    birth: Birth,
    process: &'static Process,
    backing: Backing,
    on_lock_failure: OnLockFailure,
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
        let process = Process::current()?;
        let level = match protection {
            Protection::Locked => Level::Locked,
            Protection::Guarded { reprotect } => {
                let reprotect = reprotect.in_force();
                Level::Guarded(reprotect, guard(process, reprotect)?)
            }
            Protection::Encrypted => {
                let memory = Memory { heap: &process.heap, backing, on_lock_failure };
                Level::Encrypted(process.vaults.of(memory)?)
            }
        };
        Ok(Self::counted(process, backing, on_lock_failure, level))
    }

    #[inline]
    fn counted(
        process: &'static Process,
        backing: Backing,
        on_lock_failure: OnLockFailure,
        level: Level,
    ) -> Self {
        let native = Self { birth: process.heap.birth, process, backing, on_lock_failure, level };
        process.counters.created(native.protection());
        native
    }

    /// The memory that it gets, where that is readable.
    #[inline]
    fn memory(&self) -> Memory {
        let Self { process, backing, on_lock_failure, .. } = *self;
        Memory { heap: &process.heap, backing, on_lock_failure }
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

/// What guards a secret that is to become inaccessible so.
fn guard(process: &'static Process, reprotect: Reprotect) -> Result<Guard, Error> {
    Ok(match (reprotect, ProtectionKey::get()) {
        (Reprotect::After(window), _) => Guard::Watched(Watch::new(&process.reprotector, window)?),
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
        Self::counted(self.process, self.backing, self.on_lock_failure, level)
    }
}

impl Drop for Native {
    #[inline]
    fn drop(&mut self) {
        self.process.counters.gone(self.protection());
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
            Level::Locked => self.memory().allocate(len).map(NativeRegion::Plain),
            Level::Guarded(_, guard) => {
                let heap = &self.process.heap;
                let make = |kind, _| GuardedRegion::new(heap, kind, len, guard.clone());
                let region = self.memory().of_kind(true, make)?;
                Ok(NativeRegion::Guarded(Box::new(region)))
            }
            Level::Encrypted(vault) => Encrypted::new(Arc::clone(vault), len)
                .map(|region| NativeRegion::Encrypted(Box::new(region))),
        }
    }

    fn scratch(&self, len: usize) -> Result<NativeRegion, Error> {
        self.memory().scratch(len).map(NativeRegion::Plain)
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
        self.memory().random(out)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.memory().relax(attempt)
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
        self.process.counters.release_deferred();
    }

    fn on_deferred_release(&self) {
        self.process.counters.deferred_release();
    }

    fn on_overrun() {
        untold_overrun();
    }
}
