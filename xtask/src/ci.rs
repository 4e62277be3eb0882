//! `cargo xtask check` and `cargo xtask ci`: what continuous integration runs, checks first and then
//! every test.

use std::{
    env,
    process::{Command, ExitCode},
};

use anyhow::Result;
use xtask::{
    process::{self, cargo, command},
    setup,
    workspace::published,
};

use crate::{
    step::{Step, run_all},
    test::{Args, run_chosen},
};

/// Runs the checks.
pub fn check() -> ExitCode {
    run_all(&checks())
}

/// Runs the checks and the tests.
pub fn run(args: &Args) -> Result<ExitCode> {
    run_chosen(checks(), args)
}

fn checks() -> Vec<Step> {
    vec![
        Step { name: "format", needs: &[], command: format },
        Step { name: "lints", needs: &[setup::bench_libraries], command: lints },
        wasm_lints("lints-js", || clippy_on_wasm("-p=strongroom-wasm --features=js,full")),
        wasm_lints("lints-component", || {
            clippy_on_wasm("-p=strongroom-wasm --features=component,full")
        }),
        wasm_lints("lints-application", || clippy_on_wasm("-p=strongroom-application")),
        Step {
            name: "layers",
            needs: &[setup::crates],
            command: || cargo("test --package=xtask --test=layers".split(' ')),
        },
        Step {
            name: "maps",
            needs: &[setup::crates],
            command: || cargo("test --package=xtask --test=maps --test=forgotten".split(' ')),
        },
        Step { name: "documentation", needs: &[], command: documentation },
        Step { name: "packages", needs: &[setup::crates], command: packages },
        Step { name: "oldest-rust", needs: &[setup::the_oldest_rust], command: oldest_rust },
        Step {
            name: "api",
            needs: &[setup::crates, setup::the_oldest_rust],
            command: || {
                let mut api = api();
                api.arg("--check");
                api
            },
        },
    ]
}

/// This program's own task: `cargo fmt` doesn't find every file.
fn format() -> Command {
    let this = env::current_exe().expect("the system knows this program's place");
    command(this, ["format", "--check"])
}

/// Everything but the two faces of `strongroom-wasm`, which exclude each other.
fn lints() -> Command {
    let everything = "--workspace --exclude=strongroom-wasm --all-targets --all-features";
    let mut clippy = cargo(["clippy"]);
    clippy.args(everything.split(' ')).args(DENY_WARNINGS);
    clippy
}

fn wasm_lints(name: &'static str, command: fn() -> Command) -> Step {
    Step { name, needs: &[setup::wasm_target], command }
}

fn clippy_on_wasm(what: &str) -> Command {
    let mut clippy = cargo(["clippy", "--target=wasm32-unknown-unknown"]);
    clippy.args(what.split(' ')).args(DENY_WARNINGS);
    clippy
}

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

fn documentation() -> Command {
    let libraries = "-p=strongroom-core -p=strongroom -p=wasmtime-strongroom";
    let mut doc = cargo("doc --no-deps --all-features".split(' ').chain(libraries.split(' ')));
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}

/// What crates.io would be given. Nothing is compiled: the crates depend on each other, and none of them
/// is there yet.
fn packages() -> Command {
    let mut package = cargo(["package", "--no-verify", "--allow-dirty", "--quiet"]);
    let names = published().expect("the manifests were read to build this program");
    package.args(names.iter().map(|name| format!("--package={name}")));
    package
}

/// What is published compiles with the oldest Rust that is promised, `rust-version` of `Cargo.toml`.
fn oldest_rust() -> Command {
    let mut check = setup::oldest_rust("cargo").expect("it was there a moment ago");
    check.args(["check", "--all-features"]);
    let names = published().expect("the manifests were read to build this program");
    check.args(names.iter().map(|name| format!("--package={name}")));
    check
}

/// The program that keeps the listings in `docs/api/`.
pub fn api() -> Command {
    cargo("run --quiet --package=xtask --features=api --bin=api --".split(' '))
}

/// The rules of `deny.toml`, and what is known of the versions in `Cargo.lock`. No step of the checks: from
/// cold, the tool takes as long to compile as half of all tests, and vulnerabilities become known at other
/// times than changes are made.
pub fn deny() -> Result<()> {
    process::run(&mut command(setup::cargo_deny()?, ["--all-features", "check"]))
}
