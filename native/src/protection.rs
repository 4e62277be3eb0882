//! What protects a secret: what one can ask for, and what is really in force.

use std::fmt;
use std::time::Duration;

/// How a secret is kept while nobody reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Protection {
    /// In locked memory between guard pages, left out of core dumps and of forked children; with
    /// `memfd_secret` also out of reach of other processes and of the kernel. An access costs two
    /// atomic operations. For keys in constant use.
    #[default]
    Locked,
    /// In pages of its own, locked as above, that nobody can access while nobody reads: a stray
    /// read is a fault. An access that finds them inaccessible costs two system calls.
    Guarded {
        /// When they become inaccessible again.
        reprotect: Reprotect,
    },
    /// Encrypted (AES-256-GCM) in ordinary memory; plaintext is in locked memory while somebody
    /// reads, and the key always. An access that nobody else is in costs one decryption. For any
    /// number of secrets under any limit of locked memory.
    Encrypted,
}

/// When a [`Protection::Guarded`] secret becomes inaccessible again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reprotect {
    /// With the end of the last access; where there are protection keys, for every thread with the
    /// end of its own.
    #[default]
    Eager,
    /// When nobody has accessed it for this long, and at the latest after twice that; accesses
    /// until then cost no more than those of [`Protection::Locked`]. A thread of this library does
    /// it. Zero means `Eager`; less than [`SHORTEST`](Self::SHORTEST) means that, and is told as that.
    After(Duration),
}

impl Reprotect {
    /// The shortest window. The thread looks once per window at each secret that is open, which takes
    /// some microseconds: it would do nothing else if the window were shorter than that.
    pub const SHORTEST: Duration = Duration::from_millis(1);

    /// What will be done if this is asked for.
    pub(crate) fn in_force(self) -> Self {
        match self {
            Self::After(Duration::ZERO) => Self::Eager,
            Self::After(window) => Self::After(window.max(Self::SHORTEST)),
            Self::Eager => Self::Eager,
        }
    }
}

/// Which kind of memory holds a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Backing {
    /// `memfd_secret` where the kernel has it and gives it, anonymous memory where not;
    /// [`Protections::memfd_secret`] tells. It isn't tried where that could end in a signal: where
    /// system calls are filtered ([`Capabilities::filtered_calls`](crate::Capabilities::filtered_calls)),
    /// and above `RLIMIT_FSIZE`. Nor does it serve without a free file descriptor.
    #[default]
    Auto,
    /// `memfd_secret` or an error. While such memory exists, the machine can't hibernate.
    ///
    /// Also tried under a filter of system calls: choose this in containers, whose filters let it
    /// through or refuse it (Docker's does), and not where they kill for calls that they don't know.
    MemfdSecret,
    /// Anonymous memory, locked with `mlock`.
    Anonymous,
}

/// What to do when no more memory may be locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnLockFailure {
    /// Fail with [`Error::LockLimit`](crate::Error::LockLimit).
    #[default]
    Fail,
    /// Use memory that may be written to swap; [`Protections::locked`] tells. Each secret tries to be locked
    /// first, and to have what is unused given back: beyond the limit, making one takes some sixty system
    /// calls more.
    Degrade,
}

/// What may be done with some pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
}

/// What the operating system has granted for some pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Facts {
    pub(crate) memfd_secret: bool,
    pub(crate) locked: bool,
    pub(crate) excluded_from_dumps: bool,
    pub(crate) excluded_from_forks: bool,
}

impl Facts {
    /// All of them in a byte.
    pub(crate) fn bits(self) -> u8 {
        u8::from(self.memfd_secret)
            | u8::from(self.locked) << 1
            | u8::from(self.excluded_from_dumps) << 2
            | u8::from(self.excluded_from_forks) << 3
    }

    /// Those that [`bits`](Self::bits) gave.
    pub(crate) fn from_bits(bits: u8) -> Self {
        Self {
            memfd_secret: bits & 1 != 0,
            locked: bits & 1 << 1 != 0,
            excluded_from_dumps: bits & 1 << 2 != 0,
            excluded_from_forks: bits & 1 << 3 != 0,
        }
    }

    /// What holds for both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            memfd_secret: self.memfd_secret && other.memfd_secret,
            locked: self.locked && other.locked,
            excluded_from_dumps: self.excluded_from_dumps && other.excluded_from_dumps,
            excluded_from_forks: self.excluded_from_forks && other.excluded_from_forks,
        }
    }
}

/// What is really in force for one secret, as the system calls reported that set up its very pages.
///
/// Of a [`Protection::Encrypted`] secret they are two: those in which it is read, or was last, and those of
/// the root key, with which all else could be decrypted. What is told holds for both; between accesses the
/// content itself is ciphertext, in ordinary memory.
///
/// Its `Display` is a list in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Protections {
    /// How it is kept while nobody reads it.
    pub level: Protection,
    /// With [`Protection::Guarded`]: by a protection key, which opens it for the reading thread only.
    pub protection_key: bool,
    /// In memory that other processes, ptrace and the kernel can't read.
    pub memfd_secret: bool,
    /// Never written to swap.
    pub locked: bool,
    /// Between pages that fault on every access.
    pub guard_pages: bool,
    /// Between keyed marks that tell a write past either end when the memory is given back.
    pub canaries: bool,
    /// Left out of core dumps.
    pub excluded_from_dumps: bool,
    /// Not present in forked children.
    pub excluded_from_forks: bool,
}

impl Protections {
    pub(crate) fn new(level: Protection, protection_key: bool, facts: Facts) -> Self {
        Self {
            level,
            protection_key,
            memfd_secret: facts.memfd_secret,
            locked: facts.locked,
            guard_pages: true,
            canaries: true,
            excluded_from_dumps: facts.excluded_from_dumps,
            excluded_from_forks: facts.excluded_from_forks,
        }
    }
}

impl fmt::Display for Protections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Protection::Locked => {}
            Protection::Guarded { .. } if self.protection_key => {
                f.write_str("inaccessible at rest by protection key, ")?;
            }
            Protection::Guarded { reprotect: Reprotect::Eager } => {
                f.write_str("inaccessible at rest, ")?;
            }
            Protection::Guarded { reprotect: Reprotect::After(window) } => {
                write!(f, "inaccessible when idle for {window:?}, ")?;
            }
            Protection::Encrypted => f.write_str("encrypted at rest, decrypted in ")?,
        }
        f.write_str(if self.memfd_secret { "memfd_secret" } else { "anonymous memory" })?;
        f.write_str(if self.locked { ", locked" } else { ", NOT locked" })?;
        for (holds, what) in [
            (self.guard_pages, ", guard pages"),
            (self.canaries, ", canaries"),
            (self.excluded_from_dumps, ", not in core dumps"),
            (self.excluded_from_forks, ", not in forks"),
        ] {
            if holds {
                f.write_str(what)?;
            }
        }
        Ok(())
    }
}

/// How a forked child, whose every operation on an inherited secret is
/// [`Error::Forked`](crate::Error::Forked), is told from its parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ForkDetection {
    /// By a page that the kernel zeroes in a child, whichever way that was made (`MADV_WIPEONFORK`): one
    /// load per access.
    WipedPage,
    /// By its process number, which is a system call more per access, and by a handler of
    /// `pthread_atfork`: where the kernel knows of no such page (before Linux 4.14, gVisor) or accepts
    /// advice about memory without taking it (QEMU's user mode).
    ProcessNumber,
    /// By a handler of `pthread_atfork` (Apple's systems).
    Handler,
}
