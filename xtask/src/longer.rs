//! What takes longer than a test run may: a command each, which `.github/workflows/weekly.yml` runs, too.

use anyhow::Result;
use clap::Subcommand;
use xtask::process::{self, cargo};

/// One of them.
#[derive(Subcommand)]
pub enum Longer {
    /// Weaken the core one place at a time, and see that each makes a loom model fail
    Weaken {
        /// Only the places with these numbers
        places: Vec<usize>,
    },
    /// Measure whether time depends on secrets, by statistics (dudect)
    Timing,
}

/// Runs it.
pub fn run(what: &Longer) -> Result<()> {
    match what {
        Longer::Weaken { places } => weaken(places),
        Longer::Timing => timing(),
    }
}

fn weaken(places: &[usize]) -> Result<()> {
    let mut weaken = cargo("run --package=strongroom-proofs --bin=weaken --".split(' '));
    process::run(weaken.args(places.iter().map(usize::to_string)))
}

fn timing() -> Result<()> {
    let timing = "run --release --package=strongroom-operations-tests --example=timing";
    process::run(&mut cargo(timing.split(' ')))
}
