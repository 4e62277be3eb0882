//! What is published has a page: crates.io and docs.rs show nothing of what a package leaves out.

use xtask::process::{cargo, printed};
use xtask::workspace::{packages, published};

#[test]
fn these_are_published() {
    let names = published().expect("cargo tells");
    assert_eq!(names, ["strongroom-core", "strongroom", "wasmtime-strongroom"]);
}

#[test]
fn what_is_published_says_what_it_is() {
    let names = published().expect("cargo tells");
    for package in packages().expect("cargo tells") {
        let name = package["name"].as_str().expect("a package has a name");
        if !names.iter().any(|published| published == name) {
            continue;
        }
        for text in ["description", "license", "readme"] {
            assert!(package[text].is_string(), "{name} has no {text}");
        }
        for list in ["keywords", "categories"] {
            let some = package[list].as_array().is_some_and(|items| !items.is_empty());
            assert!(some, "{name} has no {list}");
        }
        let docs = &package["metadata"]["docs"]["rs"];
        assert_eq!(docs["all-features"], true, "docs.rs shows {name} without its features");
    }
}

#[test]
fn what_is_published_has_its_readme_and_its_licences() {
    for name in published().expect("cargo tells") {
        let package = format!("--package={name}");
        let list = ["package", "--list", "--allow-dirty", &package];
        let files = printed(&mut cargo(list)).expect("it can be packaged");
        for needed in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(files.lines().any(|file| file == needed), "{name} has no {needed}");
        }
    }
}
