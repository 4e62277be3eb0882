//! How many secrets there are, counted as they come and go.

use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use crate::protection::Protection;

/// The counts of one process. They are figures, which nothing depends on: so all accesses are Relaxed, and
/// pair with nothing.
#[derive(Default)]
pub(crate) struct Counters {
    locked: AtomicUsize,
    guarded: AtomicUsize,
    encrypted: AtomicUsize,
    /// An end may be counted before the beginning that belongs to it, so this may be below 0 for a moment.
    deferred: AtomicIsize,
}

impl Counters {
    fn of(&self, protection: Protection) -> &AtomicUsize {
        match protection {
            Protection::Locked => &self.locked,
            Protection::Guarded { .. } => &self.guarded,
            Protection::Encrypted => &self.encrypted,
        }
    }

    /// Secrets with protection of this kind.
    pub(crate) fn secrets(&self, protection: Protection) -> usize {
        // ORDERING: Relaxed; a figure.
        self.of(protection).load(Ordering::Relaxed)
    }

    /// A secret more.
    pub(crate) fn created(&self, protection: Protection) {
        // ORDERING: Relaxed; a figure.
        self.of(protection).fetch_add(1, Ordering::Relaxed);
    }

    /// A secret less.
    pub(crate) fn gone(&self, protection: Protection) {
        // ORDERING: Relaxed; a figure.
        self.of(protection).fetch_sub(1, Ordering::Relaxed);
    }

    /// Contents that their last readers will release.
    pub(crate) fn deferred(&self) -> usize {
        // ORDERING: Relaxed; a figure.
        self.deferred.load(Ordering::Relaxed).max(0).unsigned_abs()
    }

    /// A content whose last reader will release it.
    pub(crate) fn release_deferred(&self) {
        // ORDERING: Relaxed; a figure.
        self.deferred.fetch_add(1, Ordering::Relaxed);
    }

    /// Such a content has been released.
    pub(crate) fn deferred_release(&self) {
        // ORDERING: Relaxed; a figure.
        self.deferred.fetch_sub(1, Ordering::Relaxed);
    }
}
