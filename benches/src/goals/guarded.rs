//! What is promised of `Guarded` secrets.

use crate::batches::{interleaved, typical, undisturbed};
use crate::goal::Goal;
use crate::peers::{BareMapping, BarePage, Guarded, Strongroom, Windowed};
use crate::threads::{alone, apart};
use crate::workload::{borrow, create_drop};

/// The cost of two `mprotect` calls, within the window that of a `Locked` secret, and a creation
/// for less than mapping a page.
pub const GOALS: &[Goal] = &[
    Goal {
        what: "Guarded: with_bytes",
        reference: "mprotect pair",
        unit: "ns",
        at_most: 1.05,
        or_cost: None,
        measure: || {
            Ok(interleaved(alone::<Strongroom<Guarded>>(borrow), alone::<BarePage>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "Guarded: with_bytes, two threads on two secrets",
        reference: "mprotect pairs on two pages",
        unit: "ns",
        at_most: 1.1,
        or_cost: None,
        measure: || {
            Ok(interleaved(apart::<Strongroom<Guarded>>(borrow), apart::<BarePage>(borrow))
                .map(typical))
        },
    },
    Goal {
        what: "Guarded: with_bytes within the window",
        reference: "Locked",
        unit: "ns",
        at_most: 1.25,
        or_cost: None,
        measure: || {
            Ok(interleaved(alone::<Strongroom<Windowed>>(borrow), alone::<Strongroom>(borrow))
                .map(undisturbed))
        },
    },
    Goal {
        what: "Guarded: create + drop, 32 bytes",
        reference: "mmap, mlock, munmap",
        unit: "ns",
        at_most: 1.1,
        or_cost: None,
        measure: || {
            let guarded = alone::<Strongroom<Guarded>>(create_drop);
            Ok(interleaved(guarded, alone::<BareMapping>(create_drop)).map(undisturbed))
        },
    },
];
