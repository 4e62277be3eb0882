//! What can't be measured says why, and all else stays: programs that measure, with cells and goals that fail
//! in every way there is.
//!
//! This file is such a program itself, and the test that runs it.

use std::env;
use std::process::{Command, Output};

use anyhow::{Result, bail};
use strongroom_measure::goal::{Goal, print_rows};
use strongroom_measure::threads::side_by_side;
use strongroom_measure::{Cell, print_all};

/// Which of the two programs this is to be.
const PROGRAM: &str = "STRONGROOM_MEASURE_PROGRAM";

/// Each way of failing, and what is told of it.
const FAILURES: [(&str, fn() -> Result<f64>, &str); 4] = [
    ("errs", || bail!("no such memory"), "no such memory"),
    ("panics", || panic!("the peer gave up"), "the peer gave up"),
    ("crashes", crash, "it died of a segmentation fault"),
    ("is alone", on_one_processor, "needs two processors; there is one"),
];

fn crash() -> Result<f64> {
    // The standard library's handler makes way at the first, for the access to fault once more.
    for _ in 0..2 {
        // SAFETY: the signal ends this process, which is there for that.
        unsafe { libc::raise(libc::SIGSEGV) };
    }
    bail!("still there")
}

fn on_one_processor() -> Result<f64> {
    // SAFETY: any bits are a set of processors.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is ours, and 0 is within it.
    unsafe { libc::CPU_SET(0, &mut set) };
    // SAFETY: the call reads the set.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
    Ok(side_by_side(|| (), || ()).as_secs_f64())
}

fn cells() -> Vec<Cell> {
    let cell = |row: &str, measure: fn() -> Result<f64>| Cell {
        table: "t".to_owned(),
        row: row.to_owned(),
        column: "ns".to_owned(),
        measure: Box::new(measure),
    };
    let failures = FAILURES.map(|(row, measure, _)| cell(row, measure));
    [cell("first", || Ok(1.5))]
        .into_iter()
        .chain(failures)
        .chain([cell("last", || Ok(2.5))])
        .collect()
}

const fn goal(what: &'static str, measure: fn() -> Result<[f64; 2]>) -> Goal {
    Goal { what, reference: "one", unit: "ns", at_most: 2.0, or_cost: None, measure }
}

static GOALS: [Goal; 6] = [
    goal("first", || Ok([1.5, 1.0])),
    goal("errs", || Ok([(FAILURES[0].1)()?, 1.0])),
    goal("panics", || Ok([(FAILURES[1].1)()?, 1.0])),
    goal("crashes", || Ok([(FAILURES[2].1)()?, 1.0])),
    goal("is alone", || Ok([(FAILURES[3].1)()?, 1.0])),
    goal("last", || Ok([2.5, 1.0])),
];

fn run(program: &str) -> Output {
    let this = env::current_exe().unwrap();
    Command::new(this).env(PROGRAM, program).output().unwrap()
}

/// The lines that a program prints, each as the values of some of its fields.
fn lines(output: &Output, fields: [&str; 2]) -> Vec<[String; 2]> {
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let line = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        fields.map(|field| match &line[field] {
            serde_json::Value::Null => line["missing"].as_str().unwrap().to_owned(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    printed.lines().map(line).collect()
}

fn expected(first: &str, last: &str) -> Vec<[String; 2]> {
    let failures = FAILURES.map(|(name, _, why)| [name, why]);
    let all = [["first", first]].into_iter().chain(failures).chain([["last", last]]);
    all.map(|line| line.map(str::to_owned)).collect()
}

fn main() -> Result<()> {
    match env::var(PROGRAM).as_deref() {
        Ok("cells") => return print_all(&cells()),
        Ok("goals") => return print_rows(&GOALS),
        _ => {}
    }
    let cells = run("cells");
    assert_eq!(lines(&cells, ["row", "figure"]), expected("1.5", "2.5"));
    assert!(cells.status.success(), "a table with notes is whole");

    let goals = run("goals");
    assert_eq!(lines(&goals, ["what", "met"]), expected("true", "false"));
    assert!(!goals.status.success(), "a promise that nobody looked at isn't kept");
    println!("what can't be measured says why, and all else stays");
    Ok(())
}
