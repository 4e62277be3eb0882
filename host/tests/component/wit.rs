//! The WIT package, as `wasm-tools component wit` checks it, and what its worlds promise.

use std::collections::BTreeSet;
use std::path::Path;

use wasmparser::Validator;
use wit_parser::{PackageId, Resolve, Stability, World, WorldItem, WorldKey};

fn package() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let (package, _) = resolve.push_path(wit).unwrap();
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
    let (resolve, provider) = world("provider");
    let all = ["types", "create", "mac", "aead", "kdf", "sign", "wrap", "reveal"];
    assert_eq!(interfaces(&resolve, provider.exports.iter()), names(&all));
    let imports = provider.imports.keys().map(|key| resolve.name_world_key(key));
    assert_eq!(imports.collect::<Vec<_>>(), ["wasi:random/random@0.2.0"]);
}

#[test]
fn an_application_of_the_sealed_world_can_have_everything_but_reveal() {
    let (resolve, sealed) = world("sealed");
    let mut all = names(&["types", "create", "mac", "aead", "kdf", "sign", "wrap", "store"]);
    assert_eq!(interfaces(&resolve, sealed.imports.iter()), all);
    let (resolve, full) = world("full");
    all.insert("reveal".to_owned());
    assert_eq!(interfaces(&resolve, full.imports.iter()), all);
    assert!(sealed.exports.is_empty() && full.exports.is_empty());
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
