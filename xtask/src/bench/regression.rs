//! The report's two versions beside strongroom, and where their time goes: two tables and a picture, on
//! the screen and in `benches/record/`.

use std::fs;

use anyhow::{Context, Result, ensure};
use xtask::process::{cargo, read, root};

use super::figures::Figures;
use super::machine::{Machine, load, today};
use super::picture::{Bar, Bars};

/// The tables, as `benches/regression/` calls them.
const VERSIONS: &str = "versions";
const PARTS: &str = "parts";

/// Measures, prints the tables and leaves a record: what was measured, even if not everything could be.
pub fn run() -> Result<()> {
    let machine = Machine::this()?;
    let before = load();
    let (status, printed) =
        read(&mut cargo("bench -p=strongroom-regression --bench=regression".split(' ')))?;
    let figures = Figures::of(&printed)?;
    let tables = tables(&figures);
    println!("\n{tables}");
    ensure!(
        !figures.rows(VERSIONS).is_empty(),
        "nothing was measured: the program ended with {status}"
    );

    let record = root().join("benches/record");
    let name = format!("regression-{}", machine.kind);
    let write = |ending: &str, text: String| {
        let file = record.join(format!("{name}.{ending}"));
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        println!("written: {}", file.display());
        Ok::<_, anyhow::Error>(())
    };
    write("md", told(&machine, [before, load()], &format!("{name}.svg"), &tables))?;
    write("svg", picture(&figures, &machine).svg())?;
    ensure!(status.success(), "not everything could be measured: the program ended with {status}");
    Ok(())
}

/// The record: when, where, how, and what came out.
fn told(machine: &Machine, loads: [Option<f64>; 2], picture: &str, tables: &str) -> String {
    let [before, after] =
        loads.map(|load| load.map_or("?".to_owned(), |load| format!("{load:.1}")));
    format!(
        "# {}: the report's two versions, and where their time goes\n\n{} \
         `cargo xtask bench --only regression`; load {before} before and {after} after.\n\n\
         ![Where the time of an access goes]({picture})\n\n{tables}",
        today().unwrap_or_default(),
        machine.told(),
    )
}

fn tables(figures: &Figures) -> String {
    let mut text = String::new();
    for (name, heading) in [
        (
            VERSIONS,
            "An access to 32 bytes, in nanoseconds (on two threads: for each); instructions of the \
             program and system calls of one access, as callgrind counts them",
        ),
        (
            PARTS,
            "Where the correct version's time goes: what an access takes less when one part is left \
             out, and what it would take more with another",
        ),
    ] {
        let (table, notes) = figures.table(name);
        text += &format!("{heading}\n\n{table}\n\n");
        for (number, note) in (1..).zip(notes) {
            text += &format!("{number}. {}\n", note.lines().next().unwrap_or_default());
        }
        text = text.trim_end().to_owned() + "\n\n";
    }
    text.trim_end().to_owned() + "\n"
}

/// The parts of the correct version that a colour shows, by how their rows begin.
const COLOURED: [&str; 3] = ["mprotect", "wake-up", "lock"];

/// The correct version's access by its parts, and others on the same scale.
fn picture(figures: &Figures, machine: &Machine) -> Bars {
    let rest = COLOURED.len();
    let ours = rest + 1;
    let mut bars = Vec::new();
    if let Some(whole) = figures.get(PARTS, "the whole access", "ns") {
        let rows = figures.rows(PARTS);
        let part = |name: &str| {
            let row = rows.iter().find(|row| row.starts_with(name))?;
            figures.get(PARTS, row, "ns")
        };
        let mut parts: Vec<(usize, f64)> =
            COLOURED.iter().enumerate().filter_map(|(at, name)| Some((at, part(name)?))).collect();
        let told: f64 = parts.iter().map(|(_, length)| length).sum();
        // Parts that overlap are more than the whole: then each is shown in proportion.
        let fit = (whole / told).min(1.0);
        parts.iter_mut().for_each(|(_, length)| *length *= fit);
        parts.push((rest, whole - told * fit));
        bars.push(Bar { what: "correct, one after another".to_owned(), parts });
    }
    for (row, column, colour) in [
        ("fast and racy", "one after another", rest),
        ("correct", "overlapping another", rest),
        ("fast and racy", "overlapping another", rest),
        ("strongroom Guarded, eager", "one after another", ours),
        ("strongroom Encrypted", "one after another", ours),
        ("strongroom Locked", "one after another", ours),
    ] {
        if let Some(length) = figures.get(VERSIONS, row, column) {
            let what = match colour {
                _ if colour == ours => row.to_owned(),
                _ => format!("{row}, {column}"),
            };
            bars.push(Bar::plain(what, colour, length));
        }
    }
    Bars {
        title: format!("What an access to a secret takes, on {}", machine.processor),
        parts: vec!["mprotect", "wake-up", "lock", "all else, or not told apart", "strongroom"],
        bars,
        unit: "ns",
    }
}
