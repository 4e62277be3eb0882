//! The ratios that strongroom promises. Prints one JSON object per line and per goal, which
//! `cargo xtask bench` makes a table of.

use anyhow::Result;
use strongroom_benches::goal::print_rows;
use strongroom_benches::goals::{encrypted, guarded, locked};

fn main() -> Result<()> {
    print_rows([locked::GOALS, guarded::GOALS, encrypted::GOALS].into_iter().flatten())
}
