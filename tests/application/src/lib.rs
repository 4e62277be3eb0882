//! A sample application: it signs and decrypts with keys that it can't read.

#![cfg(target_family = "wasm")]
#![deny(unsafe_op_in_unsafe_fn)]

mod memory;

use std::cell::RefCell;

use bindings::strongroom::secret::types::{AeadAlgorithm, Error, Secret};
use bindings::strongroom::secret::{aead, create, kdf, sign};

mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "wit"],
        world: "strongroom:application/application",
        generate_all,
    });
}

/// The handles to the keys.
struct Keys {
    signing: Secret,
    encryption: Secret,
}

thread_local! {
    static KEYS: RefCell<Option<Keys>> = const { RefCell::new(None) };
    static KEPT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Derives both keys from a password; real passwords take `argon2id`.
fn derive(password: &[u8]) -> Result<Keys, Error> {
    let password = create::from_bytes(password)?;
    let key = |purpose: &[u8]| kdf::hkdf_sha256(&password, b"", purpose, 32);
    Ok(Keys { signing: key(b"signing")?, encryption: key(b"encryption")? })
}

/// Calls `f` with the keys, if there are any.
fn with_keys<R>(f: impl FnOnce(&Keys) -> Result<R, Error>) -> Result<R, String> {
    KEYS.with_borrow(|keys| {
        let keys = keys.as_ref().ok_or("nobody has logged in")?;
        f(keys).map_err(|error| error.to_string())
    })
}

struct Application;

impl bindings::Guest for Application {
    fn log_in(password: Vec<u8>) -> Result<(), String> {
        let keys = derive(&password).map_err(|error| error.to_string())?;
        KEYS.set(Some(keys));
        Ok(())
    }

    fn sign(message: Vec<u8>) -> Result<Vec<u8>, String> {
        with_keys(|keys| sign::sign_ed25519(&keys.signing, &message))
    }

    fn decrypt(sealed: Vec<u8>) -> Result<Vec<u8>, String> {
        let algorithm = AeadAlgorithm::Xchacha20Poly1305;
        with_keys(|keys| aead::open(&keys.encryption, algorithm, &sealed, b""))
    }

    fn log_out() {
        KEYS.set(None);
    }

    fn places_of(masked: Vec<u8>, mask: Vec<u8>) -> u32 {
        memory::places_of(&masked, &mask)
    }

    fn keep(masked: Vec<u8>, mask: Vec<u8>) {
        KEPT.set(masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect());
    }
}

bindings::export!(Application with_types_in bindings);
