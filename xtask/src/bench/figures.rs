//! Tables of figures, from the lines of JSON that a benchmark prints one by one.

use anyhow::{Context, Result};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::Deserialize;

/// One figure, or words, or why there is neither.
#[derive(Deserialize)]
struct Line {
    table: String,
    row: String,
    column: String,
    figure: Option<f64>,
    words: Option<String>,
    missing: Option<String>,
}

/// All that a benchmark has printed before its end, whatever that was.
pub struct Figures(Vec<Line>);

impl Figures {
    /// Those in what was printed; a line that was cut short by the program's end is none.
    pub fn of(printed: &str) -> Result<Self> {
        let lines = printed.lines().filter(|line| line.starts_with('{') && line.ends_with('}'));
        let parsed =
            |line| serde_json::from_str(line).with_context(|| format!("no figure: {line}"));
        Ok(Self(lines.map(parsed).collect::<Result<_>>()?))
    }

    /// A table with its rows and columns in the order in which they came; what can't be measured has a
    /// number there, and a note behind the table that says why.
    pub fn table(&self, name: &str) -> (Table, Vec<String>) {
        let lines = || self.0.iter().filter(|line| line.table == name);
        let columns = in_order(lines().map(|line| &line.column));
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header([""].into_iter().chain(columns.iter().map(|column| column.as_str())));
        let mut notes = Vec::new();
        for row in in_order(lines().map(|line| &line.row)) {
            let cell = |column: &&String| {
                let line = lines().find(|line| line.row == *row && line.column == **column);
                match line {
                    Some(Line { figure: Some(value), .. }) => figure(*value),
                    Some(Line { words: Some(words), .. }) => words.clone(),
                    Some(line) => note(&mut notes, line.missing.as_deref().unwrap_or("no figure")),
                    None => "-".to_owned(),
                }
            };
            let cells: Vec<String> = columns.iter().map(cell).collect();
            table.add_row([row.clone()].into_iter().chain(cells));
        }
        (table, notes)
    }

    /// Tables with their headings and notes, those that there are. The heading of one is a sentence.
    pub fn markdown(&self, tables: &[(&str, &str)]) -> String {
        let mut text = String::new();
        for (name, heading) in tables.iter().filter(|(name, _)| !self.rows(name).is_empty()) {
            let (table, notes) = self.table(name);
            text += &format!("{heading}\n\n{table}\n\n");
            for (number, note) in (1..).zip(notes) {
                text += &format!("{number}. {}\n", note.lines().next().unwrap_or_default());
            }
            text = text.trim_end().to_owned() + "\n\n";
        }
        text.trim_end().to_owned() + "\n"
    }

    /// One figure, if it was measured.
    pub fn get(&self, table: &str, row: &str, column: &str) -> Option<f64> {
        let is_it = |line: &&Line| line.table == table && line.row == row && line.column == column;
        self.0.iter().find(is_it)?.figure
    }

    /// The columns of a table, in order.
    pub fn columns(&self, table: &str) -> Vec<&String> {
        in_order(self.0.iter().filter(|line| line.table == table).map(|line| &line.column))
    }

    /// The rows of a table, in order.
    pub fn rows(&self, table: &str) -> Vec<&String> {
        in_order(self.0.iter().filter(|line| line.table == table).map(|line| &line.row))
    }
}

/// A number with three significant digits.
pub fn figure(number: f64) -> String {
    // Zero has no order of magnitude.
    let magnitude = if number == 0.0 { 2.0 } else { number.abs().log10().floor() };
    format!("{number:.*}", (2.0 - magnitude).max(0.0) as usize)
}

/// The number of a note, which is added if it is new.
fn note(notes: &mut Vec<String>, why: &str) -> String {
    let place = notes.iter().position(|note| note == why).unwrap_or_else(|| {
        notes.push(why.to_owned());
        notes.len() - 1
    });
    format!("none ({})", place + 1)
}

fn in_order<'l>(names: impl Iterator<Item = &'l String>) -> Vec<&'l String> {
    let mut found = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Figures, figure};

    const PRINTED: &str = r#"
warning: not JSON
{"table":"t","row":"a","column":"ns","figure":9.126}
{"table":"other","row":"x","column":"y","figure":1.0}
{"table":"t","row":"b","column":"ns","missing":"needs two processors"}
{"table":"t","row":"b","column":"calls","figure":0.0}"#;

    #[test]
    fn what_is_missing_says_why_and_the_rest_stays() {
        let (table, notes) = Figures::of(PRINTED).unwrap().table("t");
        let rows: Vec<String> = table
            .to_string()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(rows[0], "| | ns | calls |");
        assert_eq!(rows[2..], ["| a | 9.13 | - |", "| b | none (1) | 0 |"]);
        assert_eq!(notes, ["needs two processors"]);
    }

    #[test]
    fn words_are_cells_too_and_headings_are_of_tables_that_there_are() {
        let figures =
            Figures::of(r#"{"table":"t","row":"a","column":"wiped","words":"yes"}"#).unwrap();
        let text = figures.markdown(&[("none", "Not measured"), ("t", "What is wiped")]);
        assert!(text.starts_with("What is wiped\n\n|") && text.contains("| a | yes   |"), "{text}");
    }

    #[test]
    fn figures_have_three_digits() {
        let figures = [(0.224, "0.224"), (1.5, "1.50"), (43.66, "43.7"), (128_174.4, "128174")];
        for (number, shown) in figures.into_iter().chain([(0.0, "0"), (f64::INFINITY, "inf")]) {
            assert_eq!(figure(number), shown);
        }
    }

    #[test]
    fn a_line_that_is_cut_short_costs_no_other() {
        let figures = Figures::of(&format!("{PRINTED}\n{{\"table\":\"t\",\"row\":")).unwrap();
        assert_eq!(figures.get("t", "a", "ns"), Some(9.126));
        assert_eq!(figures.get("t", "b", "ns"), None);
        assert_eq!(figures.rows("t"), ["a", "b"]);
    }
}
