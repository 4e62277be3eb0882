//! The choice of an algorithm for authenticated encryption.

use strongroom_core::Aead;
use wasm_bindgen::prelude::*;

use super::Thrown;

#[wasm_bindgen(raw_module = "./options.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = algorithmAt)]
    fn algorithm_at(name: &JsValue) -> Result<usize, JsValue>;
}

/// The algorithm of this name.
pub(super) fn aead_of(name: &JsValue) -> Result<Aead, Thrown> {
    // In the order of options.js.
    let all = [Aead::Aes256Gcm, Aead::ChaCha20Poly1305, Aead::XChaCha20Poly1305];
    Ok(all[algorithm_at(name)?])
}
