//! What a component does for a call, without the call.

use std::env;

use anyhow::{Context, Result};
use wasmtime::{Instance, Module, Store};

use super::ENGINE;

/// Signs 32 bytes so many times, in WebAssembly: `wasm/examples/bare.rs`.
///
/// # Errors
///
/// If nobody has made that, and those of wasmtime.
pub fn bare_in_wasm() -> Result<impl FnMut(u64)> {
    // This program is in release/deps/ of the folder that cargo builds in.
    let here = env::current_exe()?;
    let target = here.ancestors().nth(3).context("this program is in no target folder")?;
    let file = target.join("wasm32-unknown-unknown/wasm/examples/bare.wasm");
    let module = Module::from_file(&ENGINE, file)
        .map_err(anyhow::Error::from)
        .context("`cargo xtask bench` makes the module")?;
    let mut store = Store::new(&ENGINE, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let sign = instance.get_typed_func::<u64, ()>(&mut store, "sign")?;
    Ok(move |times| sign.call(&mut store, times).expect("no call traps"))
}
