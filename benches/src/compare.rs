//! Criterion's view of a peer at work.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, SamplingMode};

use crate::{Peer, threads};

/// Measures `work` on one thread.
pub fn alone<P: Peer>(group: &mut BenchmarkGroup<WallTime>, work: impl Fn(&mut P, u64)) {
    measure(group, P::NAME, threads::alone(work));
}

/// Measures `work` on two threads that share one secret.
pub fn together<P: Peer>(
    group: &mut BenchmarkGroup<WallTime>,
    work: impl Fn(&mut P::Shared, u64) + Sync,
) {
    measure(group, P::NAME, threads::together::<P>(work));
}

fn measure(group: &mut BenchmarkGroup<WallTime>, name: &str, mut run: impl FnMut(u64) -> Duration) {
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function(name, |bencher| bencher.iter_custom(&mut run));
}

/// Measures a function of [`workload`](crate::workload) on every peer:
/// `compare!(criterion, "borrow", alone, borrow)`.
#[macro_export]
macro_rules! compare {
    ($criterion:expr, $group:literal, $threads:ident, $work:ident $(, floor: $floor:ident)?) => {{
        use $crate::peers::*;
        use $crate::{$threads, workload::$work};
        let mut group = $criterion.benchmark_group($group);
        $( $threads::<$floor>(&mut group, $work); )?
        $threads::<Strongroom>(&mut group, $work);
        $threads::<RwLocked>(&mut group, $work);
        $threads::<Secrecy>(&mut group, $work);
        $threads::<Secrets>(&mut group, $work);
        $threads::<Memsafe>(&mut group, $work);
        $threads::<Memsec>(&mut group, $work);
        $threads::<HardwareEnclave>(&mut group, $work);
        group.finish();
    }};
}
