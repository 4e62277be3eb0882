//! The table of peers, from what criterion leaves behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::{Deserialize, de::DeserializeOwned};

/// Of `benchmark.json`.
#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: String,
}

/// Of `estimates.json`.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Forgets earlier results, which the table would mix with the new.
pub fn clear(results: &Path) -> Result<()> {
    match fs::remove_dir_all(results) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty {}", results.display()))
        }
        _ => Ok(()),
    }
}

/// A row for every peer, strongroom's first, and a column for everything that was done with it.
pub fn table(results: &Path) -> Result<Table> {
    let mut rows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for group in folders(results)? {
        for function in folders(&group)? {
            let Benchmark { group_id, function_id } = parsed(&function.join("new/benchmark.json"))?;
            let Estimates { median } = parsed(&function.join("new/estimates.json"))?;
            rows.entry(function_id).or_default().insert(group_id, figure(median.point_estimate));
        }
    }
    let work: BTreeSet<String> = rows.values().flat_map(BTreeMap::keys).cloned().collect();
    let (own, others): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|(peer, _)| peer.starts_with("strongroom"));

    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([String::new()].into_iter().chain(work.iter().cloned()));
    for (peer, medians) in own.into_iter().chain(others) {
        let cell = |work| medians.get(work).map_or("-", String::as_str);
        table.add_row([peer.as_str()].into_iter().chain(work.iter().map(cell)));
    }
    Ok(table)
}

/// A number with three significant digits.
pub fn figure(number: f64) -> String {
    // Zero has no order of magnitude.
    let magnitude = if number == 0.0 { 2.0 } else { number.abs().log10().floor() };
    format!("{number:.*}", (2.0 - magnitude).max(0.0) as usize)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(parent).with_context(|| format!("no {}", parent.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path()));
    let folders = paths.filter(|path| path.as_ref().map_or(true, |path: &PathBuf| path.is_dir()));
    folders.collect()
}

fn parsed<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("no {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not as expected", file.display()))
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_have_three_digits() {
        let figures = [(0.224, "0.224"), (1.5, "1.50"), (43.66, "43.7"), (128_174.4, "128174")];
        for (number, shown) in figures.into_iter().chain([(0.0, "0"), (f64::INFINITY, "inf")]) {
            assert_eq!(figure(number), shown);
        }
    }
}
