//! Deriving secrets from secrets.

use strongroom_core::Argon2Cost;
use wasm_bindgen::prelude::*;

use super::{Secret, Thrown, as_length, bytes_of};

#[wasm_bindgen(raw_module = "./options.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = figureOf)]
    fn figure_of(cost: &JsValue, name: &str) -> Result<u32, JsValue>;
}

/// The three figures of a cost.
fn cost_of(cost: &JsValue) -> Result<Argon2Cost, Thrown> {
    Ok(Argon2Cost {
        memory_kib: figure_of(cost, "memoryKib")?,
        passes: figure_of(cost, "passes")?,
        lanes: figure_of(cost, "lanes")?,
    })
}

#[wasm_bindgen]
impl Secret {
    /// A secret of `length` bytes, at most 8160, derived by HKDF-SHA256 (RFC 5869). This secret
    /// must be as hard to guess as a key; for passwords there is `argon2id`. An empty `salt` stands
    /// for none.
    #[wasm_bindgen(js_name = hkdfSha256)]
    pub fn hkdf_sha256(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] salt: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] info: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] length: &JsValue,
    ) -> Result<Secret, Thrown> {
        let (salt, info) = (bytes_of(salt)?, bytes_of(info)?);
        Ok(Self(self.0.hkdf_sha256(&salt, &info, as_length(length)? as u64)?))
    }

    /// A secret of `length` bytes, at least 4, derived from this one, a password, by Argon2id
    /// (RFC 9106) with a `salt` of at least 8 bytes. It blocks its thread for as long as `cost`
    /// says, so a page calls it in a worker.
    pub fn argon2id(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] salt: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Argon2Cost")] cost: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] length: &JsValue,
    ) -> Result<Secret, Thrown> {
        let (salt, cost) = (bytes_of(salt)?, cost_of(cost)?);
        Ok(Self(self.0.argon2id(&salt, cost, as_length(length)? as u64)?))
    }
}
