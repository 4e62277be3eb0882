//! The native host of the core: which region a secret gets, by its level of protection.

use std::sync::Arc;

use strongroom_core::{Secret, Storage, Vault};

use crate::pages::{Birth, ProtectionKey};
use crate::policy::untold_overrun;
use crate::process::Process;
use crate::protection::{Backing, OnLockFailure, Protection, Reprotect};
use crate::region::{Encrypted, Guard, GuardedRegion, Memory, NativeRegion, Watch};
use crate::{Error, os};

/// What a secret was created with. Each secret has one: so what only some need is elsewhere.
pub enum Native {
    /// In locked memory.
    Locked {
        /// Where it was created.
        birth: Birth,
        /// Which memory.
        backing: Backing,
        /// What if it can't be locked.
        on_lock_failure: OnLockFailure,
    },
    /// In pages that are inaccessible at rest.
    Guarded {
        /// Where it was created.
        birth: Birth,
        /// How.
        level: Box<Guarded>,
    },
    /// Encrypted at rest.
    Encrypted {
        /// Where it was created.
        birth: Birth,
        /// Where it rests, and which memory it is decrypted in.
        vault: Arc<Vault<Memory>>,
    },
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Native>() == 16, "each secret has one");

/// How a guarded secret is kept.
pub struct Guarded {
    backing: Backing,
    on_lock_failure: OnLockFailure,
    reprotect: Reprotect,
    guard: Guard,
}

impl Native {
    #[inline(always)]
    pub(crate) fn new(
        protection: Protection,
        backing: Backing,
        on_lock_failure: OnLockFailure,
    ) -> Result<Self, Error> {
        let process = Process::current()?;
        let memory = Memory { heap: &process.heap, backing, on_lock_failure };
        let native = match protection {
            Protection::Locked => {
                Self::Locked { birth: process.heap.birth, backing, on_lock_failure }
            }
            Protection::Guarded { reprotect } => Self::guarded(process, memory, reprotect)?,
            Protection::Encrypted => Self::encrypted(process, memory)?,
        };
        process.counters.created(protection);
        Ok(native)
    }

    #[cold]
    fn guarded(
        process: &'static Process,
        memory: Memory,
        reprotect: Reprotect,
    ) -> Result<Self, Error> {
        let Memory { heap, backing, on_lock_failure } = memory;
        let reprotect = reprotect.in_force();
        let guard = guard(process, reprotect)?;
        let level = Guarded { backing, on_lock_failure, reprotect, guard };
        Ok(Self::Guarded { birth: heap.birth, level: Box::new(level) })
    }

    #[inline(never)]
    fn encrypted(process: &'static Process, memory: Memory) -> Result<Self, Error> {
        Ok(Self::Encrypted { birth: memory.heap.birth, vault: process.vaults.of(memory)? })
    }

    #[inline]
    fn birth(&self) -> Birth {
        match self {
            Self::Locked { birth, .. }
            | Self::Guarded { birth, .. }
            | Self::Encrypted { birth, .. } => *birth,
        }
    }

    /// The process in which it was created, or what a child has of it.
    #[inline]
    fn process(&self) -> Option<&'static Process> {
        Process::of(self.birth())
    }

    /// The memory that it gets, where that is readable.
    #[inline]
    fn memory(&self) -> Result<Memory, Error> {
        let (backing, on_lock_failure) = match self {
            Self::Locked { backing, on_lock_failure, .. } => (*backing, *on_lock_failure),
            Self::Guarded { level, .. } => (level.backing, level.on_lock_failure),
            Self::Encrypted { vault, .. } => return Ok(*vault.storage()),
        };
        let heap = &self.process().ok_or(Error::Forked)?.heap;
        Ok(Memory { heap, backing, on_lock_failure })
    }

    /// How the secret is kept while nobody reads it.
    #[inline]
    pub(crate) fn protection(&self) -> Protection {
        match self {
            Self::Locked { .. } => Protection::Locked,
            Self::Guarded { level, .. } => Protection::Guarded { reprotect: level.reprotect },
            Self::Encrypted { .. } => Protection::Encrypted,
        }
    }

    /// What guards the secret, if it is guarded.
    #[inline]
    fn guard(&self) -> Option<&Guard> {
        match self {
            Self::Guarded { level, .. } => Some(&level.guard),
            Self::Locked { .. } | Self::Encrypted { .. } => None,
        }
    }

    /// Whether a protection key guards the secret.
    pub(crate) fn has_key(&self) -> bool {
        matches!(self.guard(), Some(Guard::Key(_)))
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
        self.process().inspect(|process| process.counters.created(self.protection()));
        match self {
            Self::Locked { birth, backing, on_lock_failure } => {
                let (birth, backing, on_lock_failure) = (*birth, *backing, *on_lock_failure);
                Self::Locked { birth, backing, on_lock_failure }
            }
            Self::Guarded { birth, level } => {
                let Guarded { backing, on_lock_failure, reprotect, ref guard } = **level;
                let guard = match guard {
                    Guard::Watched(watch) => Guard::Watched(watch.another()),
                    guard => guard.clone(),
                };
                let level = Guarded { backing, on_lock_failure, reprotect, guard };
                Self::Guarded { birth: *birth, level: Box::new(level) }
            }
            Self::Encrypted { birth, vault } => {
                Self::Encrypted { birth: *birth, vault: Arc::clone(vault) }
            }
        }
    }
}

impl Drop for Native {
    #[inline]
    fn drop(&mut self) {
        self.process().inspect(|process| process.counters.gone(self.protection()));
        // In a child, a thread that it doesn't have may hold the watch's lock.
        if let Some(Guard::Watched(watch)) = self.guard()
            && self.birth().is_here()
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
        match self {
            Self::Locked { .. } => match self.memory()?.allocate(len) {
                Ok(region) => Ok(NativeRegion::Plain(region)),
                Err(error) => Err(error),
            },
            Self::Guarded { level, .. } => {
                let memory = self.memory()?;
                let make =
                    |kind, _| GuardedRegion::new(memory.heap, kind, len, level.guard.clone());
                Ok(NativeRegion::Guarded(Box::new(memory.of_kind(true, make)?)))
            }
            Self::Encrypted { vault, .. } => Encrypted::new(Arc::clone(vault), len)
                .map(|region| NativeRegion::Encrypted(Box::new(region))),
        }
    }

    fn scratch(&self, len: usize) -> Result<NativeRegion, Error> {
        self.memory()?.scratch(len).map(NativeRegion::Plain)
    }

    #[inline]
    fn check(&self) -> Result<(), Error> {
        self.birth().check()
    }

    #[inline]
    fn rests_unreadable(&self) -> bool {
        match self {
            Self::Locked { .. } => false,
            Self::Guarded { level, .. } => !matches!(level.guard, Guard::Watched(_)),
            Self::Encrypted { .. } => true,
        }
    }

    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        self.memory()?.random(out)
    }

    fn relax(&self, attempt: u32) -> Result<(), Error> {
        self.memory()?.relax(attempt)
    }

    fn barrier(&self) -> Result<(), Error> {
        match self {
            Self::Locked { .. } => os::barrier(),
            // Whether somebody reads them has to be in their state words.
            Self::Guarded { .. } | Self::Encrypted { .. } => {
                Err(Error::Unsupported { what: "a local handle that isn't seen in the state word" })
            }
        }
    }

    #[inline]
    fn on_created(&self, secret: &Secret<Self>) {
        if let Some(Guard::Watched(watch)) = self.guard() {
            watch.set(secret);
        }
    }

    #[inline]
    fn on_access_end(&self) {
        if let Some(Guard::Key(key)) = self.guard() {
            key.leave();
        }
    }

    fn on_release_deferred(&self) {
        self.process().inspect(|process| process.counters.release_deferred());
    }

    fn on_deferred_release(&self) {
        self.process().inspect(|process| process.counters.deferred_release());
    }

    fn on_overrun() {
        untold_overrun();
    }
}
