//! A promise about what a secret costs, and whether it is kept.

use anyhow::{Context, Error, Result, ensure};
use serde_json::{Value, json};

use crate::{caught, child};

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

    /// The row of a goal that can't be measured.
    fn missing(&self, why: &Error) -> Value {
        json!({"what": self.what, "reference": self.reference, "missing": format!("{why:#}")})
    }
}

/// The argument by which this program measures one goal, in a process that does nothing else.
const GOAL: &str = "--goal";

/// The argument by which names of goals are to be whole ones.
const EXACT: &str = "--exact";

/// Seconds after which a goal is given up.
const PATIENCE: u32 = 300;

/// Prints the row of each goal as one line, as soon as it is measured, in a process of its own; one that
/// can't be measured is a row that says why, and costs no other. Arguments of this program leave only the
/// goals that contain one of them, or, after `--exact`, are called so.
///
/// # Errors
///
/// If one can't be measured.
pub fn print_rows(goals: impl IntoIterator<Item = &'static Goal>) -> Result<()> {
    let arguments = child::arguments();
    let mut goals = goals.into_iter();
    let is_wanted = |goal: &&Goal| match &arguments[..] {
        [] => true,
        [first, names @ ..] if first == EXACT => names.iter().any(|name| goal.what == name),
        parts => parts.iter().any(|part| goal.what.contains(part.as_str())),
    };
    if let [first, what] = &arguments[..]
        && first == GOAL
    {
        let goal = goals.find(|goal| goal.what == what).context("there is no such goal")?;
        child::give_up_after(PATIENCE);
        println!("{}", caught(|| goal.row()).unwrap_or_else(|why| goal.missing(&why)));
        return Ok(());
    }
    let mut missing = 0;
    for goal in goals.filter(is_wanted) {
        eprintln!("measuring {} beside {}", goal.what, goal.reference);
        let row = child::run_again(&[GOAL, goal.what]).and_then(|row| Ok(row.parse::<Value>()?));
        let row = row.unwrap_or_else(|why| goal.missing(&why));
        missing += usize::from(row.get("missing").is_some());
        println!("{row}");
    }
    ensure!(missing == 0, "not measured: {missing}");
    Ok(())
}
