//! Secrets that leave only as ciphertext under another, and come back as secrets.

use wasm_bindgen::prelude::*;

use super::algorithm::aead_of;
use super::{Secret, Thrown, bytes_if_given, bytes_of, copy_of};

#[wasm_bindgen]
impl Secret {
    /// `secret` as ciphertext under this one as the key, in the form of `seal`.
    #[wasm_bindgen(js_name = wrapAead, unchecked_return_type = "Uint8Array")]
    pub fn wrap_aead(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AeadAlgorithm")] algorithm: &JsValue,
        secret: &Secret,
        #[wasm_bindgen(js_name = associatedData, unchecked_optional_param_type = "Uint8Array")]
        data: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (aead, data) = (aead_of(algorithm)?, bytes_if_given(data)?);
        Ok(copy_of(&self.0.wrap_aead(aead, &secret.0, &data)?)?)
    }

    /// The secret that `wrapAead` or `seal` made `wrapped` of, with the same key and associated
    /// data. Its bytes never exist outside it.
    #[wasm_bindgen(js_name = unwrapAead)]
    pub fn unwrap_aead(
        &self,
        #[wasm_bindgen(unchecked_param_type = "AeadAlgorithm")] algorithm: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] wrapped: &JsValue,
        #[wasm_bindgen(js_name = associatedData, unchecked_optional_param_type = "Uint8Array")]
        data: &JsValue,
    ) -> Result<Secret, Thrown> {
        let (aead, data) = (aead_of(algorithm)?, bytes_if_given(data)?);
        Ok(Self(self.0.unwrap_aead(aead, &bytes_of(wrapped)?, &data)?))
    }

    /// `secret`, of 16 bytes or more and a multiple of 8, under this one as the key of 32 bytes, by
    /// AES-256 key wrap (RFC 3394): 8 bytes longer, and the same every time.
    #[wasm_bindgen(js_name = wrapAesKw, unchecked_return_type = "Uint8Array")]
    pub fn wrap_aes_kw(&self, secret: &Secret) -> Result<JsValue, Thrown> {
        Ok(copy_of(&self.0.wrap_aes_kw(&secret.0)?)?)
    }

    /// The secret that `wrapAesKw` wrapped with the same key.
    #[wasm_bindgen(js_name = unwrapAesKw)]
    pub fn unwrap_aes_kw(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] wrapped: &JsValue,
    ) -> Result<Secret, Thrown> {
        Ok(Self(self.0.unwrap_aes_kw(&bytes_of(wrapped)?)?))
    }
}
