//! Calls that cross into or out of a component, beside those of functions that do nothing.

mod guest;
mod module;
pub mod operations;
mod provider;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::Result;
use strongroom::Secret;
use strongroom_measure::LEN;
use strongroom_measure::batches::{in_places, interleaved_once, undisturbed};
use wasmtime::Engine;

pub use guest::{Guest, Native, Nothing};
pub use provider::Provider;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// What is signed: with the key's two and the tag's one this makes four blocks of SHA-256.
const MESSAGE: &[u8; LEN] = &[0x5a; LEN];

/// A secret of the host's.
#[must_use]
pub fn secret() -> Secret {
    Secret::new(&mut [0x5a; LEN]).expect("strongroom finds a locked slot")
}

/// What one call costs beyond the operation, and what one of an empty function does. `make` makes
/// the call, one of a function that does nothing but the operation, and one that does nothing: what
/// surrounds an operation takes its share of the processor's caches and queues. The first two take
/// turns, as their difference is the smallest of the figures.
///
/// # Errors
///
/// Those of `make`.
pub fn beyond<Calls: FnMut(u64) -> Duration>(
    make: impl Fn() -> Result<[Calls; 3]>,
) -> Result<[f64; 2]> {
    in_places(make, |[call, operation, empty]| {
        let [call, in_place] = interleaved_once(call, &mut *operation).map(undisturbed);
        let [_, empty] = interleaved_once(operation, empty).map(undisturbed);
        [call - in_place + empty, empty]
    })
}

/// How long `work` takes that is told how often to do it.
pub fn timed(mut work: impl FnMut(u64)) -> impl FnMut(u64) -> Duration {
    move |n| {
        let start = Instant::now();
        work(n);
        start.elapsed()
    }
}
