//! The table of promised ratios, from the lines of JSON that `benches/goals.rs` prints.

use anyhow::{Context, Result};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Deserialize;

use super::peers::figure;

const HEADER: [&str; 6] = ["what", "measured", "floor or peer", "ratio", "goal", ""];

/// One goal and what came of it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Measured(Measured),
    Missing { what: String, reference: String, missing: String },
}

/// What was measured.
#[derive(Deserialize)]
struct Measured {
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
        table.add_row(match row {
            Row::Measured(row) => row.cells(),
            Row::Missing { what, reference, missing } => {
                [what, "none".to_owned(), reference, "-".to_owned(), "-".to_owned(), missing]
            }
        });
    }
    Ok(table)
}

impl Measured {
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

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn what_is_missing_says_why_and_the_rest_stays() {
        let lines = r#"{"what":"a","reference":"b","missing":"needs two processors"}
{"what":"c","cost":1.0,"reference":"d","reference_cost":2.0,"unit":"ns","ratio":0.5,"at_most":1.0,"or_cost":null,"met":true}"#;
        let table = table(lines).unwrap().to_string();
        let rows: Vec<String> = table
            .lines()
            .skip(2)
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            rows,
            [
                "| a | none | b | - | - | needs two processors |",
                "| c | 1.00 ns | d: 2.00 ns | 0.500 | at most 1 | met |"
            ]
        );
    }
}
