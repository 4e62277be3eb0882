//! What secrets take of what their process may have: locked bytes and mappings.

use crate::heap::{self, Canaried};
use crate::process::Process;
use crate::protection::Protection;
use crate::{Builder, Restricted, Secret, os, pages};

/// What one secret takes of what its process may have; see [`Builder::cost`] and [`Secret::cost`].
///
/// Beside that, each takes ordinary memory: a [`Protection::Locked`] one 144 bytes with glibc's allocator on 64 bits,
/// a [`Protection::Encrypted`] one of 32 bytes less than 400.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Cost {
    /// Bytes of locked memory for as long as it lives: whole pages where it has pages of its own;
    /// else its share of pages, at most, with its marks and with what is too small for another secret.
    /// None if it is encrypted; but for all encrypted ones a page is set aside, and as many as the largest
    /// above 1,024 bytes takes while it is read.
    pub locked_bytes: usize,
    /// Mappings at most, for as long as it lives: its pages and the guard pages on either side, which
    /// those of a neighbour may become one with. None where it shares pages with others: those take
    /// as many, once for all.
    pub mappings: usize,
    /// Bytes of locked memory more while it is put together or derived, and, if it is encrypted, while
    /// it is read, by each thread that does.
    pub scratch_bytes: usize,
}

impl Cost {
    fn of(protection: Protection, len: usize) -> Self {
        let whole = || Canaried::size(len)?.checked_next_multiple_of(os::page_size());
        // What nobody has fits into no limit.
        let pages = || whole().unwrap_or(usize::MAX);
        let scratch_bytes = heap::share(len, true).unwrap_or_else(pages);
        let own = || Self { locked_bytes: pages(), mappings: pages::MAPPINGS, scratch_bytes };
        match protection {
            Protection::Locked => match heap::share(len, false) {
                Some(locked_bytes) => Self { locked_bytes, mappings: 0, scratch_bytes },
                None => own(),
            },
            Protection::Guarded { .. } => own(),
            Protection::Encrypted => Self { locked_bytes: 0, mappings: 0, scratch_bytes },
        }
    }
}

impl Builder {
    /// What a secret of `len` bytes that is built so takes of what the process may have.
    ///
    /// ```
    /// use strongroom::{Protection, Reprotect, Secret, capabilities};
    ///
    /// let key = Secret::builder().cost(32);
    /// assert!(key.locked_bytes < 64);
    /// let guarded = Protection::Guarded { reprotect: Reprotect::Eager };
    /// let key = Secret::builder().protection(guarded).cost(32);
    /// assert_eq!(key.locked_bytes, capabilities().page_size);
    /// assert_eq!(key.mappings, 3);
    /// ```
    #[must_use]
    pub fn cost(self, len: usize) -> Cost {
        Cost::of(self.level(), len)
    }
}

impl Secret {
    /// What a content of `len` bytes takes of what the process may have, in this secret or in one
    /// that is derived from it.
    #[must_use]
    pub fn cost(&self, len: usize) -> Cost {
        Cost::of(self.0.storage().protection(), len)
    }
}

impl Restricted {
    /// As [`Secret::cost`]; no use is needed.
    #[must_use]
    pub fn cost(&self, len: usize) -> Cost {
        Cost::of(self.0.storage().protection(), len)
    }
}

/// What this library has of what the process may have, or what that is; see [`usage`] and [`limits`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Usage {
    /// Bytes of locked memory, cached room included.
    pub locked_bytes: usize,
    /// Mappings, at most: those of neighbours may have become one.
    pub mappings: usize,
}

/// What this library has at the moment. Takes two loads.
#[must_use]
pub fn usage() -> Usage {
    Usage { locked_bytes: os::locked_bytes(), mappings: pages::mappings() }
}

/// What a process may have; see [`limits`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of locked memory (`RLIMIT_MEMLOCK`), which a process with `CAP_IPC_LOCK` may exceed;
    /// `None` if unlimited or unknown.
    pub locked_bytes: Option<usize>,
    /// Mappings (Linux's `vm.max_map_count`), of all that the process does; `None` if unknown.
    pub mappings: Option<usize>,
}

/// What this process may have, asked now.
#[must_use]
pub fn limits() -> Limits {
    Limits { locked_bytes: os::lock_limit(), mappings: mapping_limit() }
}

fn mapping_limit() -> Option<usize> {
    if !cfg!(any(target_os = "linux", target_os = "android")) {
        return None;
    }
    std::fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()
}

/// Gives back to the system what is locked and in no use: pages that are kept for the next secret. It
/// is done anyway before locking fails.
pub fn trim() {
    if let Ok(process) = Process::current() {
        process.heap.trim();
    }
}
