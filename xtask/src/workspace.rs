//! What cargo knows of this workspace.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, printed};

/// The packages of this workspace, as `cargo metadata` describes them.
///
/// # Errors
///
/// If cargo can't read a manifest.
pub fn packages() -> Result<Vec<Value>> {
    let mut metadata = cargo("metadata --no-deps --offline --format-version=1".split(' '));
    let printed = printed(&mut metadata).context("cargo tells nothing of this workspace")?;
    let mut metadata: Value = serde_json::from_str(&printed)?;
    serde_json::from_value(metadata["packages"].take()).context("there is no list of packages")
}

/// The packages that are there to be published, by name.
///
/// # Errors
///
/// As [`packages`].
pub fn published() -> Result<Vec<String>> {
    let published = packages()?.into_iter().filter(|package| package["publish"].is_null());
    Ok(published.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect())
}
