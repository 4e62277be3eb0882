//! ARCHITECTURE.md's maps name every file of the crates, and none that there isn't.

use std::fs;
use std::path::Path;

use xtask::process::root;
use xtask::sources::rust_files;

/// Each crate's section, and its folder.
const MAPS: [(&str, &str); 4] =
    [("The core", "core"), ("Native", "native"), ("Linear memory", "wasm"), ("Host", "host")];

/// What the first column of the section's table names: files, folders (`ops/`), files of a folder
/// (`ops/*.rs`).
fn named<'m>(architecture: &'m str, section: &str) -> Vec<&'m str> {
    let heading = format!("\n## {section}\n");
    let (_, text) = architecture.split_once(&heading).expect("there is this section");
    let text = text.split_once("\n## ").map_or(text, |(section, _)| section);
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| row[1..].split('|').next().unwrap_or_default().split(", "))
        .map(|name| name.trim().trim_matches('`'))
        .collect()
}

/// Whether a name stands for this file.
fn covers(name: &str, file: &str) -> bool {
    match name.split_once('*') {
        Some((folder, extension)) => {
            let rest = file.strip_prefix(folder).and_then(|rest| rest.strip_suffix(extension));
            rest.is_some_and(|rest| !rest.contains('/'))
        }
        None if name.ends_with('/') => file.starts_with(name),
        None => file == name,
    }
}

/// The files that no name stands for; the roots of crates, which say so themselves, aside.
fn unnamed<'f>(files: &'f [String], names: &[&str]) -> Vec<&'f str> {
    let files = files.iter().map(String::as_str).filter(|file| *file != "lib.rs");
    files.filter(|file| !names.iter().any(|name| covers(name, file))).collect()
}

/// The names that stand for no file.
fn stale<'n>(files: &[String], names: &[&'n str]) -> Vec<&'n str> {
    let stands = |name: &str| files.iter().any(|file| covers(name, file));
    names.iter().copied().filter(|name| !stands(name)).collect()
}

fn sources(folder: &Path) -> Vec<String> {
    let files = rust_files(folder).expect("the sources can be read");
    let below = |file: &Path| file.strip_prefix(folder).ok()?.to_str().map(str::to_owned);
    files.iter().map(|file| below(file).expect("paths are text")).collect()
}

#[test]
fn every_file_is_on_its_map() {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    for (section, folder) in MAPS {
        let files = sources(&root().join(folder).join("src"));
        let mut names = named(&architecture, section);
        // The package's files are JavaScript, which is on the same map.
        names.retain(|name| !name.starts_with("npm/"));
        assert_eq!(unnamed(&files, &names), [""; 0], "not on the map of {folder}/src");
        assert_eq!(stale(&files, &names), [""; 0], "on its map, but not in {folder}/src");
    }
}

#[test]
fn what_is_missing_is_told() {
    let map = "\n## A\n\n| file | says |\n| --- | --- |\n| `a.rs`, `b/` | a |\n| `c/*.rs` | b, `d.rs` |\n\n## B\n";
    let names = named(map, "A");
    assert_eq!(names, ["a.rs", "b/", "c/*.rs"]);
    let files = ["lib.rs", "a.rs", "b/x.rs", "b/y/z.rs", "c/x.rs"].map(String::from);
    assert_eq!(unnamed(&files, &names), [""; 0]);
    assert_eq!(stale(&files, &names), [""; 0]);
    let files = ["d.rs", "b/x.rs", "c/y/z.rs", "c.rs"].map(String::from);
    assert_eq!(unnamed(&files, &names), ["d.rs", "c/y/z.rs", "c.rs"]);
    assert_eq!(stale(&files, &names), ["a.rs", "c/*.rs"]);
}
