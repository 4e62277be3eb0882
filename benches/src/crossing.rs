//! Calls that cross into or out of a component, beside those of functions that do nothing.

mod bare;
mod guest;
mod provider;
mod text;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use strongroom::Secret;
use wasmtime::Engine;

pub use bare::bare_in_wasm;
pub use guest::{Guest, Native, Nothing};
pub use provider::Provider;

use crate::LEN;
use crate::batches::{interleaved_once, undisturbed};

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// What is signed: with the key's two and the tag's one this makes four blocks of SHA-256.
const MESSAGE: &[u8; LEN] = &[0x5a; LEN];

/// A secret of the host's.
#[must_use]
pub fn secret() -> Secret {
    Secret::new(&mut [0x5a; LEN]).expect("strongroom finds a locked slot")
}

/// What one `call` costs beyond the operation, and what one of an `empty` function does. The operation
/// is measured in place, in a function that does nothing but `that`: what surrounds an operation takes
/// its share of the processor's caches and queues. Call and operation take turns, as their difference
/// is the smallest of the figures.
pub fn beyond(
    call: impl FnMut(u64) -> Duration,
    mut that: impl FnMut(u64) -> Duration,
    empty: impl FnMut(u64) -> Duration,
) -> [f64; 2] {
    let [whole, operation] = interleaved_once(call, &mut that).map(undisturbed);
    let [_, empty] = interleaved_once(that, empty).map(undisturbed);
    [whole - operation + empty, empty]
}

/// How long `work` takes that is told how often to do it.
pub fn timed(mut work: impl FnMut(u64)) -> impl FnMut(u64) -> Duration {
    move |n| {
        let start = Instant::now();
        work(n);
        start.elapsed()
    }
}
