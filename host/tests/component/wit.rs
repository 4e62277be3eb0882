//! The WIT package, as `wasm-tools component wit` checks it, and what its worlds promise.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use wasmparser::Validator;
use wit_parser::{PackageId, Resolve, Stability, World, WorldItem, WorldKey};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn package() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(root().join("wit")).unwrap();
    (resolve, package)
}

fn world(name: &str) -> (Resolve, World) {
    let (resolve, package) = package();
    let world = resolve.packages[package].worlds[name];
    let world = resolve.worlds[world].clone();
    (resolve, world)
}

/// The interfaces of `strongroom:secret` among them.
fn interfaces<'a>(
    resolve: &Resolve,
    items: impl Iterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> BTreeSet<String> {
    items
        .filter_map(|(key, _)| {
            let name = resolve.name_world_key(key);
            let interface = name.strip_prefix("strongroom:secret/")?.strip_suffix("@0.1.0")?;
            Some(interface.to_owned())
        })
        .collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn it_is_valid() {
    let (resolve, package) = package();
    let encoded = wit_component::encode(&resolve, package).unwrap();
    Validator::new().validate_all(&encoded).unwrap();
}

#[test]
fn the_provider_has_everything_but_secrets_of_a_host() {
    let mut resolve = package().0;
    resolve.push_path(root().join("wasm/wit/deps/random")).unwrap();
    let (package, _) = resolve.push_path(root().join("wasm/wit/provider.wit")).unwrap();
    let provider = &resolve.worlds[resolve.packages[package].worlds["provider"]];
    let all = ["types", "create", "mac", "aead", "kdf", "sign", "wrap", "reveal"];
    assert_eq!(interfaces(&resolve, provider.exports.iter()), names(&all));
    let imports = provider.imports.keys().map(|key| resolve.name_world_key(key));
    assert_eq!(imports.collect::<Vec<_>>(), ["wasi:random/random@0.2.0"]);
}

#[test]
fn an_application_of_the_opaque_world_can_have_everything_but_reveal() {
    let (resolve, composed) = world("composed");
    let mut all = names(&["types", "create", "mac", "aead", "kdf", "sign", "wrap"]);
    assert_eq!(interfaces(&resolve, composed.imports.iter()), all);
    let (resolve, opaque) = world("opaque");
    all.insert("store".to_owned());
    assert_eq!(interfaces(&resolve, opaque.imports.iter()), all);
    let (resolve, full) = world("full");
    all.insert("reveal".to_owned());
    assert_eq!(interfaces(&resolve, full.imports.iter()), all);
    assert!(opaque.exports.is_empty() && full.exports.is_empty());
}

/// As people take it over: a copy of the folder is all.
#[test]
fn a_copy_among_an_application_s_dependencies_resolves() {
    let folder = env::temp_dir().join(format!("strongroom-wit-{}", process::id()));
    let copy = folder.join("deps/strongroom");
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(root().join("wit")).unwrap().map(Result::unwrap) {
        assert!(
            entry.file_type().unwrap().is_file(),
            "{} would be left out",
            entry.path().display()
        );
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let world = "package test:app; world app { include strongroom:secret/composed@0.1.0; }";
    fs::write(folder.join("world.wit"), world).unwrap();
    let resolved = Resolve::default().push_path(&folder).map(drop);
    fs::remove_dir_all(&folder).unwrap();
    resolved.unwrap();
}

#[test]
fn everything_says_what_it_is_and_since_when() {
    let (resolve, package) = package();
    let package = &resolve.packages[package];
    let interfaces = package.interfaces.values().map(|id| &resolve.interfaces[*id]);
    let mut items = Vec::new();
    for interface in interfaces.clone() {
        let name = interface.name.as_deref().unwrap();
        items.push((name, &interface.docs, &interface.stability));
        for (name, function) in &interface.functions {
            items.push((name, &function.docs, &function.stability));
        }
        for (name, id) in &interface.types {
            let defined = &resolve.types[*id];
            // What an interface uses of another is documented there.
            if !matches!(defined.kind, wit_parser::TypeDefKind::Type(_)) {
                items.push((name, &defined.docs, &defined.stability));
            }
        }
    }
    for (name, id) in &package.worlds {
        let world = &resolve.worlds[*id];
        items.push((name, &world.docs, &world.stability));
    }
    assert!(items.len() > interfaces.count(), "no function was found");
    for (name, docs, stability) in items {
        assert!(docs.contents.is_some(), "{name} has no comment");
        assert!(matches!(stability, Stability::Stable { .. }), "{name} has no @since");
    }
}
