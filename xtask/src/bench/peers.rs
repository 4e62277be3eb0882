//! Strongroom beside its peers, and what each protects: two tables for each level of protection.

use anyhow::{Result, ensure};

use super::{
    figures::Figures,
    measured::{Source, measured},
    record::Record,
};

/// The levels, as `benches/src/protects.rs` calls them.
const LEVELS: [&str; 4] =
    ["ordinary memory", "locked memory", "inaccessible at rest", "encrypted at rest"];

/// Measures, prints the tables and leaves a record.
pub fn run(source: Source) -> Result<()> {
    let record = Record::begin()?;
    let (status, printed) = measured(source, "strongroom-benches", "peers")?;
    let tables = tables(&Figures::of(&printed)?);
    println!("\n{tables}");
    if source == Source::Measured {
        record.write("peers", "strongroom beside its peers", "peers", &tables, &[])?;
    }
    ensure!(status.success(), "not everything could be measured: the program ended with {status}");
    Ok(())
}

fn tables(figures: &Figures) -> String {
    let named = LEVELS.map(|level| {
        let mut title = level.to_owned();
        title[..1].make_ascii_uppercase();
        let costs = format!(
            "{title}: nanoseconds for one time with a secret of 32 bytes, undisturbed; x2: on two \
             threads that share it, each, the mean"
        );
        let protects =
            format!("{title}: what is done for the bytes while nobody uses them, on Linux");
        [(level.to_owned(), costs), (format!("{level} protects"), protects)]
    });
    let named: Vec<_> = named.iter().flatten().map(|(n, h)| (n.as_str(), h.as_str())).collect();
    figures.markdown(&named)
}
