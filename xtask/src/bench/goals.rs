//! The table of promised ratios, from the lines of JSON that `benches/goals.rs` prints.

use anyhow::{Context, Result};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Deserialize;

use super::peers::figure;

const HEADER: [&str; 6] = ["what", "measured", "floor or peer", "ratio", "goal", ""];

/// One goal and what was measured.
#[derive(Deserialize)]
struct Row {
    what: String,
    cost: f64,
    reference: String,
    reference_cost: f64,
    unit: String,
    ratio: f64,
    at_most: f64,
    or_cost: Option<f64>,
    met: bool,
}

/// A row per line of JSON.
pub fn table(lines: &str) -> Result<Table> {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(HEADER);
    for line in lines.lines().filter(|line| line.starts_with('{')) {
        let row: Row = serde_json::from_str(line).with_context(|| format!("no row: {line}"))?;
        table.add_row(row.cells());
    }
    Ok(table)
}

impl Row {
    fn cells(&self) -> [String; 6] {
        let unit = &self.unit;
        let alternative = self.or_cost.map(|cost| format!(", or {cost} {unit}"));
        [
            self.what.clone(),
            format!("{} {unit}", figure(self.cost)),
            format!("{}: {} {unit}", self.reference, figure(self.reference_cost)),
            figure(self.ratio),
            format!("at most {}{}", self.at_most, alternative.unwrap_or_default()),
            if self.met { "met" } else { "MISSED" }.to_owned(),
        ]
    }
}
