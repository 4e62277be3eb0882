//! What the npm package is made of: a bill of materials as CycloneDX has it (ECMA-424), version 1.6.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::process::{cargo, printed, root};

/// The bill of a package with these families: the crates that are compiled into its binaries, and the library
/// that is bundled into its JavaScript. The same for the same lock files.
///
/// # Errors
///
/// If cargo can't tell what is compiled, or a lock file can't be read.
pub fn bill(families: &[String]) -> Result<Value> {
    let version = env!("CARGO_PKG_VERSION");
    let mut components = crates(families)?;
    components.push(decompressor()?);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": component("npm", "strongroom", version, "MIT OR Apache-2.0") },
        "components": components,
    }))
}

fn component(registry: &str, name: &str, version: &str, license: &str) -> Value {
    let purl = format!("pkg:{registry}/{name}@{version}");
    json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": [{ "expression": license }],
        "purl": purl,
    })
}

/// The crates in the binaries, with the checksums of the registry, which those of this workspace don't have.
fn crates(families: &[String]) -> Result<Vec<Value>> {
    let features = format!("--features=js,{}", families.join(","));
    let what = "--package=strongroom-wasm --target=wasm32-unknown-unknown --edges=normal";
    let how = "--locked --prefix=none --no-dedupe --format={p}|{l}";
    let tree = printed(cargo(["tree", &features]).args(what.split(' ')).args(how.split(' ')))
        .context("cargo tells nothing of what the binaries are made of")?;
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let mut lines: Vec<_> = tree.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    let crates = lines.into_iter().map(|line| {
        let (package, license) = line.split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let mut component = component("cargo", name, version, &license.replace('/', " OR "));
        if let Some(checksum) = checksum(&lock, name, version) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        Some(component)
    });
    crates.collect::<Option<_>>().context("cargo tells of a crate in another form than expected")
}

/// The checksum of a crate in the text of Cargo.lock.
fn checksum<'l>(lock: &'l str, name: &str, version: &str) -> Option<&'l str> {
    let package = format!("name = \"{name}\"\nversion = \"{version}\"\n");
    let (_, rest) = lock.split_once(&package)?;
    let rest = rest.split("\n\n").next()?;
    rest.lines().find_map(|line| line.strip_prefix("checksum = \"")?.strip_suffix('"'))
}

/// What decompresses the binary, in JavaScript.
fn decompressor() -> Result<Value> {
    let lock = root().join("wasm/npm/package-lock.json");
    let lock: Value =
        serde_json::from_slice(&fs::read(lock).context("cannot read the lock file")?)?;
    let fflate = &lock["packages"]["node_modules/fflate"];
    let field = |name: &str| fflate[name].as_str().with_context(|| format!("fflate has no {name}"));
    Ok(component("npm", "fflate", field("version")?, field("license")?))
}
