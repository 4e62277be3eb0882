//! `cargo xtask soak`: the soak test, for longer than the test run gives it.

use anyhow::Result;
use xtask::process::{self, cargo};

/// How long.
#[derive(clap::Args)]
pub struct Args {
    /// For how many minutes
    #[arg(long, default_value_t = 10)]
    minutes: u32,
}

/// Runs the soak test.
pub fn run(args: &Args) -> Result<()> {
    let mut soak = cargo(["test", "--release", "-p=strongroom-proofs", "--test=soak"]);
    process::run(soak.env("STRONGROOM_SOAK_SECONDS", (u64::from(args.minutes) * 60).to_string()))
}
