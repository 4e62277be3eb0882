//! What there is at the moment, in figures.

use crate::process::Process;
use crate::protection::{Protection, Reprotect};
use crate::{os, pages};

/// What this process has at the moment; see [`stats`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Secrets with [`Protection::Locked`], closed ones included while handles exist.
    pub locked: usize,
    /// Secrets with [`Protection::Guarded`], counted likewise.
    pub guarded: usize,
    /// Secrets with [`Protection::Encrypted`], counted likewise.
    pub encrypted: usize,
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
        locked_bytes: os::locked_bytes(),
        mappings: pages::mappings(),
        lock_limit: os::lock_limit(),
        ..Stats::default()
    };
    let Ok(process) = Process::current() else { return stats };
    let Process { heap, counters, .. } = process;
    stats.locked = counters.secrets(Protection::Locked);
    stats.guarded = counters.secrets(Protection::Guarded { reprotect: Reprotect::Eager });
    stats.encrypted = counters.secrets(Protection::Encrypted);
    stats.deferred = counters.deferred();
    stats.overruns = heap.canaries.overruns();
    stats.slabs = heap.slabs();
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
        metrics::gauge!("strongroom_secrets", "level" => "encrypted").set(number(self.encrypted));
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
