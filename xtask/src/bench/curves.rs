//! How costs grow with size, number and threads: pictures, and the tables that they are drawn from.

use anyhow::{Result, ensure};

use super::{
    figures::Figures,
    lines::Lines,
    measured::{Source, measured},
    record::Record,
};

/// One picture, by the name of its table in `benches/curves.rs`.
struct Picture {
    table: &'static str,
    title: &'static str,
    across: &'static str,
}

const PICTURES: [Picture; 6] = [
    Picture {
        table: "borrow-live",
        title: "Borrowing 32 bytes from each of many secrets in turn",
        across: "secrets",
    },
    Picture {
        table: "churn-live",
        title: "Dropping one of many live secrets and creating another",
        across: "secrets",
    },
    Picture {
        table: "borrow-threads",
        title: "Time per access to one shared secret, all threads together",
        across: "threads",
    },
    Picture {
        table: "create-threads",
        title: "Time per secret created and dropped, all threads together",
        across: "threads",
    },
    Picture { table: "copy-size", title: "Copying a secret out", across: "bytes" },
    Picture { table: "create-size", title: "Creating and dropping a secret", across: "bytes" },
];

/// Measures, prints the tables and leaves a record with pictures.
pub fn run(source: Source) -> Result<()> {
    let record = Record::begin()?;
    let (status, printed) = measured(source, "strongroom-benches", "curves")?;
    let figures = Figures::of(&printed)?;
    let mut text = String::new();
    let mut pictures = Vec::new();
    for picture in &PICTURES {
        let file = format!("{}.svg", record.name(&format!("curves-{}", picture.table)));
        let heading =
            format!("{}, in nanoseconds, by the number of {}", picture.title, picture.across);
        let tables = figures.markdown(&[(picture.table, &heading)]);
        if !tables.trim().is_empty() {
            println!("\n{tables}");
            text += &format!("![{}]({file})\n\n{tables}\n", picture.title);
            pictures.push((file, lines(picture, &figures).svg()));
        }
    }
    ensure!(!pictures.is_empty(), "nothing was measured: the program ended with {status}");
    if source == Source::Measured {
        let text = text.trim_end().to_owned() + "\n";
        let about = "how costs grow with size, number and threads";
        record.write("curves", about, "curves", &text, &pictures)?;
    }
    ensure!(status.success(), "not everything could be measured: the program ended with {status}");
    Ok(())
}

fn lines(picture: &Picture, figures: &Figures) -> Lines {
    let table = picture.table;
    let mut places: Vec<f64> = Vec::new();
    let curve = |row: &String| {
        let columns = figures.columns(table).into_iter();
        let point =
            |column: &String| Some((column.parse().ok()?, figures.get(table, row, column)?));
        (row.clone(), columns.filter_map(point).collect())
    };
    let curves = figures.rows(table).into_iter().map(curve).collect();
    places.extend(figures.columns(table).iter().filter_map(|column| column.parse::<f64>().ok()));
    Lines { title: picture.title.to_owned(), across: picture.across, places, curves }
}
