//! What is promised of `Encrypted` secrets.

use crate::batches::{interleaved, typical, undisturbed};
use crate::crowd::Crowd;
use crate::goal::Goal;
use crate::memory::ordinary_memory_of_each;
use crate::peers::{BareDecryption, Encrypted, HardwareEnclave, Strongroom};
use crate::threads::{alone, apart};
use crate::workload::{borrow, create_drop};

/// More secrets than any peer keeps opened in a cache.
const MANY: usize = 5000;

/// An access for little more than its decryption, on any number of threads and secrets.
pub const GOALS: &[Goal] = &[
    Goal {
        what: "Encrypted: with_bytes, 32 bytes",
        reference: "decryption with a ready key",
        unit: "ns",
        at_most: 2.0,
        or_cost: None,
        measure: || {
            Ok(interleaved(alone::<Strongroom<Encrypted>>(borrow), alone::<BareDecryption>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "Encrypted: memory of each of 100,000 secrets of 32 bytes",
        reference: "budget",
        unit: "bytes",
        at_most: 1.0,
        or_cost: None,
        measure: || Ok([ordinary_memory_of_each::<Strongroom<Encrypted>>(100_000)?, 400.0]),
    },
    Goal {
        what: "Encrypted: memory of each of 1,000,000 secrets of 32 bytes",
        reference: "budget",
        unit: "bytes",
        at_most: 1.0,
        or_cost: None,
        measure: || Ok([ordinary_memory_of_each::<Strongroom<Encrypted>>(1_000_000)?, 400.0]),
    },
    Goal {
        what: "Encrypted: with_bytes over 5000 secrets",
        reference: "hardware-enclave",
        unit: "ns",
        at_most: 0.25,
        or_cost: None,
        measure: || {
            let encrypted = alone::<Crowd<Strongroom<Encrypted>, MANY>>(borrow);
            Ok(interleaved(encrypted, alone::<Crowd<HardwareEnclave, MANY>>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "Encrypted: with_bytes, two threads on two secrets",
        reference: "two threads decrypting",
        unit: "ns",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            Ok(interleaved(apart::<Strongroom<Encrypted>>(borrow), apart::<BareDecryption>(borrow))
                .map(typical))
        },
    },
    Goal {
        what: "Encrypted: with_bytes, two threads beside one",
        reference: "decrypting, two threads beside one",
        unit: "times as long",
        at_most: 1.15,
        or_cost: None,
        measure: || {
            let one = interleaved(
                alone::<Strongroom<Encrypted>>(borrow),
                alone::<BareDecryption>(borrow),
            );
            let two = interleaved(
                apart::<Strongroom<Encrypted>>(borrow),
                apart::<BareDecryption>(borrow),
            );
            let ([one, bare_one], [two, bare_two]) = (one.map(typical), two.map(typical));
            Ok([two / one, bare_two / bare_one])
        },
    },
    Goal {
        what: "Encrypted: create + drop, 32 bytes",
        reference: "hardware-enclave",
        unit: "ns",
        at_most: 0.5,
        or_cost: None,
        measure: || {
            let encrypted = alone::<Strongroom<Encrypted>>(create_drop);
            Ok(interleaved(encrypted, alone::<HardwareEnclave>(create_drop)).map(undisturbed))
        },
    },
];
