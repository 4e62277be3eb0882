//! How many secrets there are, counted as they come and go.

use std::sync::atomic::{AtomicIsize, Ordering};

use crate::places::Places;
use crate::protection::Protection;

/// The counts of one process, which are the sums over all places: threads that make secrets all the time share no
/// line. They are figures, which nothing depends on: so all accesses are Relaxed, and pair with nothing.
///
/// A secret may end, and a content be released, in another place than where it began, and an end may be counted
/// before the beginning that belongs to it. So each count may be below 0, and for a moment the sum.
pub(crate) struct Counters(Places<Counts>);

#[derive(Default)]
struct Counts {
    locked: AtomicIsize,
    guarded: AtomicIsize,
    encrypted: AtomicIsize,
    deferred: AtomicIsize,
}

impl Counts {
    #[inline]
    fn of(&self, protection: Protection) -> &AtomicIsize {
        match protection {
            Protection::Locked => &self.locked,
            Protection::Guarded { .. } => &self.guarded,
            Protection::Encrypted => &self.encrypted,
        }
    }
}

impl Counters {
    pub(super) fn new() -> Self {
        Self(Places::new(|_| Counts::default()))
    }

    fn sum(&self, count: impl Fn(&Counts) -> &AtomicIsize) -> usize {
        // ORDERING: Relaxed; a figure.
        let sum: isize = self.0.all().map(|counts| count(counts).load(Ordering::Relaxed)).sum();
        sum.max(0).unsigned_abs()
    }

    /// Secrets with protection of this kind.
    pub(crate) fn secrets(&self, protection: Protection) -> usize {
        self.sum(|counts| counts.of(protection))
    }

    /// A secret more.
    #[inline]
    pub(crate) fn created(&self, protection: Protection) {
        // ORDERING: Relaxed; a figure.
        self.0.own().of(protection).fetch_add(1, Ordering::Relaxed);
    }

    /// A secret less.
    #[inline]
    pub(crate) fn gone(&self, protection: Protection) {
        // ORDERING: Relaxed; a figure.
        self.0.own().of(protection).fetch_sub(1, Ordering::Relaxed);
    }

    /// Contents that their last readers will release.
    pub(crate) fn deferred(&self) -> usize {
        self.sum(|counts| &counts.deferred)
    }

    /// A content whose last reader will release it.
    pub(crate) fn release_deferred(&self) {
        // ORDERING: Relaxed; a figure.
        self.0.own().deferred.fetch_add(1, Ordering::Relaxed);
    }

    /// Such a content has been released.
    pub(crate) fn deferred_release(&self) {
        // ORDERING: Relaxed; a figure.
        self.0.own().deferred.fetch_sub(1, Ordering::Relaxed);
    }
}
