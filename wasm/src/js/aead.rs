//! Authenticated encryption.

use wasm_bindgen::prelude::*;

use super::algorithm::aead_of;
use super::{Secret, Thrown, bytes_if_given, bytes_of, copy_of};

#[wasm_bindgen]
impl Secret {
    /// Encrypts `plaintext` with the secret as the key, which has 32 bytes. The nonce is made
    /// inside, at random; the result is nonce, ciphertext and tag, in this order.
    ///
    /// `associatedData` is not encrypted; opening takes the same.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array")]
    pub fn seal(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AeadAlgorithm")] algorithm: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] plaintext: &JsValue,
        #[wasm_bindgen(js_name = associatedData, unchecked_optional_param_type = "Uint8Array")]
        data: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (aead, data) = (aead_of(algorithm)?, bytes_if_given(data)?);
        Ok(copy_of(&self.0.seal(aead, &bytes_of(plaintext)?, &data)?)?)
    }

    /// Decrypts what `seal` made with the same key and the same associated data.
    ///
    /// Wiping the plaintext is the caller's affair: `fill(0)` does, since the garbage collector
    /// doesn't move it. A plaintext that is itself a secret is better opened by `unwrapAead`.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array")]
    pub fn open(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AeadAlgorithm")] algorithm: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] sealed: &JsValue,
        #[wasm_bindgen(js_name = associatedData, unchecked_optional_param_type = "Uint8Array")]
        data: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (aead, data) = (aead_of(algorithm)?, bytes_if_given(data)?);
        Ok(copy_of(&self.0.open(aead, &bytes_of(sealed)?, &data)?)?)
    }

    /// Encrypts `plaintext` under a nonce of the caller's; the result is ciphertext and tag. Two
    /// messages under one nonce and key give away both, and with AES-256-GCM the means to forge
    /// others.
    #[wasm_bindgen(js_name = sealWithNonce, unchecked_return_type = "Uint8Array")]
    pub fn seal_with_nonce(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AeadAlgorithm")] algorithm: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] nonce: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] plaintext: &JsValue,
        #[wasm_bindgen(js_name = associatedData, unchecked_optional_param_type = "Uint8Array")]
        data: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (aead, nonce, data) = (aead_of(algorithm)?, bytes_of(nonce)?, bytes_if_given(data)?);
        Ok(copy_of(&self.0.seal_with_nonce(aead, &nonce, &bytes_of(plaintext)?, &data)?)?)
    }

    /// Decrypts what `sealWithNonce` made with the same key, nonce and associated data. As with
    /// `open`, wiping the plaintext is the caller's affair.
    #[wasm_bindgen(js_name = openWithNonce, unchecked_return_type = "Uint8Array")]
    pub fn open_with_nonce(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AeadAlgorithm")] algorithm: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] nonce: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] sealed: &JsValue,
        #[wasm_bindgen(js_name = associatedData, unchecked_optional_param_type = "Uint8Array")]
        data: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (aead, nonce, data) = (aead_of(algorithm)?, bytes_of(nonce)?, bytes_if_given(data)?);
        Ok(copy_of(&self.0.open_with_nonce(aead, &nonce, &bytes_of(sealed)?, &data)?)?)
    }
}
