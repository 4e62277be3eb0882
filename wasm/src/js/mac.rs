//! Message authentication.

use wasm_bindgen::prelude::*;

use super::{Secret, Thrown, bytes_of, copy_of};

#[wasm_bindgen]
impl Secret {
    /// The HMAC-SHA256 tag of `message` with the secret as the key: 32 bytes.
    #[wasm_bindgen(js_name = hmacSha256, unchecked_return_type = "Uint8Array")]
    pub fn hmac_sha256(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let tag = self.0.hmac_sha256(&bytes_of(message)?)?;
        Ok(copy_of(&tag)?)
    }

    /// Whether `tag` is the HMAC-SHA256 tag of `message`, compared in constant time. A tag that
    /// hasn't 32 bytes is not.
    #[wasm_bindgen(js_name = verifyHmacSha256)]
    pub fn verify_hmac_sha256(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] tag: &JsValue,
    ) -> Result<bool, Thrown> {
        Ok(self.0.verify_hmac_sha256(&bytes_of(message)?, &bytes_of(tag)?)?)
    }

    /// The HMAC-SHA512 tag of `message` with the secret as the key: 64 bytes.
    #[wasm_bindgen(js_name = hmacSha512, unchecked_return_type = "Uint8Array")]
    pub fn hmac_sha512(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let tag = self.0.hmac_sha512(&bytes_of(message)?)?;
        Ok(copy_of(&tag)?)
    }

    /// Whether `tag` is the HMAC-SHA512 tag of `message`, compared in constant time. A tag that
    /// hasn't 64 bytes is not.
    #[wasm_bindgen(js_name = verifyHmacSha512)]
    pub fn verify_hmac_sha512(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] tag: &JsValue,
    ) -> Result<bool, Thrown> {
        Ok(self.0.verify_hmac_sha512(&bytes_of(message)?, &bytes_of(tag)?)?)
    }
}
