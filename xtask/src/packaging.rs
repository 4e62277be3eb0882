//! `cargo xtask packaging`: the npm package, loaded by each project of `wasm/npm/packaging/`.

use std::{ffi::OsStr, process::Command};

use anyhow::Result;
use xtask::{process, setup};

/// Which projects.
#[derive(clap::Args)]
pub struct Args {
    /// These projects alone, folders of wasm/npm/packaging/; all of them, and then README.md's table is written
    names: Vec<String>,
}

/// What has to be set up before.
pub const NEEDS: &[fn() -> Result<()>] =
    &[setup::npm_packages, setup::chromium, setup::firefox, setup::packages];

/// Runs the projects.
pub fn run(args: &Args) -> Result<()> {
    NEEDS.iter().try_for_each(|need| need())?;
    process::run(&mut command(&args.names))
}

/// The program that runs them.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut node = process::command("node", ["wasm/npm/packaging/run.mjs"]);
    node.args(args);
    node
}
