//! Leaves in `target/pack/` what is published: `npm/`, the npm package, and
//! `strongroom.component.wasm`, the WebAssembly component. With a choice of families, smaller ones.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Parser;
use serde_json::{Map, Value};
use wit_component::{ComponentEncoder, DecodedWasm};
use xtask::families::FAMILIES;
use xtask::process::{cargo, command, printed, root, run_quietly, target_dir};
use xtask::{sbom, setup};

/// Build the npm package and the WebAssembly component
#[derive(Parser)]
struct Args {
    /// Build in these families of operations alone
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = FAMILIES)]
    families: Option<Vec<String>>,
    /// The folder to leave both in; target/pack unless given
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

fn main() -> Result<()> {
    let Args { families, out } = Args::parse();
    let families = families.unwrap_or_else(|| FAMILIES.map(String::from).to_vec());
    let out = out.unwrap_or_else(|| root().join("target/pack"));
    fs::create_dir_all(&out)?;
    pack_component(&families, &out.join("strongroom.component.wasm"))?;
    pack_npm(&families, &out.join("npm"))
}

/// The only interface that the component may import.
const ENTROPY: &str = "wasi:random/random@0.2.0";

/// The most bytes that the component may have.
const MAX_COMPONENT: usize = 290_000;

fn pack_component(families: &[String], file: &Path) -> Result<()> {
    let module = core_module("component", families, WASM)?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    let Interfaces { imports, exports } = interfaces(&component)?;
    ensure!(imports == [ENTROPY], "the component imports {imports:?}, and may only {ENTROPY}");
    let expected: BTreeSet<_> = ["types", "create"]
        .into_iter()
        .chain(families.iter().map(String::as_str))
        .map(|interface| format!("strongroom:secret/{interface}@0.1.0"))
        .collect();
    ensure!(exports == expected, "the component exports {exports:?} instead of {expected:?}");
    let size = component.len();
    ensure!(size <= MAX_COMPONENT, "the component has {size} bytes, more than {MAX_COMPONENT}");
    write_binary(file, component)
}

/// The names of what a component imports and exports.
struct Interfaces {
    imports: Vec<String>,
    exports: BTreeSet<String>,
}

fn interfaces(component: &[u8]) -> Result<Interfaces> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        return Err(anyhow!("a WIT package, not a component"));
    };
    let world = &resolve.worlds[world];
    Ok(Interfaces {
        imports: world.imports.keys().map(|key| resolve.name_world_key(key)).collect(),
        exports: world.exports.keys().map(|key| resolve.name_world_key(key)).collect(),
    })
}

fn pack_npm(families: &[String], folder: &Path) -> Result<()> {
    // A file of an earlier run must not be published.
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)?,
        _ => fs::create_dir(folder)?,
    }
    let module = core_module("js", families, WASM)?;
    write_binary(&folder.join("strongroom.wasm"), module)?;
    // Reading isn't a family there: the class always can.
    for family in families.iter().filter(|family| *family != "reveal") {
        let module = core_module("js,small", std::slice::from_ref(family), SMALL)?;
        write_binary(&folder.join(format!("{family}.wasm")), module)?;
    }
    setup::npm_packages()?;
    let build = root().join("wasm/npm/build.mjs");
    run_quietly(command("node", [build.as_path(), folder]).args(families))?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        copy(&root().join(file), folder)?;
    }
    let bill = serde_json::to_string_pretty(&sbom::bill(families)?)? + "\n";
    write(&folder.join("sbom.cdx.json"), bill)?;
    set_version(&folder.join("package.json"))
}

/// Writes the workspace's version, the only one there is, into a manifest that has none.
fn set_version(manifest: &Path) -> Result<()> {
    let mut fields: Map<String, Value> = serde_json::from_slice(&fs::read(manifest)?)?;
    fields.shift_insert(1, "version".into(), env!("CARGO_PKG_VERSION").into());
    write(manifest, serde_json::to_string_pretty(&fields)? + "\n")
}

/// The profile of what has all families.
const WASM: &str = "wasm";

/// The profile of what has one, for who looks at the size first.
const SMALL: &str = "wasm-small";

/// The core module of `strongroom-wasm` with one of its two faces, a list of features.
fn core_module(face: &str, families: &[String], profile: &str) -> Result<Vec<u8>> {
    let registry = cargo_home().context("no CARGO_HOME and no home directory")?;
    let sysroot =
        printed(&mut command("rustc", ["--print=sysroot"])).context("there is no rustc")?;
    // Where the component `rust-src` is installed, the standard library's files have a place, too.
    let library = Path::new(&sysroot).join("lib/rustlib/src/rust");
    let remap = [(registry, "cargo"), (library, "rust")]
        .map(|(place, name)| format!("--remap-path-prefix={}={name}", place.display()));
    run_quietly(&mut cargo([
        "rustc",
        "--package=strongroom-wasm",
        "--target=wasm32-unknown-unknown",
        &format!("--profile={profile}"),
        &format!("--features={face},{}", families.join(",")),
        // Panic messages name source files, and those of crates by their place on this machine.
        &format!("--config=target.wasm32-unknown-unknown.rustflags={remap:?}"),
        "--",
        "-Cstrip=symbols",
    ]))?;
    let module =
        target_dir().join("wasm32-unknown-unknown").join(profile).join("strongroom_wasm.wasm");
    fs::read(&module).with_context(|| format!("cannot read {}", module.display()))
}

fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// Writes a file whose size is worth knowing, and prints it.
fn write_binary(file: &Path, content: Vec<u8>) -> Result<()> {
    println!("{}: {} bytes", file.display(), content.len());
    write(file, content)
}

fn write(file: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().with_context(|| format!("{} has no name", file.display()))?;
    fs::copy(file, folder.join(name))
        .with_context(|| format!("cannot copy {} to {}", file.display(), folder.display()))?;
    Ok(())
}
