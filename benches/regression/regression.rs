//! The report, answered with figures: one JSON object per line and per figure, of which
//! `cargo xtask bench --only regression` makes tables and a picture.

use anyhow::{Context, Result, bail};
use strongroom_measure::child;
use strongroom_regression::count::COUNTED;
use strongroom_regression::versions::{TWO_OVERLAPPING, TWO_THREADS, on_two};
use strongroom_regression::ways::{Way, versions};
use strongroom_regression::{parts, versions};

fn main() -> Result<()> {
    match &child::arguments().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            versions::print();
            parts::print();
        }
        [COUNTED, name, n] => {
            let ways = versions().map(|version| version.way).into_iter().chain(parts::ways());
            (named(ways, name)?.accesses)(n.parse().context("not a number of accesses")?);
        }
        [how @ (TWO_THREADS | TWO_OVERLAPPING), name] => println!("{}", on_two(how, name)?),
        other => bail!("{other:?}: there is nothing to choose"),
    }
    Ok(())
}

fn named(mut ways: impl Iterator<Item = Way>, name: &str) -> Result<Way> {
    ways.find(|way| way.name == name).with_context(|| format!("there is no way {name}"))
}
