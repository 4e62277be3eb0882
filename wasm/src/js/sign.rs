//! Ed25519 signatures.

use wasm_bindgen::prelude::*;

use super::{Secret, Thrown, bytes_of, copy_of};
use crate::handle::sign;

#[wasm_bindgen]
impl Secret {
    /// The Ed25519 signature (RFC 8032) of `message` by the secret, a seed of 32 bytes, which the
    /// RFC calls the private key: 64 bytes.
    #[wasm_bindgen(js_name = signEd25519, unchecked_return_type = "Uint8Array")]
    pub fn sign_ed25519(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let signature = self.0.sign_ed25519(&bytes_of(message)?)?;
        Ok(copy_of(&signature)?)
    }

    /// The Ed25519 public key of the secret, a seed of 32 bytes: 32 bytes.
    #[wasm_bindgen(js_name = ed25519PublicKey, unchecked_return_type = "Uint8Array")]
    pub fn ed25519_public_key(&self) -> Result<JsValue, Thrown> {
        Ok(copy_of(&self.0.ed25519_public_key()?)?)
    }

    /// Whether `signature` is an Ed25519 signature of `message` under `publicKey`, which has 32
    /// bytes. Needs no secret.
    #[wasm_bindgen(js_name = verifyEd25519)]
    pub fn verify_ed25519(
        #[wasm_bindgen(js_name = publicKey, unchecked_param_type = "Uint8Array")]
        public_key: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] signature: &JsValue,
    ) -> Result<bool, Thrown> {
        let (public_key, message) = (bytes_of(public_key)?, bytes_of(message)?);
        Ok(sign::verify_ed25519(&public_key, &message, &bytes_of(signature)?)?)
    }
}
