//! Components, made and put together.
#![cfg(not(target_family = "wasm"))]

mod handing_over;

use std::fs;
use std::path::{Path, PathBuf};

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub use handing_over::handing_over;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The provider that ships.
///
/// # Panics
///
/// If it isn't there.
#[must_use]
pub fn provider() -> Vec<u8> {
    let file = root().join("target/pack/strongroom.component.wasm");
    fs::read(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask pack` makes it", file.display()))
}

/// The component of a core module in text form, whose only world is in the last of the packages.
/// They may use each other in this order, and `strongroom:secret`.
///
/// # Panics
///
/// If module and world don't fit together.
#[must_use]
pub fn encode(module: &str, packages: &[&str]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_path(root().join("wit")).unwrap();
    let pushed = packages.iter().map(|wit| resolve.push_str("package.wit", wit).unwrap());
    let package = pushed.last().unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    componentized(&module)
}

/// The component of a core module that describes one.
///
/// # Panics
///
/// If it doesn't, or the component isn't valid.
#[must_use]
pub fn componentized(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default().module(module).unwrap().validate(true).encode().unwrap()
}

/// The application with what it imports, as far as the provider exports it; the rest it still
/// imports.
///
/// # Errors
///
/// If what the provider exports by an imported name has another type.
pub fn plugged(application: &[u8], provider: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut register = |name: &str, component: &[u8]| {
        let package = Package::from_bytes(name, None, component, graph.types_mut())?;
        anyhow::Ok(graph.register_package(package)?)
    };
    let provider = register("test:provider", provider)?;
    let application = register("test:application", application)?;
    plug(&mut graph, vec![provider], application)?;
    Ok(graph.encode(EncodeOptions::default())?)
}
