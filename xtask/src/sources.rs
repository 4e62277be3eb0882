//! The Rust sources of the repository, found by looking rather than by following `mod`: a module that
//! is declared inside a macro is one, too.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::process::command;

/// All Rust sources in `folder` and below it, in order; what is built or installed there isn't one.
///
/// # Errors
///
/// If a folder can't be read.
pub fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    files(folder, &["rs"])
}

/// As [`rust_files`], of languages whose files have these extensions.
///
/// # Errors
///
/// If a folder can't be read.
pub fn files(folder: &Path, extensions: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let skipped = name == "target" || name == "node_modules";
        if entry.file_type()?.is_dir() {
            if !skipped && !name.as_encoded_bytes().starts_with(b".") {
                found.append(&mut files(&path, extensions)?);
            }
        } else if path.extension().is_some_and(|it| extensions.iter().any(|one| it == *one)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Formats all of them, or only says which aren't as rustfmt would have them.
///
/// # Errors
///
/// If rustfmt can't be started, or isn't content.
pub fn format(folder: &Path, only_check: bool) -> Result<()> {
    let files = rust_files(folder).with_context(|| format!("in {}", folder.display()))?;
    let mut rustfmt: Command = command("rustfmt", only_check.then_some("--check"));
    let status = rustfmt.args(&files).status().context("cannot start rustfmt")?;
    ensure!(
        status.success(),
        "rustfmt wants changes, of {} files; `cargo xtask format` makes them",
        files.len()
    );
    Ok(())
}
