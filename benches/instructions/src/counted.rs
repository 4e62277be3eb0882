//! Goes one way so many times, and does nothing else: `counted NAME TIMES`, to be counted by callgrind.

use std::env;

use anyhow::{Context, Result};
use strongroom_instructions::ways;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().context("which way?")?;
    let times = arguments.next().context("how often?")?.parse().context("not a number of times")?;
    let way = ways().find(|way| way.name == name);
    (way.with_context(|| format!("there is no way {name}"))?.go)(times)
}
