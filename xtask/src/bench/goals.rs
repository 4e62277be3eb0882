//! The table of promised ratios, and whether each is kept.
//!
//! How fast code is depends a little on where it comes to lie. So what is close to what is promised is
//! measured in programs that differ in nothing else, and the median counts.

use anyhow::{Context, Result, bail, ensure};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Deserialize;
use serde_json::Value;
use xtask::process::{cargo, command, read};

use super::{
    figures::figure,
    measured::{Source, measured, more_lines_of},
    record::Record,
};

/// The programs that measure, each some of the goals, and their packages.
const BENCHES: [[&str; 2]; 2] =
    [["strongroom-benches", "goals"], ["strongroom-crossing", "components"]];

/// In how many layouts the functions of a program are linked, the linker's own among them.
const LAYOUTS: u32 = 5;

/// What is below so much of what is promised isn't measured again: no layout makes up for that. Those that
/// were tried differed by up to a fifth.
const FAR: f64 = 0.75;

const HEADER: [&str; 6] = ["what", "measured", "floor or peer", "ratio", "goal", ""];

/// One goal and what came of it in one layout.
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

/// Measures, prints the table and leaves a record; or, to `check`, an error where a promise isn't kept.
pub fn run(source: Source, check: bool) -> Result<()> {
    let record = Record::begin()?;
    let mut goals = Vec::new();
    let mut failed = Ok(());
    for [package, bench] in BENCHES {
        match in_layouts(source, package, bench) {
            Ok(lines) => goals.extend(by_goal(&lines)?),
            Err(error) => failed = failed.and(Err(error.context(format!("of {bench}")))),
        }
    }
    let told = format!(
        "What is promised, as ratios within one run; of several layouts of the program, the \
         median\n\n{}\n",
        table(&goals)
    );
    println!("\n{told}");
    failed?;
    if check {
        return kept(&goals);
    }
    if source == Source::Measured {
        record.write("goals", "what is promised, and measured", "goals", &told, &[])?;
    }
    let missing = goals.iter().filter(|goal| judged(goal).is_err()).count();
    ensure!(missing == 0, "not measured: {missing}");
    Ok(())
}

/// The lines of one of the programs, in one layout, and again in others where that may matter.
fn in_layouts(source: Source, package: &str, bench: &str) -> Result<String> {
    // Its status is that of rows that can't be measured, which say so themselves.
    let (_, mut lines) = measured(source, package, bench)?;
    if source == Source::Kept {
        return Ok(lines);
    }
    let goals = by_goal(&lines)?;
    let close: Vec<&str> = goals.iter().filter_map(|goal| close(goal)).collect();
    if !close.is_empty() {
        for seed in 1..LAYOUTS {
            let program = linked(package, bench, seed)?;
            let mut again = command(&program, ["--exact"]);
            (_, lines) = more_lines_of(bench, again.args(&close))?;
        }
    }
    Ok(lines)
}

/// The program with its functions in the order that `seed` gives.
fn linked(package: &str, bench: &str, seed: u32) -> Result<String> {
    let options = "rustc --profile=bench --message-format=json --package";
    let order = format!("-Clink-arg=-Wl,--shuffle-sections=.text*={seed}");
    let (status, told) =
        read(&mut cargo(options.split(' ').chain([package, "--bench", bench, "--", &order])))?;
    ensure!(
        status.success(),
        "programs in other layouts are linked by lld, Rust's own linker on x86-64 Linux"
    );
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter(|message| message["target"]["name"] == bench);
    let program = programs.find_map(|message| Some(message["executable"].as_str()?.to_owned()));
    program.with_context(|| format!("cargo made no program {bench}"))
}

/// All rows of each goal, in the order in which they were measured first.
fn by_goal(lines: &str) -> Result<Vec<Vec<Row>>> {
    let mut goals: Vec<Vec<Row>> = Vec::new();
    for line in lines.lines().filter(|line| line.starts_with('{') && line.ends_with('}')) {
        let row: Row = serde_json::from_str(line).with_context(|| format!("no row: {line}"))?;
        match goals.iter_mut().find(|goal| goal[0].what() == row.what()) {
            Some(goal) => goal.push(row),
            None => goals.push(vec![row]),
        }
    }
    Ok(goals)
}

/// The name of a goal that one layout can decide.
fn close(goal: &[Row]) -> Option<&str> {
    let Row::Measured(row) = &goal[0] else { return None };
    let enough = row.or_cost.is_some_and(|enough| row.cost <= FAR * enough);
    (row.ratio > FAR * row.at_most && !enough).then_some(&row.what)
}

/// The median of the rows of a goal, or why there is none.
fn judged(goal: &[Row]) -> Result<&Measured, &str> {
    let measured = goal.iter().filter_map(|row| match row {
        Row::Measured(row) => Some(row),
        Row::Missing { .. } => None,
    });
    let mut measured: Vec<&Measured> = measured.collect();
    measured.sort_by(|one, other| one.ratio.total_cmp(&other.ratio));
    match (measured.get(measured.len() / 2), &goal[0]) {
        (Some(median), _) => Ok(median),
        (None, Row::Missing { missing, .. }) => Err(missing),
        (None, Row::Measured(_)) => unreachable!("it is among the measured"),
    }
}

/// An error that names what isn't kept.
fn kept(goals: &[Vec<Row>]) -> Result<()> {
    let broken: Vec<String> = goals
        .iter()
        .filter_map(|goal| match judged(goal) {
            Ok(row) if row.met => None,
            Ok(row) => Some(format!(
                "{}: {} of {}, at most {}",
                row.what,
                figure(row.ratio),
                row.reference,
                row.at_most
            )),
            Err(why) => Some(format!("{}: not measured: {why}", goal[0].what())),
        })
        .collect();
    ensure!(!goals.is_empty(), "nothing was measured");
    if broken.is_empty() {
        return Ok(());
    }
    bail!("{} of {} promises are not kept:\n{}", broken.len(), goals.len(), broken.join("\n"))
}

fn table(goals: &[Vec<Row>]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(HEADER);
    for goal in goals {
        table.add_row(match (judged(goal), &goal[0]) {
            (Ok(row), _) => row.cells(goal),
            (Err(why), row) => {
                let [none, dash] = ["none", "-"].map(str::to_owned);
                let [what, reference] = [row.what(), row.reference()].map(str::to_owned);
                [what, none, reference, dash.clone(), dash, why.to_owned()]
            }
        });
    }
    table
}

impl Row {
    fn what(&self) -> &str {
        let (Self::Measured(Measured { what, .. }) | Self::Missing { what, .. }) = self;
        what
    }

    fn reference(&self) -> &str {
        let (Self::Measured(Measured { reference, .. }) | Self::Missing { reference, .. }) = self;
        reference
    }
}

impl Measured {
    fn cells(&self, goal: &[Row]) -> [String; 6] {
        let unit = &self.unit;
        let alternative = self.or_cost.map(|cost| format!(", or {cost} {unit}"));
        let ratios = goal.iter().filter_map(|row| match row {
            Row::Measured(row) => Some(row.ratio),
            Row::Missing { .. } => None,
        });
        let (least, most, count) = ratios.fold((f64::MAX, 0.0_f64, 0), |(l, m, count), ratio| {
            (l.min(ratio), m.max(ratio), count + 1)
        });
        let of = match count {
            1 => String::new(),
            _ => format!(" ({} to {} in {count} layouts)", figure(least), figure(most)),
        };
        [
            self.what.clone(),
            format!("{} {unit}", figure(self.cost)),
            format!("{}: {} {unit}", self.reference, figure(self.reference_cost)),
            figure(self.ratio) + &of,
            format!("at most {}{}", self.at_most, alternative.unwrap_or_default()),
            if self.met { "met" } else { "MISSED" }.to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{by_goal, close, judged, kept, table};

    const LINES: &str = r#"
{"what":"a","reference":"b","missing":"needs two processors"}
{"what":"c","cost":1.0,"reference":"d","reference_cost":2.0,"unit":"ns","ratio":0.5,"at_most":1.0,"or_cost":null,"met":true}"#;

    fn row(what: &str, ratio: f64, or_cost: &str) -> String {
        let met = ratio <= 1.0;
        format!(
            r#"{{"what":"{what}","cost":{ratio},"reference":"one","reference_cost":1.0,"unit":"ns","ratio":{ratio},"at_most":1.0,"or_cost":{or_cost},"met":{met}}}"#
        ) + "\n"
    }

    fn rows(lines: &str) -> Vec<String> {
        let table = table(&by_goal(lines).unwrap()).to_string();
        let rows = table.lines().skip(2);
        rows.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn what_is_missing_says_why_and_the_rest_stays() {
        assert_eq!(
            rows(LINES),
            [
                "| a | none | b | - | - | needs two processors |",
                "| c | 1.00 ns | d: 2.00 ns | 0.500 | at most 1 | met |"
            ]
        );
        let error = kept(&by_goal(LINES).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "1 of 2 promises are not kept:\na: not measured: needs two processors");
    }

    #[test]
    fn the_median_of_the_layouts_is_judged() {
        let lines: String =
            [1.04, 0.9, 1.2, 0.98, 0.99].map(|ratio| row("a", ratio, "null")).concat();
        assert_eq!(
            rows(&lines),
            [
                "| a | 0.990 ns | one: 1.00 ns | 0.990 (0.900 to 1.20 in 5 layouts) | at most 1 | met |"
            ]
        );
        kept(&by_goal(&lines).unwrap()).unwrap();
        let worse: String =
            [1.04, 0.9, 1.2, 1.01, 0.99].map(|ratio| row("a", ratio, "null")).concat();
        let error = kept(&by_goal(&worse).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "1 of 1 promises are not kept:\na: 1.01 of one, at most 1");
        assert!(kept(&[]).is_err(), "nothing measured is nothing kept");
    }

    #[test]
    fn a_layout_that_is_missing_costs_no_other() {
        let lines =
            row("a", 0.9, "null") + r#"{"what":"a","reference":"one","missing":"no"}"# + "\n";
        let goals = by_goal(&lines).unwrap();
        assert_eq!(judged(&goals[0]).map(|row| row.ratio), Ok(0.9));
    }

    #[test]
    fn only_what_is_close_is_measured_again() {
        let lines =
            row("far", 0.7, "null") + &row("close", 0.8, "null") + &row("cheap", 0.8, "2.0");
        let goals = by_goal(&lines).unwrap();
        let close: Vec<_> = goals.iter().filter_map(|goal| close(goal)).collect();
        assert_eq!(close, ["close"]);
    }
}
