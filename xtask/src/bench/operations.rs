//! The operations of a secret beside those of other libraries, on every host, in one table.

use std::process::Command;

use anyhow::{Result, ensure};
use xtask::process::command;

use super::{
    figures::Figures,
    measured::{Source, measured, more_lines_of},
    record::Record,
};

/// The table, as `benches/operations.rs` and `wasm/npm/bench/` call it.
const TABLE: &str = "operations";

/// Measures, prints the table and leaves a record. A host that can't be had is one that is missing, and `told`
/// why.
pub fn run(source: Source, unavailable: &[(&str, anyhow::Error)]) -> Result<()> {
    let record = Record::begin()?;
    let (mut status, mut printed) = measured(source, "strongroom-crossing", TABLE)?;
    if source == Source::Measured {
        for (host, mut program) in hosts() {
            if unavailable.iter().any(|(name, _)| *name == host) {
                continue;
            }
            let (ended, lines) = more_lines_of(TABLE, &mut program)?;
            printed = lines;
            status = if status.success() { ended } else { status };
        }
    }
    let heading = "Nanoseconds for one time, undisturbed, with a key of 32 bytes. Those of WebCrypto are promises \
                   that are waited for, one after the other";
    let mut text = Figures::of(&printed)?.markdown(&[(TABLE, heading)]);
    for (host, why) in unavailable {
        text += &format!("\nNot measured in {host}: {why:#}\n");
    }
    println!("\n{text}");
    if source == Source::Measured {
        let about = "operations beside those of other libraries";
        record.write(TABLE, about, TABLE, &text, &[])?;
    }
    ensure!(status.success(), "not everything could be measured: a program ended with {status}");
    ensure!(unavailable.is_empty(), "not everything could be measured");
    Ok(())
}

/// Programs that print more lines of the table.
fn hosts() -> [(&'static str, Command); 2] {
    [("Node", "node"), ("Chromium", "chromium")]
        .map(|(host, program)| (host, command("node", [format!("wasm/npm/bench/{program}.mjs")])))
}
