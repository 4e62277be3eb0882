//! Writes the world of the component: the interfaces of the families that are built in. Exports what the
//! class for JavaScript needs beside its functions.

use std::path::Path;
use std::{env, fs, io};

mod families;
use families::FAMILIES;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let for_wasm = env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm");
    if for_wasm && env::var_os("CARGO_FEATURE_JS").is_some() {
        // Where a call was cut short, JavaScript puts it back.
        println!("cargo::rustc-link-arg-cdylib=--export=__stack_pointer");
    }
    let built_in =
        |family: &&str| env::var_os(format!("CARGO_FEATURE_{}", family.to_uppercase())).is_some();
    let exports: String = ["types", "create"]
        .into_iter()
        .chain(FAMILIES.into_iter().filter(built_in))
        .map(|interface| format!("    export strongroom:secret/{interface}@0.1.0;\n"))
        .collect();
    let world = format!(
        "package strongroom:component;\n\n\
         world component {{\n    import wasi:random/random@0.2.0;\n{exports}}}\n"
    );
    let folder = env::var_os("OUT_DIR").expect("Cargo sets it");
    fs::write(Path::new(&folder).join("component.wit"), world)
}
