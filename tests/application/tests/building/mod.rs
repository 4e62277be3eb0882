//! The sample application, and others, as components.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use strongroom_building::{componentized, root};
use wit_component::{StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Runs cargo in the repository's root.
fn cargo(args: &[&str]) {
    let status = Command::new(env!("CARGO")).args(args).current_dir(root()).status();
    assert!(status.expect("cargo runs").success(), "cargo {}", args.join(" "));
}

/// A small provider, as `cargo xtask pack --families mac` makes it.
pub fn provider_without_reveal() -> Vec<u8> {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-reveal");
    let out = out.to_str().expect("the target directory has a name in UTF-8");
    let pack = ["run", "--package=xtask", "--features=pack", "--bin=pack", "--"];
    cargo(&[&pack[..], &["--families", "mac", "--out", out]].concat());
    read(&Path::new(out).join("strongroom.component.wasm"))
}

/// The sample application.
pub fn application() -> Vec<u8> {
    let target = "wasm32-unknown-unknown";
    let package = "--package=strongroom-application";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let folder = folder.to_str().expect("the target directory has a name in UTF-8");
    cargo(&["build", package, "--target", target, "--profile=wasm", "--target-dir", folder]);
    let module = Path::new(folder).join(target).join("wasm/strongroom_application.wasm");
    componentized(&read(&module))
}

/// An application that does nothing, but imports these interfaces of `strongroom:secret`.
pub fn asking_for(interfaces: &[&str]) -> Vec<u8> {
    let imports: String = interfaces
        .iter()
        .map(|interface| format!("import strongroom:secret/{interface}@0.1.0;"))
        .collect();
    let wit = format!("package test:asking; world asking {{ {imports} }}");
    let mut resolve = Resolve::default();
    resolve.push_path(root().join("wit")).expect("the WIT package is valid");
    let package = resolve.push_str("asking.wit", &wit).expect("the world is valid");
    let world = resolve.select_world(&[package], Some("asking")).expect("there is one");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the world can be encoded");
    componentized(&module)
}
