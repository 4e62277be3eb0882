//! What one writes in an afternoon: a secret in a wasm-bindgen class. It does what the package does, and is
//! right about it; it only doesn't think of what stays behind.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A function of JavaScript's.
    pub type Callback;

    /// Calls it with a copy of the bytes.
    #[wasm_bindgen(method)]
    fn call(this: &Callback, receiver: &JsValue, bytes: Vec<u8>);
}

/// A secret.
#[wasm_bindgen]
pub struct Secret {
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Secret {
    /// A secret with these bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The HMAC-SHA256 tag of `message`.
    #[wasm_bindgen(js_name = hmacSha256)]
    pub fn hmac_sha256(&self, message: &[u8]) -> Result<Vec<u8>, JsError> {
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.bytes)?;
        hmac.update(message);
        Ok(hmac.finalize().into_bytes().to_vec())
    }

    /// `plaintext` under AES-256-GCM, with a key that HKDF-SHA256 derives from the secret.
    #[wasm_bindgen(js_name = seal)]
    pub fn seal(&self, nonce: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, JsError> {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.bytes)
            .expand(b"", &mut key)
            .map_err(|_| JsError::new("HKDF gives no 32 bytes"))?;
        let nonce = nonce.try_into().map_err(|_| JsError::new("a nonce has 12 bytes"))?;
        Aes256Gcm::new_from_slice(&key)?
            .encrypt(nonce, plaintext)
            .map_err(|_| JsError::new("the plaintext is too long"))
    }

    /// Calls `callback` with a copy of the bytes.
    #[wasm_bindgen(js_name = withBytes)]
    pub fn with_bytes(&self, callback: &Callback) {
        callback.call(&JsValue::UNDEFINED, self.bytes.clone());
    }

    /// Gives the secret other bytes.
    pub fn replace(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    /// Ends the secret.
    pub fn close(self) {}
}
