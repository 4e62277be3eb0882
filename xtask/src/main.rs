//! What one does with this repository; `cargo xtask help` lists it.

mod bench;
mod ci;
mod demo;
mod longer;
mod mutants;
mod packaging;
mod sanitize;
mod soak;
mod step;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{
    families::FAMILIES,
    process::{self, root},
    setup, sources,
};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the main job natively, in wasmtime, in Node and in Chromium, and print one table
    Demo(demo::Args),
    /// Run every test
    Test(test::Args),
    /// Format every Rust source, also those that cargo fmt doesn't find
    Format {
        /// Only say what would change
        #[arg(long)]
        check: bool,
    },
    /// Check format, lints, layers, maps, documentation, packages, the oldest Rust and listings of exports
    Check,
    /// Run what continuous integration runs: the checks and every test
    Ci(test::Args),
    /// Build target/pack/: the npm package and the WebAssembly component
    Pack {
        /// Build in these families of operations alone
        #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = FAMILIES)]
        families: Option<Vec<String>>,
    },
    /// Write to docs/api/ what each published crate exports
    Api {
        /// Only say which listings are no longer right
        #[arg(long)]
        check: bool,
    },
    /// Check licences, sources and known vulnerabilities of what is depended on
    Deny,
    /// Load the npm package in every runtime, bundler and test tool, and write the table of what works
    Packaging(packaging::Args),
    /// Measure strongroom beside its peers, and whether the promised ratios are kept
    Bench(bench::Args),
    /// Let threads and forks loose on secrets of all levels, for as long as you like
    Soak(soak::Args),
    #[command(flatten)]
    Longer(longer::Longer),
}

fn run(task: &Task) -> Result<ExitCode> {
    match task {
        Task::Demo(args) => demo::run(args),
        Task::Test(args) => test::run(args),
        Task::Format { check } => sources::format(root(), *check).map(|()| ExitCode::SUCCESS),
        Task::Check => Ok(ci::check()),
        Task::Api { check } => {
            let check = check.then_some("--check");
            process::run(ci::api().args(check)).map(|()| ExitCode::SUCCESS)
        }
        Task::Deny => ci::deny().map(|()| ExitCode::SUCCESS),
        Task::Ci(args) => ci::run(args),
        Task::Pack { families } => {
            let names = families.as_ref().map(|names| names.join(","));
            let chosen = names.iter().flat_map(|names| ["--families", names]);
            setup::pack(chosen).map(|()| ExitCode::SUCCESS)
        }
        Task::Packaging(args) => packaging::run(args).map(|()| ExitCode::SUCCESS),
        Task::Bench(args) => bench::run(args).map(|()| ExitCode::SUCCESS),
        Task::Soak(args) => soak::run(args).map(|()| ExitCode::SUCCESS),
        Task::Longer(longer) => longer::run(longer).map(|()| ExitCode::SUCCESS),
    }
}

fn main() -> ExitCode {
    // Not `Result`, whose errors would come with a backtrace where RUST_BACKTRACE is set.
    run(&Cli::parse().task).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
