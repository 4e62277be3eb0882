//! What takes longer than a test run may: a command each, which `.github/workflows/weekly.yml` runs, too.

use std::{fs, ops::Range};

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use xtask::process::{self, cargo, command, target_dir};
use xtask::setup;

use crate::mutants::{self, Part};
use crate::sanitize::{self, Sanitizer};

/// One of them.
#[derive(Subcommand)]
pub enum Longer {
    /// Weaken the core one place at a time, and see that each makes a loom model fail
    Weaken {
        /// Only the places with these numbers
        places: Vec<usize>,
    },
    /// Change the core and the allocator of linear memory in one place at a time, and see that a test fails
    Mutants {
        /// Only this part
        part: Option<Part>,
        /// Only the k-th of n equal shares, `k/n`, k from 0
        #[arg(long)]
        shard: Option<String>,
    },
    /// Run tests that ThreadSanitizer and AddressSanitizer watch
    Sanitize {
        /// Only this one
        sanitizer: Option<Sanitizer>,
    },
    /// Let fuzzers look for what secrets, their memory, their sources and the packages for guests don't stand
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
        /// The first of them
        #[arg(long, default_value_t = 0)]
        first: u32,
    },
    /// Measure whether time depends on secrets, by statistics (dudect)
    Timing,
}

/// What is fuzzed: a program of `tests/fuzzing/`.
#[derive(Clone, Copy, ValueEnum)]
pub enum Target {
    /// Operations on a secret of any level, against a model
    Operations,
    /// Calls of the component, against native secrets
    Component,
    /// Calls of the npm package in Node, against a model
    Javascript,
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
        Longer::Mutants { part, shard } => mutants::run(*part, shard.as_deref()),
        Longer::Sanitize { sanitizer } => sanitize::run(*sanitizer),
        Longer::Fuzz { minutes, target } => fuzz(*minutes, *target),
        Longer::Miri { seeds, first } => miri(*first..first + seeds),
        Longer::Timing => timing(),
    }
}

fn weaken(places: &[usize]) -> Result<()> {
    let mut weaken = cargo("run --package=strongroom-proofs --bin=weaken --".split(' '));
    process::run(weaken.args(places.iter().map(usize::to_string)))
}

fn fuzz(minutes: u32, target: Option<Target>) -> Result<()> {
    let targets = target.map_or_else(|| Target::value_variants().to_vec(), |one| vec![one]);
    let seconds = u64::from(minutes) * 60 / targets.len() as u64;
    for target in targets {
        match target {
            Target::Javascript => {
                setup::node()?;
                setup::packages()?;
                process::run(&mut command("node", ["wasm/npm/fuzz.mjs", &seconds.to_string()]))?;
            }
            Target::Component => {
                setup::packages()?;
                libfuzzer(target, "libfuzzer,component", seconds)?;
            }
            _ => libfuzzer(target, "libfuzzer", seconds)?,
        }
    }
    Ok(())
}

fn libfuzzer(target: Target, features: &str, seconds: u64) -> Result<()> {
    setup::nightly()?;
    let cargo_fuzz = setup::cargo_fuzz()?;
    let target = target.to_possible_value().expect("none is hidden").get_name().to_owned();
    // What was found to lead somewhere is kept for the next time.
    let corpus = target_dir().join("fuzz/corpus").join(&target);
    fs::create_dir_all(&corpus)?;
    let mut fuzz = command("rustup", ["run", "nightly"]);
    fuzz.arg(&cargo_fuzz).args(["run", "--fuzz-dir=tests/fuzzing", "--no-default-features"]);
    fuzz.arg(format!("--features={features}"));
    fuzz.arg("--target-dir").arg(target_dir().join("fuzz")).arg(target).arg(corpus);
    process::run(fuzz.args(["--", &format!("-max_total_time={seconds}")]))
}

/// The core's scenarios of threads and, as far as it makes no system call, everything that isn't safe Rust by itself:
/// what the core puts together, its cells and lists, the allocator and the tables of linear memory.
fn miri(seeds: Range<u32>) -> Result<()> {
    setup::nightly()?;
    let mut miri = command("rustup", "run nightly cargo miri test".split(' '));
    miri.args("-p=strongroom-proofs --test=stress --test=storage".split(' '));
    miri.args("-p=strongroom-core -p=strongroom-wasm --lib".split(' '));
    let Range { start, end } = seeds;
    process::run(miri.env("MIRIFLAGS", format!("-Zmiri-many-seeds={start}..{end}")))
}

fn timing() -> Result<()> {
    let timing = "run --release --package=strongroom-operations-tests --example=timing";
    process::run(&mut cargo(timing.split(' ')))
}
