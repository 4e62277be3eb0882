//! `cargo xtask mutants`: whether a test notices when the code does something else.
//!
//! `weaken` asks the same of orderings, which only loom can notice; here each function returns something else, each
//! operator is another, each arm of a match is gone.

use std::fs;

use anyhow::Result;
use clap::ValueEnum;
use xtask::process::{self, command, target_dir};
use xtask::setup;

/// What is changed, by the tests that notice.
#[derive(Clone, Copy, ValueEnum)]
pub enum Part {
    /// The core
    Core,
    /// The allocator of linear memory
    Allocator,
}

impl Part {
    fn files(self) -> &'static [&'static str] {
        match self {
            Part::Core => &["core/src/**/*.rs"],
            Part::Allocator => {
                &["wasm/src/allocator.rs", "wasm/src/free_list.rs", "wasm/src/reserve.rs"]
            }
        }
    }

    /// What cargo is asked to test: what takes seconds, for it does so for every change.
    fn tests(self) -> &'static str {
        match self {
            Part::Core => {
                "--package=strongroom-proofs --package=strongroom-operations-tests --lib --test=storage --test=model \
                 --test=conformance --test=contract --test=vectors"
            }
            Part::Allocator => {
                "--package=strongroom-fuzzing --no-default-features --lib --test=short"
            }
        }
    }

    /// Tests among these that would take longer than all others, and show the same.
    fn skipped(self) -> &'static [&'static str] {
        match self {
            Part::Core => &["natively", "native_"],
            Part::Allocator => &["operations", "locked_heap", "what_is_read"],
        }
    }
}

/// Changes `only` this part, or both; and of that only a `shard`.
pub fn run(only: Option<Part>, shard: Option<&str>) -> Result<()> {
    let cargo_mutants = setup::cargo_mutants()?;
    for part in only.map_or_else(|| Part::value_variants().to_vec(), |only| vec![only]) {
        let name = part.to_possible_value().expect("none is hidden");
        let output = target_dir().join("mutants").join(name.get_name());
        fs::create_dir_all(&output)?;
        // A change may make an endless loop.
        let mut mutants = command(&cargo_mutants, ["mutants", "--timeout=60"]);
        mutants.arg("--output").arg(output);
        mutants.args(part.files().iter().map(|file| format!("--file={file}")));
        mutants.args(shard.map(|shard| format!("--shard={shard}")));
        mutants.args(part.tests().split_whitespace().map(|test| format!("--cargo-arg={test}")));
        mutants.args(["--", "--"]).args(part.skipped().iter().flat_map(|name| ["--skip", name]));
        process::run(&mut mutants)?;
    }
    Ok(())
}
