//! The two versions of the report beside strongroom and beside floors, in one run.

use anyhow::{Context, Result, ensure};
use strongroom_measure::batches::{in_turn, typical, undisturbed};
use strongroom_measure::{caught, child, figure};

use crate::count::counts;
use crate::ways::{Run, Version, versions};

/// The argument by which this program measures one version on two threads, and may die of it.
pub const TWO_THREADS: &str = "--two-threads";

/// The same, while a third access lasts.
pub const TWO_OVERLAPPING: &str = "--two-overlapping";

/// Seconds after which that is given up: on a machine with so much else to do that two threads which wait
/// for each other hardly ever run side by side.
const PATIENCE: u32 = 45;

/// What the figures' table is called.
const TABLE: &str = "versions";
/// How often every version has its turn on one thread.
const ROUNDS: usize = 2000;
/// How many batches are measured on two threads, which take longer to be started.
const ROUNDS_ON_TWO: usize = 100;

/// Measures and prints a row for each version.
pub fn print() {
    eprintln!("measuring each version, one access after another");
    print_in_turn("one after another", |version| version.way.alone);
    eprintln!("measuring each version, overlapping another access");
    print_in_turn("overlapping another", |version| version.overlapping);
    for version in versions() {
        let name = version.way.name;
        eprintln!("measuring {name} on two threads");
        for (column, how) in
            [("two threads, overlapping a third", TWO_OVERLAPPING), ("two threads", TWO_THREADS)]
        {
            figure::print(TABLE, name, column, &figure::told(in_a_child(how, name)));
        }
        let [instructions, calls] = counts(name);
        figure::print(TABLE, name, "instructions", &instructions);
        figure::print(TABLE, name, "system calls", &calls);
    }
}

fn print_in_turn(column: &str, run: fn(&Version) -> fn() -> Run) {
    let versions = versions();
    let times = caught(|| {
        let mut runs: Vec<_> = versions.iter().map(|version| run(version)()).collect();
        let mut runs: Vec<_> = runs.iter_mut().map(|run| &mut **run as &mut _).collect();
        Ok(in_turn(ROUNDS, &mut runs).into_iter().map(undisturbed).collect::<Vec<f64>>())
    });
    let times = figure::told(times);
    for (place, version) in versions.iter().enumerate() {
        let time = times.clone().map(|times| times[place]);
        figure::print(TABLE, version.way.name, column, &time);
    }
}

/// What an access takes on two threads that share the secret, in nanoseconds for each of them. For a
/// process that does nothing else: it is ended by a signal when that takes too long.
///
/// # Errors
///
/// If there is no version of this name, or no batch was measured.
pub fn on_two(how: &str, name: &str) -> Result<f64> {
    let version = versions().into_iter().find(|version| version.way.name == name);
    let version = version.with_context(|| format!("there is no version {name}"))?;
    child::give_up_after(PATIENCE);
    let mut run = (if how == TWO_THREADS { version.two } else { version.two_overlapping })();
    let batches = in_turn(ROUNDS_ON_TWO, &mut [&mut *run]).remove(0);
    ensure!(!batches.is_empty(), "no batch was measured");
    Ok(typical(batches))
}

/// The same in a process of its own: the racy version dies of it.
fn in_a_child(how: &str, name: &str) -> Result<f64> {
    let time = child::run_again(&[how, name])?;
    time.trim().parse().with_context(|| format!("{time} is no time"))
}
