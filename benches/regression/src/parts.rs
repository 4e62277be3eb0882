//! Where the time of the correct version goes, found by leaving out one part at a time.

use std::array;
use std::sync::Arc;

use strongroom_measure::batches::{in_turn, undisturbed};
use strongroom_measure::caught;
use strongroom_measure::figure::{self, Figure};

use crate::correct::{
    ALL, ATOMICS, Access, CANARY, Correct, Inline, NoLock, PROTECT, ParkingLot, Shared, StdLock,
    WAKE,
};
use crate::count::counts;
use crate::ways::Way;

/// What the figures' table is called.
const TABLE: &str = "parts";
/// How often every way has its turn.
const ROUNDS: usize = 2000;

type InArc<L, const PARTS: u8> = Access<Arc<Shared<L>>, L, PARTS>;

/// An access that differs in what a row is about.
struct Part {
    what: &'static str,
    /// From which.
    from: Base,
    /// The access that differs.
    other: Way,
    /// Whether it has something that the other hasn't.
    adds: bool,
}

/// What a part is left out of. Small ones would drown in what system calls take now and then.
#[derive(Clone, Copy)]
enum Base {
    /// The whole access.
    Whole = 0,
    /// The access without system calls.
    Light = 1,
}

/// No system call.
const LIGHT: u8 = ALL & !(PROTECT | WAKE);

/// The whole access, the one without system calls, and what remains without any part: the closed flag, the
/// callback, which reads a byte, and the loop.
fn bases() -> [Way; 3] {
    [
        Way::of::<Correct>("whole"),
        Way::of::<InArc<StdLock, LIGHT>>("without system calls"),
        Way::of::<Access<Inline<NoLock>, NoLock, 0>>("bare"),
    ]
}

fn parts() -> [Part; 7] {
    let without = |what, from, other| Part { what, from, other, adds: false };
    let with = |what, other| Part { what, from: Base::Light, other, adds: true };
    [
        without(
            "mprotect, twice",
            Base::Whole,
            Way::of::<InArc<StdLock, { ALL & !PROTECT }>>("without mprotect"),
        ),
        without(
            "wake-up: notify_all, for nobody",
            Base::Whole,
            Way::of::<InArc<StdLock, { ALL & !WAKE }>>("without wake-up"),
        ),
        without(
            "lock: RwLock, twice",
            Base::Light,
            Way::of::<InArc<NoLock, LIGHT>>("without lock"),
        ),
        without(
            "atomics: the count, twice",
            Base::Light,
            Way::of::<InArc<StdLock, { LIGHT & !ATOMICS }>>("without atomics"),
        ),
        without(
            "Arc",
            Base::Light,
            Way::of::<Access<Inline<StdLock>, StdLock, LIGHT>>("without Arc"),
        ),
        with(
            "canary, if each access looked",
            Way::of::<InArc<StdLock, { LIGHT | CANARY }>>("with canary"),
        ),
        with(
            "parking_lot's RwLock instead",
            Way::of::<InArc<ParkingLot, LIGHT>>("with parking_lot"),
        ),
    ]
}

/// All ways that are compared.
#[must_use]
pub fn ways() -> Vec<Way> {
    bases().into_iter().chain(parts().map(|part| part.other)).collect()
}

/// Measures and prints a row for each part, one for what is left, and one for what can't be told apart.
pub fn print() {
    eprintln!("measuring the correct version with parts left out");
    let ways = ways();
    let times = caught(|| {
        let mut runs: Vec<_> = ways.iter().map(|way| (way.alone)()).collect();
        let mut runs: Vec<_> = runs.iter_mut().map(|run| &mut **run as &mut _).collect();
        Ok(in_turn(ROUNDS, &mut runs).into_iter().map(undisturbed).collect::<Vec<f64>>())
    });
    let times = figure::told(times);
    let measured: Vec<Figures> = ways
        .iter()
        .enumerate()
        .map(|(place, way)| {
            let [instructions, calls] = counts(way.name);
            [times.clone().map(|times| times[place]), instructions, calls]
        })
        .collect();

    let [whole, light, bare, others @ ..] = &measured[..] else { unreachable!("seven and three") };
    row("the whole access", whole, whole);
    let mut untold = each(whole, bare, |whole, bare| whole - bare);
    for (part, other) in parts().iter().zip(others) {
        let from = [whole, light][part.from as usize];
        let figures = if part.adds {
            each(other, from, |with, without| with - without)
        } else {
            let figures = each(from, other, |with, without| with - without);
            untold = each(&untold, &figures, |untold, told| untold - told);
            figures
        };
        row(part.what, &figures, whole);
    }
    row("closed flag, callback", bare, whole);
    row("not told apart: parts that overlap", &untold, whole);
    row("for comparison: no system call", light, whole);
}

/// Time, instructions, system calls.
type Figures = [Figure; 3];

fn each(one: &Figures, other: &Figures, of: fn(f64, f64) -> f64) -> Figures {
    array::from_fn(|which| Ok(of(one[which].clone()?, other[which].clone()?)))
}

fn row(what: &str, figures: &Figures, whole: &Figures) {
    let [share, ..] = each(figures, whole, |part, whole| 100.0 * part / whole);
    let [time, instructions, calls] = figures;
    let columns = [
        ("ns", time),
        ("% of ns", &share),
        ("instructions", instructions),
        ("system calls", calls),
    ];
    for (column, figure) in columns {
        figure::print(TABLE, what, column, figure);
    }
}
