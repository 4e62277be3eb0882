//! Runs wasm-bindgen tests in Node or in a browser: the runner that `.cargo/config.toml` names.
//!
//! It is wasm-bindgen's own, built here as a library, so that nothing has to be installed and its
//! version is the lock file's.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
