//! The face for JavaScript: the class `Secret`. Here is what it always has; each family of operations
//! is a module of its own.

use alloc::string::ToString;
use alloc::vec::Vec;

use strongroom_core::{Closed, Error};
use wasm_bindgen::prelude::*;

use crate::handle::{self, Handle};

#[cfg(feature = "aead")]
mod aead;
#[cfg(any(feature = "aead", feature = "wrap"))]
mod algorithm;
#[cfg(feature = "kdf")]
mod kdf;
#[cfg(feature = "mac")]
mod mac;
#[cfg(feature = "sign")]
mod sign;
#[cfg(feature = "wrap")]
mod wrap;

/// What JavaScript does for this file: everything about its own arrays.
#[wasm_bindgen(raw_module = "./bytes.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = lengthOf)]
    fn length_of(bytes: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_name = asLength)]
    fn as_length(value: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_name = copyIn)]
    fn copy_in(source: &JsValue, slot: &mut [u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = copyOut)]
    fn copy_out(slot: &[u8], target: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_name = copyOf)]
    fn copy_of(slot: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = fillRandom)]
    fn fill_random(slot: &mut [u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(catch)]
    fn wipe(bytes: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch)]
    fn lend(copy: JsValue, callback: &JsValue) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(raw_module = "./error.js")]
extern "C" {
    type SecretError;
    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str) -> SecretError;
}

/// What a method throws.
pub struct Thrown(JsValue);

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self(SecretError::new(error.code(), &error.to_string()).into())
    }
}

impl From<JsValue> for Thrown {
    fn from(exception: JsValue) -> Self {
        Self(exception)
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        thrown.0
    }
}

/// The bytes of a Uint8Array, in a block of the heap that is wiped when it goes.
fn bytes_of(source: &JsValue) -> Result<Vec<u8>, Thrown> {
    let mut bytes = handle::buffer(length_of(source)? as u64)?;
    copy_in(source, &mut bytes)?;
    Ok(bytes)
}

/// The bytes of a Uint8Array, or none where no argument was given.
#[cfg(any(feature = "aead", feature = "wrap"))]
fn bytes_if_given(source: &JsValue) -> Result<Vec<u8>, Thrown> {
    if source.is_undefined() { Ok(Vec::new()) } else { bytes_of(source) }
}

/// Random bytes from the platform's cryptographic source.
pub(crate) fn random(out: &mut [u8]) -> Result<(), Error> {
    fill_random(out).map_err(|_| Error::Random)
}

/// The types of options, which are written by hand.
#[wasm_bindgen(typescript_custom_section)]
const OPTIONS: &str = r#"
import type { AeadAlgorithm, Argon2Cost } from "./options.js";
"#;

/// The type of `withBytes`, which has a parameter that wasm-bindgen can't express.
#[wasm_bindgen(typescript_custom_section)]
const WITH_BYTES: &str = r#"
export interface Secret {
  /**
   * Calls `callback` with a copy of the bytes and returns what it returns. The copy is filled with
   * zeros when the callback ends, also when it throws. If it returns a promise, the copy is filled
   * with zeros when that settles, and what is returned here is a promise of the same outcome; one
   * that never settles keeps the copy.
   *
   * The callback may close or replace the secret; its copy stays as it is.
   */
  withBytes<T>(callback: (bytes: Uint8Array) => T): T;
}
"#;

/// A secret: bytes that live in WebAssembly memory, and are wiped when they are closed.
///
/// Bytes come and go as `Uint8Array`s of at most 16 MiB, never as strings, which nobody can wipe.
/// Methods throw a `SecretError` that says in `code` why, and a `TypeError` for an argument of the
/// wrong type; a call that threw has changed nothing.
#[wasm_bindgen]
pub struct Secret(Handle);

#[wasm_bindgen]
impl Secret {
    /// A secret of `length` bytes from the platform's cryptographic random source. They never
    /// exist outside the secret.
    pub fn random(
        #[wasm_bindgen(unchecked_param_type = "number")] length: &JsValue,
    ) -> Result<Secret, Thrown> {
        Ok(Self(Handle::random(as_length(length)? as u64)?))
    }

    /// A password of `length` bytes, each of which is any byte of `alphabet` with the same
    /// probability. The alphabet has at least two bytes, and none of them twice.
    pub fn password(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] alphabet: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number")] length: &JsValue,
    ) -> Result<Secret, Thrown> {
        Ok(Self(Handle::password(&bytes_of(alphabet)?, as_length(length)? as u64)?))
    }

    /// A secret with the given bytes, which are overwritten with zeros.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
    ) -> Result<Secret, Thrown> {
        let secret = Handle::from_bytes(&mut bytes_of(bytes)?)?;
        wipe(bytes)?;
        Ok(Self(secret))
    }

    /// Lends a copy of the bytes to `callback`; see [`WITH_BYTES`].
    #[wasm_bindgen(js_name = withBytes, skip_typescript)]
    pub fn with_bytes(&self, callback: &JsValue) -> Result<JsValue, Thrown> {
        let copy = self.0.with_bytes(copy_of)??;
        Ok(lend(copy, callback)?)
    }

    /// Copies the bytes to the front of `target` and returns how many there are. Wiping them
    /// there is the caller's affair.
    #[wasm_bindgen(js_name = copyInto)]
    pub fn copy_into(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] target: &JsValue,
    ) -> Result<u32, Thrown> {
        self.0.with_bytes(|bytes| {
            let needed = bytes.len();
            let given = copy_out(bytes, target)? as usize;
            if given < needed {
                return Err(Error::BufferTooSmall { needed, given }.into());
            }
            Ok(needed as u32)
        })?
    }

    /// Gives the secret new bytes, of any length, which are overwritten with zeros.
    pub fn replace(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
    ) -> Result<(), Thrown> {
        self.0.replace(&mut bytes_of(bytes)?)?;
        Ok(wipe(bytes)?)
    }

    /// Whether this secret and `other` have the same bytes, compared in a time that depends on
    /// their lengths only.
    pub fn equals(&self, other: &Secret) -> Result<bool, Thrown> {
        Ok(self.0.equals(&other.0)?)
    }

    /// Wipes the bytes and ends the secret. A second call does nothing.
    pub fn close(&self) {
        let _: Closed = self.0.close();
    }

    /// Whether the secret has been closed.
    #[wasm_bindgen(getter, js_name = isClosed)]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// How many bytes the secret has.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> Result<u32, Thrown> {
        Ok(self.0.len()? as u32)
    }
}
