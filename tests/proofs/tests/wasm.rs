//! The conformance suite on linear memory in WebAssembly, in Node and in browsers.
#![cfg(target_family = "wasm")]

use strongroom_tests::conformance;
use strongroom_tests::hosts::{Core, Restrictedly};
use strongroom_wasm::Linear;
use wasm_bindgen_test::wasm_bindgen_test;

// Node unless WASM_BINDGEN_USE_BROWSER says otherwise.
#[wasm_bindgen_test]
fn linear_memory() {
    conformance::lending(&Core(Linear));
    conformance::lending_locally(Core(Linear));
    conformance::restricting(&Restrictedly(Core(Linear)));
}
