//! Tables, each cell of which is measured in a process of its own.

use anyhow::{Context, Result};

use crate::{caught, child, figure};

/// One figure, and how to measure it.
pub struct Cell {
    /// Which table it is in.
    pub table: String,
    /// What is measured.
    pub row: String,
    /// What of it.
    pub column: String,
    /// Measures it.
    pub measure: Box<dyn Fn() -> Result<f64>>,
}

/// The argument by which this program measures one cell and nothing else.
const CELL: &str = "--cell";

/// Seconds after which a cell is given up.
const PATIENCE: u32 = 40;

/// Measures and prints one cell after another, each in a process of its own: one that can't be measured
/// says why, and costs no other. Arguments of this program leave only the cells whose table, row or
/// column contains one of them.
///
/// # Errors
///
/// If this program was run to measure a cell that there isn't.
pub fn print_all(cells: &[Cell]) -> Result<()> {
    let arguments = child::arguments();
    if let [first, table, row, column] = &arguments[..]
        && first == CELL
    {
        let is_it = |cell: &&Cell| [&cell.table, &cell.row, &cell.column] == [table, row, column];
        let cell = cells.iter().find(is_it).context("there is no such cell")?;
        child::give_up_after(PATIENCE);
        figure::print(table, row, column, &figure::told(caught(|| (cell.measure)())));
        return Ok(());
    }
    let is_wanted = |cell: &&Cell| {
        let names = [&cell.table, &cell.row, &cell.column];
        arguments.is_empty() || arguments.iter().any(|a| names.iter().any(|name| name.contains(a)))
    };
    for Cell { table, row, column, .. } in cells.iter().filter(is_wanted) {
        eprintln!("measuring {row}: {column}");
        match child::run_again(&[CELL, table, row, column]) {
            Ok(line) => print!("{line}"),
            Err(why) => figure::print(table, row, column, &Err(format!("{why:#}"))),
        }
    }
    Ok(())
}
