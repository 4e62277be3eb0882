//! `cargo xtask demo`: the main job on every host, and one table of what came of it.
//!
//! Each host is a program of its own. It is told where the key, the message and the replacement
//! key lie, does the job and prints its row; see [`row`] for what a row holds.

mod keys;
mod row;
mod table;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use xtask::{
    process::{self, cargo, command, read, root},
    setup,
};

use crate::step::Step;
use keys::Keys;
use row::{Report, Row};

/// What to sign, and with what.
#[derive(clap::Args)]
pub struct Args {
    /// The key, 8 bytes or more [default: a random one]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The message to sign [default: README.md]
    #[arg(long, value_name = "FILE")]
    message: Option<PathBuf>,
    /// Serve a page that shows where a secret is in linear memory, beside that of a naive module
    #[arg(long, conflicts_with_all = ["key", "message"])]
    page: bool,
}

/// In the table's order, which is also the one in which they have something to show.
const HOSTS: [Step; 4] = [
    Step {
        name: "native",
        needs: &[setup::crates],
        command: || cargo("run --release -p=strongroom-tests --bin=demo-native --".split(' ')),
    },
    Step {
        name: "wasmtime",
        needs: &[setup::packages],
        command: || {
            cargo(
                "run --release -p=strongroom-component-tests --example=demo-component -- \
                 --component=target/pack/strongroom.component.wasm"
                    .split(' '),
            )
        },
    },
    Step {
        name: "Node",
        needs: &[setup::node, setup::packages],
        command: || command("node", ["wasm/npm/demo/node.mjs"]),
    },
    Step {
        name: "Chromium",
        needs: &[setup::npm_packages, setup::chromium, setup::packages],
        command: || command("node", ["wasm/npm/demo/chromium.mjs"]),
    },
];

/// The page, which is served until it is ended.
const PAGE: Step = Step {
    name: "page",
    needs: &[setup::node, setup::packages, setup::naive],
    command: || command("node", ["wasm/npm/picture/show.mjs"]),
};

/// Runs the demo; it succeeds if every row that could be had is right.
pub fn run(args: &Args) -> Result<ExitCode> {
    if args.page {
        PAGE.prepare()?;
        return process::run(&mut (PAGE.command)()).map(|()| ExitCode::SUCCESS);
    }
    let message = match &args.message {
        Some(file) => file.canonicalize().with_context(|| format!("no message {}", file.display())),
        None => Ok(root().join("README.md")),
    }?;
    let keys = Keys::new(args.key.as_deref())?;
    let expected = keys.tags(&message)?;

    let mut rows = Vec::new();
    for host in &HOSTS {
        eprintln!("\n=== {} ===", host.name);
        rows.push(Row { host: host.name, report: job(host, &keys, &message) });
        if let [first] = &rows[..] {
            println!("{}", table::of([first]));
        }
    }
    println!("\n{}", table::of(&rows));
    println!(
        "\nto see where a secret is in a page's memory, and work with it: cargo xtask demo --page"
    );

    let mut code = ExitCode::SUCCESS;
    for row in &rows {
        for fault in row.faults(&expected) {
            println!("WRONG: {}: {fault}", row.host);
            code = ExitCode::FAILURE;
        }
    }
    if rows.iter().all(Row::is_unavailable) {
        println!("WRONG: no host can run here");
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

/// Runs one host's program. Where it cannot be set up, that is its report.
fn job(host: &Step, keys: &Keys, message: &Path) -> Result<Report> {
    if let Err(error) = host.prepare() {
        return Ok(Report::Unavailable { unavailable: format!("{error:#}") });
    }
    let mut program = (host.command)();
    program.arg("--key").arg(keys.key()).arg("--message").arg(message);
    let (status, output) = read(program.arg("--replacement").arg(keys.replacement()))?;
    Report::parse(status, &output)
}
