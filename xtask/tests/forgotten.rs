//! No test is forgotten: each file that has one belongs to a target that cargo tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use xtask::process::root;
use xtask::sources::rust_files;
use xtask::workspace::packages;

/// The sources that have tests, but are neither a target nor declared, from module to module, by one.
fn forgotten<'s>(
    sources: &'s BTreeMap<PathBuf, String>,
    targets: &BTreeSet<PathBuf>,
) -> Vec<&'s Path> {
    let with_tests = sources.iter().filter(|(_, text)| {
        text.lines().any(|line| ["#[test]", "#[wasm_bindgen_test]"].contains(&line.trim()))
    });
    let files = with_tests.map(|(file, _)| file.as_path());
    files.filter(|file| !belongs(file, sources, targets)).collect()
}

fn belongs(file: &Path, sources: &BTreeMap<PathBuf, String>, targets: &BTreeSet<PathBuf>) -> bool {
    let folder = file.parent().expect("a file is in a folder");
    let (module, above) = match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod") => (folder, folder.parent().expect("a module is in a folder")),
        _ => (file, folder),
    };
    let Some(name) = module.file_stem().and_then(|stem| stem.to_str()) else { return false };
    let declared = format!("mod {name};");
    let parents = ["main.rs", "lib.rs", "mod.rs"].map(|parent| above.join(parent));
    targets.contains(file)
        || parents.into_iter().chain([above.with_extension("rs")]).any(|parent| {
            let declares = sources.get(&parent).is_some_and(|text| text.contains(&declared));
            parent != file && declares && belongs(&parent, sources, targets)
        })
}

#[test]
fn every_test_is_run() {
    let files = rust_files(root()).expect("the sources can be read");
    let read = |file: PathBuf| fs::read_to_string(&file).map(|text| (file, text));
    let sources = files.into_iter().map(read).collect::<Result<_, _>>().expect("as text");
    let packages = packages().expect("cargo tells");
    let targets = packages.iter().flat_map(|package| package["targets"].as_array().unwrap());
    let tested = targets.filter(|target| target["test"] == true);
    let tested = tested.map(|target| PathBuf::from(target["src_path"].as_str().unwrap())).collect();
    assert_eq!(forgotten(&sources, &tested), [] as [&Path; 0]);
}

#[test]
fn what_no_target_declares_is_forgotten() {
    let test = "#[test]\nfn it() {}\n";
    let sources = BTreeMap::from(
        [
            ("lone.rs", test),
            ("tests/found.rs", test),
            ("tests/below/lone.rs", test),
            ("tests/several/main.rs", "mod declared;\nmod deep;\n"),
            ("tests/several/declared.rs", test),
            ("tests/several/undeclared.rs", test),
            ("tests/several/deep/mod.rs", "mod deeper;\n"),
            ("tests/several/deep/deeper.rs", test),
            ("src/lib.rs", "mod untested;\n"),
            ("src/untested.rs", test),
            ("src/shared.rs", "fn none() {}\n"),
        ]
        .map(|(file, text)| (PathBuf::from(file), text.to_owned())),
    );
    let targets = ["tests/found.rs", "tests/several/main.rs"].map(PathBuf::from).into();
    let lost = ["lone.rs", "src/untested.rs", "tests/below/lone.rs", "tests/several/undeclared.rs"];
    assert_eq!(forgotten(&sources, &targets), lost.map(Path::new));
}
