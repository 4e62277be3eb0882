//! What there is at the moment, in figures.

use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use crate::heap::Pools;
use crate::protection::Protection;
use crate::{os, pages};

/// What one process has, counted as it comes and goes.
#[derive(Default)]
pub(crate) struct Counters {
    locked: AtomicUsize,
    guarded: AtomicUsize,
    sealed: AtomicUsize,
    deferred: AtomicIsize,
    overruns: AtomicUsize,
}

// ORDERING: Relaxed throughout: these are figures, which nothing depends on.
impl Counters {
    fn live(&self, protection: Protection) -> &AtomicUsize {
        match protection {
            Protection::Locked => &self.locked,
            Protection::Guarded { .. } => &self.guarded,
            Protection::Encrypted => &self.sealed,
        }
    }

    /// A secret more.
    pub(crate) fn created(&self, protection: Protection) {
        // ORDERING: see above.
        self.live(protection).fetch_add(1, Ordering::Relaxed);
    }

    /// A secret less.
    pub(crate) fn gone(&self, protection: Protection) {
        // ORDERING: see above.
        self.live(protection).fetch_sub(1, Ordering::Relaxed);
    }

    /// A content whose last reader will release it.
    pub(crate) fn release_deferred(&self) {
        // ORDERING: see above.
        self.deferred.fetch_add(1, Ordering::Relaxed);
    }

    /// Such a content has been released.
    pub(crate) fn deferred_release(&self) {
        // ORDERING: see above.
        self.deferred.fetch_sub(1, Ordering::Relaxed);
    }

    /// A content past whose end somebody had written.
    pub(crate) fn overrun(&self) {
        // ORDERING: see above.
        self.overruns.fetch_add(1, Ordering::Relaxed);
    }
}

/// What this process has at the moment; see [`stats`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Secrets with [`Protection::Locked`], closed ones included while handles exist.
    pub locked: usize,
    /// Secrets with [`Protection::Guarded`], counted likewise.
    pub guarded: usize,
    /// Secrets with [`Protection::Encrypted`], counted likewise.
    pub sealed: usize,
    /// Bytes that this library has locked, cached room included.
    pub locked_bytes: usize,
    /// Bytes that this process may lock; `None` if unlimited or unknown.
    pub lock_limit: Option<usize>,
    /// Mappings that this library has, at most: those of neighbours may have become one.
    pub mappings: usize,
    /// Slabs that have memory at the moment.
    pub slabs: usize,
    /// Contents that were closed or replaced while somebody read them, and still are read.
    pub deferred: usize,
    /// Contents past whose end somebody had written, found so far.
    pub overruns: usize,
}

/// What this process has at the moment. Takes a microsecond or two, and no lock for longer than it
/// takes to read a number; all zeros where no secret was ever created.
#[must_use]
pub fn stats() -> Stats {
    let mut stats = Stats {
        locked_bytes: pages::locked_bytes(),
        mappings: pages::mappings(),
        lock_limit: os::lock_limit(),
        ..Stats::default()
    };
    let Ok(pools) = Pools::current() else { return stats };
    let counters = &pools.counters;
    // ORDERING: Relaxed, as all loads here: figures, which nothing depends on.
    stats.locked = counters.locked.load(Ordering::Relaxed);
    // ORDERING: as above.
    stats.guarded = counters.guarded.load(Ordering::Relaxed);
    // ORDERING: as above.
    stats.sealed = counters.sealed.load(Ordering::Relaxed);
    // ORDERING: as above. A content may be settled a moment before it is counted as deferred.
    stats.deferred = counters.deferred.load(Ordering::Relaxed).max(0).unsigned_abs();
    // ORDERING: as above.
    stats.overruns = counters.overruns.load(Ordering::Relaxed);
    stats.slabs = pools.slabs();
    stats
}

#[cfg(feature = "metrics")]
impl Stats {
    /// Sets the gauges `strongroom_secrets{level}`, `strongroom_locked_bytes`,
    /// `strongroom_lock_limit_bytes`, `strongroom_mappings`, `strongroom_slabs`,
    /// `strongroom_deferred` and `strongroom_overruns` of the `metrics` facade.
    pub fn record(&self) {
        #[expect(clippy::cast_precision_loss, reason = "gauges are floating-point numbers")]
        let number = |count: usize| count as f64;
        metrics::gauge!("strongroom_secrets", "level" => "locked").set(number(self.locked));
        metrics::gauge!("strongroom_secrets", "level" => "guarded").set(number(self.guarded));
        metrics::gauge!("strongroom_secrets", "level" => "sealed").set(number(self.sealed));
        metrics::gauge!("strongroom_locked_bytes").set(number(self.locked_bytes));
        if let Some(limit) = self.lock_limit {
            metrics::gauge!("strongroom_lock_limit_bytes").set(number(limit));
        }
        metrics::gauge!("strongroom_mappings").set(number(self.mappings));
        metrics::gauge!("strongroom_slabs").set(number(self.slabs));
        metrics::gauge!("strongroom_deferred").set(number(self.deferred));
        metrics::gauge!("strongroom_overruns").set(number(self.overruns));
    }
}
