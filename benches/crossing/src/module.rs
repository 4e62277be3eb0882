//! Components from modules, and their functions.

use std::path::Path;

use anyhow::{Context, Result};
use wasmtime::Store;
use wasmtime::component::{Component, ComponentNamedList, Instance, Lift, Lower, TypedFunc};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::ENGINE;

/// The component of a core module, in text or binary, whose only world is in the package `wit`, which
/// may use `strongroom:secret`.
pub fn component(module: impl AsRef<[u8]>, wit: &str) -> Result<Component> {
    let mut resolve = Resolve::default();
    resolve.push_path(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")))?;
    let package = resolve.push_str("bench.wit", wit)?;
    let world = resolve.select_world(&[package], None)?;
    let mut module = wat::parse_bytes(module.as_ref())?.into_owned();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    Ok(Component::new(&ENGINE, component)?)
}

/// What `cargo xtask pack` has made.
pub fn packed() -> Result<Component> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pack/strongroom.component.wasm");
    let component = Component::from_file(&ENGINE, file).map_err(anyhow::Error::from);
    component.context("`cargo xtask pack` makes the component")
}

/// A function of an interface.
pub fn function<P, R>(
    store: &mut Store<()>,
    instance: &Instance,
    interface: &str,
    name: &str,
) -> Result<TypedFunc<P, R>>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let interface = instance.get_export_index(&mut *store, None, interface);
    let interface = interface.context("the component has no such interface")?;
    let function = instance.get_export_index(&mut *store, Some(&interface), name);
    let function = function.with_context(|| format!("the component has no {name}"))?;
    Ok(instance.get_typed_func(store, function)?)
}
