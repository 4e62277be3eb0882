//! Leaves in `target/picture/` the module that the picture compares strongroom with, as wasm-bindgen's own
//! command would.

use anyhow::Result;
use wasm_bindgen_cli::wasm_bindgen::run_cli_with_args;
use xtask::process::{cargo, root, run_quietly, target_dir};

fn main() -> Result<()> {
    let build =
        "build --release --package=strongroom-picture-naive --target=wasm32-unknown-unknown";
    run_quietly(&mut cargo(build.split(' ')))?;
    let module = target_dir().join("wasm32-unknown-unknown/release/naive.wasm");
    let out = root().join("target/picture");
    run_cli_with_args([
        "wasm-bindgen".into(),
        "--target=web".into(),
        "--no-typescript".into(),
        "--out-dir".into(),
        out.into_os_string(),
        module.into_os_string(),
    ])
}
