//! One figure, or why there is none.

use anyhow::Result;
use serde_json::json;

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
    let mut line = json!({"table": table, "row": row, "column": column});
    match figure {
        Ok(figure) => line["figure"] = json!(figure),
        Err(why) => line["missing"] = json!(why),
    }
    println!("{line}");
}
