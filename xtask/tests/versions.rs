//! The packages have one version, in the workspace's manifest, and the interface has one, in `wit/`.
//! Where either has to be said again, it is the same.

use std::fs;
use std::path::PathBuf;

use xtask::process::root;
use xtask::sources::rust_files;
use xtask::workspace::packages;

/// Begins what names the interface, or a part of it.
const INTERFACE: &str = "strongroom:secret";

fn read(file: PathBuf) -> String {
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The versions at which `text` names the interface.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split(INTERFACE).skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once('@')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || "/-{}".contains(c);
        let is_version = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_version(c)).unwrap_or(rest.len());
        name.chars().all(is_name).then(|| rest[..end].trim_end_matches('.'))
    })
}

#[test]
fn versions_are_found_where_the_interface_is_named() {
    let text = "strongroom:secret@0.1.0; `strongroom:secret/mac@0.2.0`. strongroom:secret, and a@b \
                strongroom:secret/{name}@1.0.0.";
    assert_eq!(named(text).collect::<Vec<_>>(), ["0.1.0", "0.2.0", "1.0.0"]);
}

#[test]
fn the_interface_has_one_version() {
    let wit = read(root().join("wit/types.wit"));
    let (_, version) = wit.split_once("\npackage strongroom:secret@").expect("it has a version");
    let (version, _) = version.split_once(';').expect("the line ends");
    let this_one = root().join(file!());
    let mut files = rust_files(root()).expect("there are sources");
    files.retain(|file| *file != this_one);
    files.extend(
        ["README.md", "wasm/wit/provider.wit", "tests/application/wit/world.wit"]
            .map(|file| root().join(file)),
    );
    let mut seen = 0;
    for file in files {
        for named in named(&read(file.clone())) {
            assert_eq!(named, version, "{}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} were found");
}

#[test]
fn the_packages_have_one_version() {
    let packages = packages().expect("cargo tells");
    let version = packages[0]["version"].as_str().expect("it is text");
    let names: Vec<_> = packages.iter().map(|package| &package["name"]).collect();
    for package in &packages {
        assert_eq!(package["version"], version, "{}", package["name"]);
        let requirements = package["dependencies"].as_array().expect("it is a list");
        for needed in requirements.iter().filter(|needed| names.contains(&&needed["name"])) {
            let required = needed["req"].as_str().expect("it is text");
            // What is for tests only has none.
            assert!(
                required == "*" || required == format!("^{version}"),
                "{} wants {} {required}",
                package["name"],
                needed["name"]
            );
        }
    }
    // `cargo xtask pack` writes it there.
    let manifest = read(root().join("wasm/npm/package/package.json"));
    assert!(!manifest.contains("\"version\""), "the npm package has a version of its own");
}
