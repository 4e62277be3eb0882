//! What is promised of `Locked` secrets.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::LEN;
use crate::batches::{interleaved, typical, undisturbed};
use crate::goal::Goal;
use crate::locked::locked_bytes;
use crate::memory::ordinary_memory_of_each;
use crate::peers::{Memsec, RwLocked, Strongroom, TwoRmws, borrow_locally};
use crate::threads::{alone, apart, at_once, beside, processors, together};
use crate::workload::{borrow, copy_out, create_drop, replace, secret};

/// An access for two atomic operations, a copy and an access by a local handle for less, creation without
/// system calls, and pages that many secrets share.
pub const GOALS: &[Goal] = &[
    Goal {
        what: "with_bytes",
        reference: "two RMWs",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            Ok(interleaved(alone::<Strongroom>(borrow), alone::<TwoRmws>(borrow)).map(undisturbed))
        },
    },
    Goal {
        what: "copy_into, 32 bytes",
        reference: "with_bytes",
        unit: "ns",
        at_most: 0.25,
        or_cost: Some(3.0),
        measure: || {
            Ok(interleaved(alone::<Strongroom>(copy_out), alone::<Strongroom>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "create + drop, 32 bytes",
        reference: "memsec",
        unit: "ns",
        at_most: 0.01,
        or_cost: None,
        measure: || {
            Ok(interleaved(alone::<Strongroom>(create_drop), alone::<Memsec>(create_drop))
                .map(undisturbed))
        },
    },
    Goal {
        what: "create + drop, 32 bytes, beside its floor",
        reference: "two RMWs",
        unit: "ns",
        at_most: 7.0,
        or_cost: Some(60.0),
        measure: || {
            Ok(interleaved(alone::<Strongroom>(create_drop), alone::<TwoRmws>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "create + drop, 32 bytes, on each of two threads",
        reference: "on one",
        unit: "ns",
        at_most: 1.2,
        or_cost: None,
        measure: || {
            Ok(interleaved(apart::<Strongroom>(create_drop), alone::<Strongroom>(create_drop))
                .map(typical))
        },
    },
    Goal {
        what: "replace, 32 bytes",
        reference: "create + drop",
        unit: "ns",
        at_most: 1.0,
        or_cost: None,
        measure: || {
            Ok(interleaved(alone::<Strongroom>(replace), alone::<Strongroom>(create_drop))
                .map(undisturbed))
        },
    },
    Goal {
        what: "memory of a secret beyond its slot, of 100,000",
        reference: "budget",
        unit: "bytes",
        at_most: 1.0,
        or_cost: None,
        measure: || Ok([ordinary_memory_of_each::<Strongroom>(100_000)?, 160.0]),
    },
    Goal {
        what: "with_bytes, two threads on one secret",
        reference: "RwLock read",
        unit: "ns",
        at_most: 1.0,
        or_cost: None,
        measure: || {
            Ok(interleaved(together::<Strongroom>(borrow), together::<RwLocked>(borrow))
                .map(typical))
        },
    },
    Goal {
        what: "with_bytes, two threads on one secret, beside its floor",
        reference: "two RMWs",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            Ok(interleaved(together::<Strongroom>(borrow), together::<TwoRmws>(borrow))
                .map(typical))
        },
    },
    Goal {
        what: "local handle: with_bytes",
        reference: "two RMWs",
        unit: "ns",
        at_most: 0.25,
        or_cost: Some(3.0),
        measure: || {
            Ok(interleaved(alone::<Strongroom>(borrow_locally), alone::<TwoRmws>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "local handles: with_bytes, two threads on one secret",
        reference: "one thread",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            Ok(interleaved(
                together::<Strongroom>(borrow_locally),
                alone::<Strongroom>(borrow_locally),
            )
            .map(typical))
        },
    },
    Goal {
        what: "local handle: with_bytes, beside a thread with an ordinary handle",
        reference: "one thread",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            Ok(interleaved(
                beside::<Strongroom>(borrow_locally, borrow),
                alone::<Strongroom>(borrow_locally),
            )
            .map(typical))
        },
    },
    Goal {
        what: "local handles: with_bytes, eight threads on one secret",
        reference: "on eight secrets",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            let (one, eight) = (vec![secret(); 8], (0..8).map(|_| secret()).collect());
            Ok(interleaved(eight_threads(one), eight_threads(eight)).map(typical))
        },
    },
    Goal {
        what: "locked memory of 100,000 secrets",
        reference: "budget",
        unit: "MiB",
        at_most: 1.0,
        or_cost: None,
        measure: || Ok([locked_by_secrets(100_000)? as f64 / MIB, 8.0]),
    },
];

/// How long eight threads, each with a local handle of one of `secrets`, keep a processor for `n` accesses.
fn eight_threads(mut secrets: Vec<Strongroom>) -> impl FnMut(u64) -> Duration {
    move |n| {
        let took = at_once(&mut secrets, |secret| borrow_locally(secret, n));
        took.mul_f64(processors().min(8) as f64 / 8.0)
    }
}

const MIB: f64 = (1 << 20) as f64;

/// The locked memory of this process while it holds `count` secrets.
fn locked_by_secrets(count: usize) -> Result<u64> {
    let secrets: Vec<Strongroom> = (0..count).map(|_| secret()).collect();
    let locked = locked_bytes()?;
    drop(secrets);
    let content = (count * LEN) as u64;
    ensure!(locked >= content, "{content} bytes in secrets, but {locked} locked: they are not");
    Ok(locked)
}
