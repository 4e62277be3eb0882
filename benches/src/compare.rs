//! The same work with every peer, as cells of a table for its level of protection.

use anyhow::Result;
use strongroom_measure::Cell;

use crate::batches::{several, typical, undisturbed};
use crate::protects::level;
use crate::workload::{borrow, copy_out, create_drop, replace};
use crate::{Peer, threads};

/// What is done on one thread.
#[must_use]
pub fn alone<P: Peer + 'static>() -> Vec<Cell> {
    let works: [(_, fn(&mut P, u64)); 4] = [
        ("borrow", borrow),
        ("copy_out", copy_out),
        ("create_drop", create_drop),
        ("replace", replace),
    ];
    let cell = |(column, work)| {
        cell::<P>(column, move || Ok(undisturbed(several(threads::alone::<P>(work)))))
    };
    works.map(cell).into()
}

/// What is done on two threads that share one secret, each.
#[must_use]
pub fn together<P: Peer + 'static>() -> Vec<Cell> {
    let works: [(_, fn(&mut P::Shared, u64)); 4] = [
        ("borrow x2", borrow),
        ("copy_out x2", copy_out),
        ("create_drop x2", create_drop),
        ("replace x2", replace),
    ];
    let cell = |(column, work)| {
        cell::<P>(column, move || Ok(typical(several(threads::together::<P>(work)))))
    };
    works.map(cell).into()
}

/// Only a borrow, for what does nothing else.
#[must_use]
pub fn borrows<P: Peer + 'static>() -> Vec<Cell> {
    let all = alone::<P>().into_iter().chain(together::<P>());
    all.filter(|cell| cell.column.starts_with("borrow")).collect()
}

fn cell<P: Peer>(column: &str, measure: impl Fn() -> Result<f64> + 'static) -> Cell {
    Cell {
        table: level(P::NAME).name().to_owned(),
        row: P::NAME.to_owned(),
        column: column.to_owned(),
        measure: Box::new(measure),
    }
}
