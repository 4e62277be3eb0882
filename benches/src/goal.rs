//! A promise about what a secret costs, and whether it is kept.

use std::env;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::caught;

/// One row of the table: the cost of something is at most so much of the cost of
/// something else.
pub struct Goal {
    /// What is promised about.
    pub what: &'static str,
    /// What it is held against.
    pub reference: &'static str,
    /// The unit of both costs.
    pub unit: &'static str,
    /// The greatest ratio of the first cost to the second that keeps the promise.
    pub at_most: f64,
    /// A cost that keeps the promise whatever the ratio.
    pub or_cost: Option<f64>,
    /// Measures both costs in one run.
    pub measure: fn() -> Result<[f64; 2]>,
}

impl Goal {
    /// Measures, and gives the row as JSON for whoever prints the table.
    pub fn row(&self) -> Result<Value> {
        let [cost, reference_cost] = (self.measure)()?;
        let ratio = cost / reference_cost;
        let met = ratio <= self.at_most || self.or_cost.is_some_and(|enough| cost <= enough);
        Ok(json!({
            "what": self.what,
            "cost": cost,
            "reference": self.reference,
            "reference_cost": reference_cost,
            "unit": self.unit,
            "ratio": ratio,
            "at_most": self.at_most,
            "or_cost": self.or_cost,
            "met": met,
        }))
    }
}

/// Prints the row of each goal as one line, as soon as it is measured; one that can't be measured is a row
/// that says why, and costs no other. Arguments of this program that are no options leave only the goals
/// that contain one of them.
///
/// # Errors
///
/// If one can't be measured.
pub fn print_rows(goals: impl IntoIterator<Item = &'static Goal>) -> Result<()> {
    let wanted: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |goal: &Goal| wanted.is_empty() || wanted.iter().any(|w| goal.what.contains(w));
    let mut missing = 0;
    for goal in goals.into_iter().filter(|goal| is_wanted(goal)) {
        eprintln!("measuring {} beside {}", goal.what, goal.reference);
        let row = caught(|| goal.row()).unwrap_or_else(|why| {
            missing += 1;
            json!({"what": goal.what, "reference": goal.reference, "missing": format!("{why:#}")})
        });
        println!("{row}");
    }
    ensure!(missing == 0, "not measured: {missing}");
    Ok(())
}
