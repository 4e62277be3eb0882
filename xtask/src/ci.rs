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
        Step { name: "lints", needs: &[setup::bench_libraries], command: lints },
        Step { name: "lints-js", needs: &[setup::wasm_target], command: || wasm_lints("js") },
        Step {
            name: "lints-component",
            needs: &[setup::wasm_target],
            command: || wasm_lints("component"),
        },
        Step {
            name: "lints-application",
            needs: &[setup::wasm_target],
            command: || {
                let target = "clippy --target=wasm32-unknown-unknown -p=strongroom-application";
                let mut clippy = cargo(target.split(' '));
                clippy.args(DENY_WARNINGS);
                clippy
            },
        },
        Step { name: "documentation", needs: &[], command: documentation },
    ]
}

/// Everything but the two faces of `strongroom-wasm`, which exclude each other.
fn lints() -> Command {
    let everything = "--workspace --exclude=strongroom-wasm --all-targets --all-features";
    let mut clippy = cargo(["clippy"]);
    clippy.args(everything.split(' ')).args(DENY_WARNINGS);
    clippy
}

fn wasm_lints(face: &str) -> Command {
    let mut clippy = cargo("clippy --target=wasm32-unknown-unknown -p=strongroom-wasm".split(' '));
    clippy.args(["--features", face, "--features", "full"]).args(DENY_WARNINGS);
    clippy
}

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

fn documentation() -> Command {
    let mut doc = cargo("doc --no-deps --all-features -p=strongroom-core -p=strongroom".split(' '));
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}
