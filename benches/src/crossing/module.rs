//! Components from modules.

use std::path::Path;

use anyhow::Result;
use wasmtime::component::Component;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::ENGINE;

/// The component of a core module, in text or binary, whose only world is in the package `wit`, which
/// may use `strongroom:secret`.
pub fn component(module: impl AsRef<[u8]>, wit: &str) -> Result<Component> {
    let mut resolve = Resolve::default();
    resolve.push_path(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")))?;
    let package = resolve.push_str("bench.wit", wit)?;
    let world = resolve.select_world(&[package], None)?;
    let mut module = wat::parse_bytes(module.as_ref())?.into_owned();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    Ok(Component::new(&ENGINE, component)?)
}
