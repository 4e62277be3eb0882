//! The table that the user sees.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL};

use super::row::{Report, Row};

/// Columns of a terminal that the table fills.
const WIDTH: u16 = 116;
/// Hex digits of a tag that are shown.
const DIGITS: usize = 16;

const HEADER: [&str; 6] = [
    "host",
    "both tags",
    "ns per\naccess",
    "after\nclose",
    "residue",
    "protections really in force",
];

/// The rows as a table.
pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL.with_solid_inner_borders())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(HEADER)
        .add_rows(rows.into_iter().map(cells));
    table
}

fn cells(row: &Row) -> [String; 6] {
    let without_figures =
        |title: &str, why: &str| [row.host, title, "-", "-", "-", why].map(str::to_owned);
    match &row.report {
        Ok(Report::Done(done)) => [
            row.host.to_owned(),
            done.tags.each_ref().map(|tag| tag.get(..DIGITS).unwrap_or(tag)).join("\n"),
            format!("{:.1}", done.ns_per_access),
            if done.refused_after_close { "refused" } else { "ALLOWED" }.to_owned(),
            format!("{} in {}", done.residue, done.scanned),
            done.protections.clone(),
        ],
        Ok(Report::Unavailable { unavailable }) => without_figures("cannot run here", unavailable),
        Err(error) => without_figures("no row", &format!("{error:#}")),
    }
}
