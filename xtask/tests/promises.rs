//! What SECURITY.md promises is tested: each promise names tests, and those tests are there.

use std::fs;
use std::path::PathBuf;

use xtask::process::root;
use xtask::sources::files;

/// A test, as SECURITY.md names it: the end of its file's path, and the test.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let code = text.split('`').skip(1).step_by(2);
    code.filter_map(|code| code.split_once("::"))
        .filter(|(file, _)| [".rs", ".mjs"].iter().any(|ending| file.ends_with(ending)))
}

/// The promises: items of lists, each on one line.
fn promises(text: &str) -> Vec<String> {
    let begins = |line: &str| {
        let number = line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
        number || line.starts_with("- ")
    };
    let mut promises: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if begins(line) {
            promises.push(line.to_owned());
        } else if inside && line.starts_with("  ") {
            let promise = promises.last_mut().expect("an item has begun");
            promise.push(' ');
            promise.push_str(line.trim());
            continue;
        }
        inside = begins(line);
    }
    promises
}

/// Whether a source has a test of this name, or a case of one that all hosts share.
fn has(file: &str, source: &str, test: &str) -> bool {
    if file.ends_with(".rs") {
        [format!("fn {test}("), format!("fn {test}<H: ")].iter().any(|it| source.contains(it))
    } else {
        source.contains(&format!("\"{test}\""))
    }
}

fn security() -> String {
    fs::read_to_string(root().join("SECURITY.md")).expect("SECURITY.md is there")
}

#[test]
fn each_names_a_test() {
    let promises = promises(&security());
    let without = promises.iter().filter(|promise| named(promise).next().is_none());
    assert_eq!(without.collect::<Vec<_>>(), [] as [&String; 0]);
    assert!(!promises.is_empty());
}

#[test]
fn each_test_that_is_named_is_there() {
    let tests: Vec<(PathBuf, String)> = files(root(), &["rs", "mjs"])
        .expect("the sources can be read")
        .into_iter()
        .filter(|file| {
            file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "test")
        })
        .map(|file| (file.clone(), fs::read_to_string(file).expect("as text")))
        .collect();
    // Lines are broken within names, too.
    let security = security().split_whitespace().collect::<Vec<_>>().join(" ");
    for (file, test) in named(&security) {
        let with =
            |(path, source): &&(PathBuf, String)| path.ends_with(file) && has(file, source, test);
        let found: Vec<_> = tests.iter().filter(with).map(|(path, _)| path).collect();
        assert_eq!(found.len(), 1, "{file}::{test} is in {found:?}");
    }
}

#[test]
fn a_promise_without_a_test_and_a_test_that_is_not_there_are_seen() {
    let text = "1. One (`a.rs::test`,\n   `b.mjs::a\n   test`).\n2. Two.\n\n- Three,\n  `four`.\n\nNone.\n  None.\n";
    let promises = promises(text);
    assert_eq!(
        promises,
        ["1. One (`a.rs::test`, `b.mjs::a test`).", "2. Two.", "- Three, `four`."]
    );
    let named = |promise: &str| named(promise).map(|(_, test)| test.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        promises.iter().map(|promise| named(promise)).collect::<Vec<_>>(),
        [vec!["test".to_owned(), "a test".to_owned()], vec![], vec![]]
    );
    assert!(has("a.rs", "fn test() {}", "test") && !has("a.rs", "fn test() {}", "tes"));
    assert!(has("b.mjs", "test(\"a test\")", "a test") && !has("b.mjs", "a test", "a test"));
}
