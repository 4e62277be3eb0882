//! The ratios that strongroom promises for calls into and out of components. Prints one JSON object
//! per line and per goal, as `goals` does.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::Result;
use strongroom::Secret;
use strongroom_crossing::{Guest, Native, Nothing, Provider, beyond, secret, timed};
use strongroom_measure::batches::{in_places, interleaved, interleaved_once, typical, undisturbed};
use strongroom_measure::goal::{Goal, print_rows};
use strongroom_measure::threads::side_by_side;

const GOALS: &[Goal] = &[
    Goal {
        what: "length of a secret, host to component",
        reference: "empty function",
        unit: "ns",
        at_most: 1.25,
        or_cost: None,
        measure: || {
            in_places(
                || Ok((Provider::strongroom()?, Provider::nothing()?)),
                |(ours, empty)| {
                    interleaved_once(timed(|n| ours.length(n)), timed(|n| empty.length(n)))
                        .map(undisturbed)
                },
            )
        },
    },
    Goal {
        what: "hmac-sha256, host to component, beyond the bare operation",
        reference: "empty function",
        unit: "ns",
        at_most: 1.25,
        or_cost: None,
        measure: || {
            beyond(|| Ok(providers()?.map(|mut provider| timed(move |n| provider.sign(n)))))
        },
    },
    Goal {
        what: "hmac-sha256, guest to host, beyond the bare operation",
        reference: "empty function",
        unit: "ns",
        at_most: 1.25,
        or_cost: None,
        measure: || beyond(|| Ok(guests()?.map(|mut guest| timed(move |n| guest.sign(n))))),
    },
    Goal {
        what: "create + drop, guest to host, beyond the native ones",
        reference: "empty resource",
        unit: "ns",
        at_most: 1.5,
        or_cost: None,
        measure: || beyond(|| Ok(guests()?.map(|mut guest| timed(move |n| guest.create_drop(n))))),
    },
    Goal {
        what: "refused of 100,000 handles in one store",
        reference: "handles",
        unit: "",
        at_most: 0.0,
        or_cost: None,
        measure: || {
            const HANDLES: u64 = 100_000;
            let created = Guest::of_strongroom(secret())?.create(HANDLES);
            Ok([(HANDLES - created) as f64, HANDLES as f64])
        },
    },
    Goal {
        what: "hmac-sha256, two stores on two threads on one secret",
        reference: "two secrets",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            let one = stores(|| {
                let secret = secret();
                [secret.clone(), secret]
            })?;
            let two = stores(|| [secret(), secret()])?;
            Ok(interleaved(each_in_turn(one), each_in_turn(two)).map(typical))
        },
    },
];

/// strongroom's component, one that does the bare operation, and one that does nothing.
fn providers() -> Result<[Provider; 3]> {
    Ok([Provider::strongroom()?, Provider::bare()?, Provider::nothing()?])
}

/// One on `wasmtime-strongroom`, one on the native operations, and one on functions that do nothing.
fn guests() -> Result<[Guest; 3]> {
    static SECRET: LazyLock<Secret> = LazyLock::new(secret);
    Ok([Guest::of_strongroom(secret())?, Guest::of(Native(&SECRET))?, Guest::of(Nothing)?])
}

/// How many pairs of stores take turns: how long a cache line takes from one processor to the other
/// depends on its address.
const PAIRS: usize = 16;

/// Pairs of stores, whose secrets are made in pairs.
fn stores(secrets: impl Fn() -> [Secret; 2]) -> Result<Vec<[Guest; 2]>> {
    let pair = |_| {
        let [one, other] = secrets();
        Ok([Guest::of_strongroom(one)?, Guest::of_strongroom(other)?])
    };
    (0..PAIRS).map(pair).collect()
}

/// How long signing takes in the two stores of a pair at once.
fn each_in_turn(mut pairs: Vec<[Guest; 2]>) -> impl FnMut(u64) -> Duration {
    let mut turn = 0;
    move |n| {
        turn = (turn + 1) % PAIRS;
        let [here, there] = &mut pairs[turn];
        side_by_side(|| here.sign(n), || there.sign(n))
    }
}

fn main() -> Result<()> {
    print_rows(GOALS)
}
