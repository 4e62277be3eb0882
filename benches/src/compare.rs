//! Criterion's view of a peer at work.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, SamplingMode};

use crate::{Peer, batches, threads};

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

/// Runs in batches, however few times criterion asks for: two threads stay side by side in
/// a batch, and its cost is that of work in full flow.
fn measure(group: &mut BenchmarkGroup<WallTime>, name: &str, mut run: impl FnMut(u64) -> Duration) {
    let size = batches::size(&mut run);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(500));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|n| {
            let count = n.div_ceil(size);
            let took: Duration = (0..count).map(|_| run(size)).sum();
            took.mul_f64(n as f64 / (count * size) as f64)
        });
    });
}

/// Measures a function of [`workload`](crate::workload) on every peer, and on what is given besides:
/// `compare!(criterion, "borrow", alone, borrow, TwoRmws, Strongroom<Encrypted>)`.
#[macro_export]
macro_rules! compare {
    ($criterion:expr, $group:literal, $threads:ident, $work:ident $(, $besides:ty)*) => {{
        use $crate::peers::*;
        use $crate::{$threads, workload::$work};
        let mut group = $criterion.benchmark_group($group);
        $( $threads::<$besides>(&mut group, $work); )*
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

/// The same, with strongroom at its other levels besides. For one thread: of two that share a secret
/// which has to be opened, one does all the opening and the other comes in on the way, so that they
/// don't run side by side for long.
#[macro_export]
macro_rules! compare_levels {
    ($($measured:tt)*) => {
        $crate::compare!(
            $($measured)*, Strongroom<Guarded>, Strongroom<Windowed>, Strongroom<Encrypted>
        )
    };
}
