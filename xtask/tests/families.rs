//! What can't be made of the list of families agrees with it.

use std::fs;

use serde_json::Value;
use xtask::families::FAMILIES;
use xtask::process::root;
use xtask::workspace::packages;

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("the file is there")
}

/// The features that a package of this workspace has, as cargo reads them.
fn features(package: &str) -> Value {
    let packages = packages().expect("cargo tells");
    let found = packages.iter().find(|found| found["name"] == package);
    found.expect("it is one of this workspace")["features"].clone()
}

#[test]
fn every_family_is_a_feature() {
    let features_of_wasm = features("strongroom-wasm");
    assert_eq!(features_of_wasm["full"], Value::from(FAMILIES.to_vec()));
    for family in FAMILIES {
        assert!(features_of_wasm[family].is_array(), "strongroom-wasm has no feature {family}");
    }
    for package in ["strongroom-core", "strongroom"] {
        let features = features(package);
        // Reading is no operation by handle.
        for family in FAMILIES.iter().filter(|family| **family != "reveal") {
            assert!(features[family].is_array(), "{package} has no feature {family}");
        }
    }
}

#[test]
fn every_family_is_an_interface_of_the_component() {
    for family in FAMILIES {
        let interface = read(&format!("wit/{family}.wit"));
        assert!(interface.contains(&format!("\ninterface {family} {{")), "wit/{family}.wit");
    }
    let worlds = read("wasm/wit/provider.wit");
    let (_, provider) = worlds.split_once("world provider {").expect("there is this world");
    let (provider, _) = provider.split_once('}').expect("it ends");
    let exports: Vec<&str> =
        provider.lines().filter_map(|line| line.trim().strip_prefix("export ")).collect();
    let interfaces = ["types", "create"].into_iter().chain(FAMILIES);
    assert_eq!(
        exports,
        interfaces.map(|name| format!("strongroom:secret/{name}@0.1.0;")).collect::<Vec<_>>()
    );
}

#[test]
fn the_readme_lists_every_family() {
    let readme = read("README.md");
    let (_, table) = readme.split_once("| interface | ").expect("there is this table");
    let (table, _) = table.split_once("\n\n").expect("it ends");
    let listed: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" |").next())
        .flat_map(|names| names.split(", "))
        .map(|name| name.trim_matches('`'))
        .collect();
    let interfaces = ["types", "create"].into_iter().chain(FAMILIES).chain(["store"]);
    assert_eq!(listed, interfaces.collect::<Vec<_>>());
}
