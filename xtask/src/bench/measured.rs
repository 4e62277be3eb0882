//! What a benchmark prints, line by line: kept in `target/bench/` as it comes, so that a run which is
//! interrupted loses nothing that it has measured.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, ExitStatus},
};

use anyhow::{Context, Result};
use xtask::process::{cargo, read_into, target_dir};

/// Where figures come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// They are measured.
    Measured,
    /// They were, by the latest run, however it ended.
    Kept,
}

/// Figures, and how the program that measures them ended.
pub type Measured = (ExitStatus, String);

/// The lines of one of the benchmarks of a package.
pub fn measured(source: Source, package: &str, bench: &str) -> Result<Measured> {
    lines_of(source, bench, &mut cargo(["bench", "--package", package, "--bench", bench]))
}

/// The lines of any command, kept by this name.
pub fn lines_of(source: Source, name: &str, command: &mut Command) -> Result<Measured> {
    let kept = kept(name);
    if source == Source::Kept {
        let lines = fs::read_to_string(&kept);
        let lines =
            lines.with_context(|| format!("nothing was measured: no {}", kept.display()))?;
        return Ok((ExitStatus::default(), lines));
    }
    let folder = kept.parent().context("it is in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    File::create(&kept).with_context(|| format!("cannot write {}", kept.display()))?;
    more_lines_of(name, command)
}

/// The lines kept by this name, and after them those of another command.
pub fn more_lines_of(name: &str, command: &mut Command) -> Result<Measured> {
    let kept = kept(name);
    let file = File::options().append(true).open(&kept);
    let file = file.with_context(|| format!("cannot write {}", kept.display()))?;
    let status = read_into(command, file)?;
    Ok((status, fs::read_to_string(&kept)?))
}

fn kept(name: &str) -> PathBuf {
    target_dir().join("bench").join(format!("{name}.jsonl"))
}
