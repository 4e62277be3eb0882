//! `cargo xtask ci`: what continuous integration runs, checks first and then every test.

use std::process::{Command, ExitCode};

use anyhow::Result;
use xtask::{process::cargo, setup};

use crate::{
    step::Step,
    test::{Args, run_chosen},
};

/// Runs the checks and the tests.
pub fn run(args: &Args) -> Result<ExitCode> {
    run_chosen(checks(), args)
}

fn checks() -> Vec<Step> {
    vec![
        Step { name: "format", needs: &[], command: || cargo(["fmt", "--all", "--check"]) },
        Step {
            name: "lints",
            needs: &[setup::bench_libraries],
            command: || cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        },
        Step {
            name: "lints-wasm",
            needs: &[setup::wasm_target],
            command: || {
                cargo([
                    "clippy",
                    "--target=wasm32-unknown-unknown",
                    "-p=strongroom-wasm",
                    "--",
                    "-D",
                    "warnings",
                ])
            },
        },
        Step { name: "documentation", needs: &[], command: documentation },
    ]
}

fn documentation() -> Command {
    let mut doc = cargo(["doc", "--no-deps", "-p=strongroom-core", "-p=strongroom"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}
