//! Wipes are there in what is compiled as the binaries that ship are, though nobody reads what they have
//! written.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use wasmtime::{Engine, Instance, Module, Store};

/// What the functions of `wasm/examples/wipes.rs` leave, twice as long, where nothing wipes it. Of a block
/// that was freed, the heap overwrites the front.
const MARK: [u8; 32] = [0xC3; 32];

/// The module that this example is compiled to.
fn module() -> Vec<u8> {
    let target = "wasm32-unknown-unknown";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--package=strongroom-wasm", "--example=wipes", "--profile=wasm"]);
    cargo.args(["--target", target, "--target-dir"]).arg(&folder);
    assert!(cargo.status().expect("cargo runs").success(), "{cargo:?}");
    let file = folder.join(target).join("wasm/examples/wipes.wasm");
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Whether the mark is in linear memory when this function has returned.
fn leaves_the_mark(module: &Module, function: &str) -> bool {
    let mut store = Store::new(module.engine(), ());
    let instance = Instance::new(&mut store, module, &[]).expect("it imports nothing");
    let call = instance.get_typed_func::<(), ()>(&mut store, function).expect("it is exported");
    call.call(&mut store, ()).expect("it doesn't trap");
    let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    memory.data(&store).windows(MARK.len()).any(|window| window == MARK)
}

#[test]
fn wipes_are_kept() {
    let module = Module::new(&Engine::default(), module()).expect("it is valid");
    for function in ["wiped", "cleared", "freed"] {
        assert!(!leaves_the_mark(&module, function), "{function}");
    }
    for control in ["overwritten", "freed_as_it_is"] {
        assert!(leaves_the_mark(&module, control), "{control}: what isn't wiped is found");
    }
}
