//! What takes longer than a test run may: a command each, which `.github/workflows/weekly.yml` runs, too.

use std::fs;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use xtask::process::{self, cargo, command, target_dir};
use xtask::setup;

/// One of them.
#[derive(Subcommand)]
pub enum Longer {
    /// Weaken the core one place at a time, and see that each makes a loom model fail
    Weaken {
        /// Only the places with these numbers
        places: Vec<usize>,
    },
    /// Let libFuzzer look for what secrets, their memory and their sources don't stand
    Fuzz {
        /// For how many minutes, in all
        #[arg(long, default_value_t = 10)]
        minutes: u32,
        /// Only this target
        target: Option<Target>,
    },
    /// Run the scenarios of threads under Miri, in another order for each seed
    Miri {
        /// How many seeds
        #[arg(long, default_value_t = 64)]
        seeds: u32,
    },
    /// Measure whether time depends on secrets, by statistics (dudect)
    Timing,
}

/// What is fuzzed: a program of `tests/fuzzing/`.
#[derive(Clone, Copy, ValueEnum)]
pub enum Target {
    /// Operations on a secret of any level, against a model
    Operations,
    /// Many secrets of all sizes, against their bytes
    LockedHeap,
    /// The allocator of linear memory
    LinearHeap,
    /// What is read, and what is given away
    Sources,
}

/// Runs it.
pub fn run(what: &Longer) -> Result<()> {
    match what {
        Longer::Weaken { places } => weaken(places),
        Longer::Fuzz { minutes, target } => fuzz(*minutes, *target),
        Longer::Miri { seeds } => miri(*seeds),
        Longer::Timing => timing(),
    }
}

fn weaken(places: &[usize]) -> Result<()> {
    let mut weaken = cargo("run --package=strongroom-proofs --bin=weaken --".split(' '));
    process::run(weaken.args(places.iter().map(usize::to_string)))
}

fn fuzz(minutes: u32, target: Option<Target>) -> Result<()> {
    setup::nightly()?;
    let cargo_fuzz = setup::cargo_fuzz()?;
    let targets = target.map_or_else(|| Target::value_variants().to_vec(), |one| vec![one]);
    let seconds = u64::from(minutes) * 60 / targets.len() as u64;
    for target in targets {
        let target = target.to_possible_value().expect("none is hidden").get_name().to_owned();
        // What was found to lead somewhere is kept for the next time.
        let corpus = target_dir().join("fuzz/corpus").join(&target);
        fs::create_dir_all(&corpus)?;
        let mut fuzz = command("rustup", ["run", "nightly"]);
        fuzz.arg(&cargo_fuzz).args(["run", "--fuzz-dir=tests/fuzzing", "--features=libfuzzer"]);
        fuzz.arg("--target-dir").arg(target_dir().join("fuzz")).arg(target).arg(corpus);
        process::run(fuzz.args(["--", &format!("-max_total_time={seconds}")]))?;
    }
    Ok(())
}

fn miri(seeds: u32) -> Result<()> {
    setup::nightly()?;
    let mut miri = command("rustup", "run nightly cargo miri test".split(' '));
    miri.args(["-p=strongroom-proofs", "--test=stress"]);
    process::run(miri.env("MIRIFLAGS", format!("-Zmiri-many-seeds=0..{seeds}")))
}

fn timing() -> Result<()> {
    let timing = "run --release --package=strongroom-operations-tests --example=timing";
    process::run(&mut cargo(timing.split(' ')))
}
