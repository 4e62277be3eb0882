//! Comparing two things on a machine where others run too.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How long one batch takes at least: long beside reading the clock, short beside the
/// time slice after which the kernel runs something else.
const BATCH: Duration = Duration::from_micros(200);

/// How many batches of each are run.
const ROUNDS: usize = 4000;

/// How many times things are made anew where it matters for their speed where they come to lie.
const PLACES: usize = 9;

/// For how long one thing is measured that doesn't take turns with another.
const MEANWHILE: Duration = Duration::from_millis(300);

/// How many batches of it there are at least.
const FEWEST: usize = 10;

/// When it is enough on a machine so busy that two threads hardly ever run side by side.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nanoseconds for one time of each, batch by batch. The two take turns, so that whatever
/// slows the machine down meets both.
pub fn interleaved(
    first: impl FnMut(u64) -> Duration,
    second: impl FnMut(u64) -> Duration,
) -> [Vec<f64>; 2] {
    rounds(ROUNDS, first, second)
}

/// The same, for one of [`PLACES`] measurements.
pub fn interleaved_once(
    first: impl FnMut(u64) -> Duration,
    second: impl FnMut(u64) -> Duration,
) -> [Vec<f64>; 2] {
    rounds(ROUNDS / PLACES, first, second)
}

/// The median of each of the figures that `measure` gives for what `make` makes, which is made anew
/// each time, and in another place: all of it stays until the end.
///
/// # Errors
///
/// Those of `make`.
pub fn in_places<T, const N: usize>(
    make: impl Fn() -> Result<T>,
    mut measure: impl FnMut(&mut T) -> [f64; N],
) -> Result<[f64; N]> {
    let mut made = Vec::new();
    let mut figures = [const { Vec::new() }; N];
    for _ in 0..PLACES {
        let measured = measure(made.push_mut(make()?));
        for (figures, figure) in figures.iter_mut().zip(measured) {
            figures.push(figure);
        }
    }
    Ok(figures.map(median))
}

fn median(figures: Vec<f64>) -> f64 {
    above_tenths(5, figures)
}

/// The figure that so many tenths of them are below.
fn above_tenths(tenths: usize, mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() * tenths / 10]
}

/// The same for any number of runs, and so many rounds of all. None is ever measured at another time than
/// the others, so that their differences mean something.
///
/// # Panics
///
/// If one of them does.
pub fn in_turn(rounds: usize, runs: &mut [&mut dyn FnMut(u64) -> Duration]) -> Vec<Vec<f64>> {
    let sizes: Vec<u64> = runs.iter_mut().map(size).collect();
    let mut batches = vec![Vec::new(); runs.len()];
    let start = Instant::now();
    for _ in 0..rounds {
        for ((run, &n), batches) in runs.iter_mut().zip(&sizes).zip(&mut batches) {
            batches.push(per_time(run(n), n));
        }
        if start.elapsed() > PATIENCE {
            break;
        }
    }
    batches
}

/// The same for one run alone, of which there are as many batches as [`MEANWHILE`] has room for.
pub fn several(mut run: impl FnMut(u64) -> Duration) -> Vec<f64> {
    let n = size(&mut run);
    let mut batches = Vec::new();
    let start = Instant::now();
    while batches.len() < FEWEST || start.elapsed() < MEANWHILE {
        batches.push(per_time(run(n), n));
    }
    batches
}

fn rounds(
    rounds: usize,
    mut first: impl FnMut(u64) -> Duration,
    mut second: impl FnMut(u64) -> Duration,
) -> [Vec<f64>; 2] {
    let batches = in_turn(rounds, &mut [&mut first, &mut second]);
    batches.try_into().expect("two runs give two columns")
}

/// What batches take on one thread when nothing disturbs them: their lower decile, as a
/// disturbance can only add.
pub fn undisturbed(batches: Vec<f64>) -> f64 {
    above_tenths(1, batches)
}

/// What batches take on two threads: the mean of all but the lowest and the highest
/// tenth. The lowest tell nothing here, since some contend less by luck.
pub fn typical(mut batches: Vec<f64>) -> f64 {
    batches.sort_by(f64::total_cmp);
    let tenth = batches.len() / 10;
    let kept = &batches[tenth..batches.len() - tenth];
    kept.iter().sum::<f64>() / kept.len() as f64
}

/// How many times make a batch. Seen twice, as a disturbance can only add.
pub fn size(run: &mut impl FnMut(u64) -> Duration) -> u64 {
    let mut n = 1;
    while run(n) < BATCH || run(n) < BATCH {
        n *= 2;
    }
    n
}

fn per_time(took: Duration, n: u64) -> f64 {
    took.as_secs_f64() * 1e9 / n as f64
}
