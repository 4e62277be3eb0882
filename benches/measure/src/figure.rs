//! One figure of a table, or why there is none.

use anyhow::Result;
use serde_json::{Value, json};

/// What was measured, or why it couldn't be.
pub type Figure = Result<f64, String>;

/// An error in words, which can be told more than once.
///
/// # Errors
///
/// That of `result`.
pub fn told<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|why| format!("{why:#}"))
}

/// Prints it as one line of JSON, as soon as it is there, for whoever makes tables: what comes later can't
/// lose it.
pub fn print(table: &str, row: &str, column: &str, figure: &Figure) {
    match figure {
        Ok(figure) => print_as(table, row, column, "figure", json!(figure)),
        Err(why) => print_as(table, row, column, "missing", json!(why)),
    }
}

/// Prints a cell of words in the same way.
pub fn print_words(table: &str, row: &str, column: &str, words: &str) {
    print_as(table, row, column, "words", json!(words));
}

fn print_as(table: &str, row: &str, column: &str, kind: &str, value: Value) {
    println!("{}", json!({"table": table, "row": row, "column": column, kind: value}));
}
