//! The report's two versions beside strongroom, and where their time goes: two tables and a picture, on
//! the screen and in `benches/record/`.

use anyhow::{Result, ensure};
use xtask::process::cargo;

use super::{
    bars::{Bar, Bars},
    figures::Figures,
    machine::Machine,
    measured::{Source, lines_of},
    record::Record,
};

/// The tables, as `benches/regression/` calls them.
const VERSIONS: &str = "versions";
const PARTS: &str = "parts";

/// Measures, prints the tables and leaves a record: what was measured, even if not everything could be.
pub fn run(source: Source) -> Result<()> {
    let record = Record::begin()?;
    let mut bench = cargo("bench -p=strongroom-regression --bench=regression".split(' '));
    let (status, printed) = lines_of(source, "regression", &mut bench)?;
    let figures = Figures::of(&printed)?;
    let tables = tables(&figures);
    println!("\n{tables}");
    ensure!(
        !figures.rows(VERSIONS).is_empty(),
        "nothing was measured: the program ended with {status}"
    );
    if source == Source::Measured {
        let picture = format!("{}.svg", record.name("regression"));
        let text = format!("![Where the time of an access goes]({picture})\n\n{tables}");
        let about = "the report's two versions, and where their time goes";
        let pictures = [(picture, bars(&figures, &record.machine).svg())];
        record.write("regression", about, "regression", &text, &pictures)?;
    }
    ensure!(status.success(), "not everything could be measured: the program ended with {status}");
    Ok(())
}

fn tables(figures: &Figures) -> String {
    figures.markdown(&[
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
    ])
}

/// The parts of the correct version that a colour shows, by how their rows begin.
const COLOURED: [&str; 3] = ["mprotect", "wake-up", "lock"];

/// The correct version's access by its parts, and others on the same scale.
fn bars(figures: &Figures, machine: &Machine) -> Bars {
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
