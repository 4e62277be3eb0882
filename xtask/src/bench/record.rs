//! Records in `benches/record/`, one for each kind of processor: when, where, how, and what came out.

use std::fs;

use anyhow::{Context, Result};
use xtask::process::{command, printed, root};

use super::machine::{Machine, load};

/// A record that is being made.
pub struct Record {
    /// The machine that it is made on.
    pub machine: Machine,
    before: Option<f64>,
}

impl Record {
    /// Before anything is measured.
    pub fn begin() -> Result<Self> {
        Ok(Self { machine: Machine::this()?, before: load() })
    }

    /// What a file of this part is called here.
    pub fn name(&self, part: &str) -> String {
        format!("{part}-{}", self.machine.kind)
    }

    /// Writes what came of `cargo xtask bench --only OPTION`, and pictures by their names, which the text
    /// shows where it likes.
    pub fn write(
        &self,
        part: &str,
        about: &str,
        option: &str,
        text: &str,
        pictures: &[(String, String)],
    ) -> Result<()> {
        let [before, after] = [self.before, load()]
            .map(|load| load.map_or("?".to_owned(), |load| format!("{load:.1}")));
        let told = format!(
            "# {}: {about}\n\n{} `cargo xtask bench --only {option}`; load {before} before and {after} \
             after.\n\n{text}",
            today().unwrap_or_default(),
            self.machine.told(),
        );
        let record = (format!("{}.md", self.name(part)), told);
        for (name, content) in pictures.iter().chain([&record]) {
            let file = root().join("benches/record").join(name);
            fs::write(&file, content)
                .with_context(|| format!("cannot write {}", file.display()))?;
            println!("written: {}", file.display());
        }
        Ok(())
    }
}

/// The day, as records are dated.
fn today() -> Option<String> {
    printed(&mut command("date", ["-u", "+%Y-%m-%d"]))
}
