//! A sample application: it signs and decrypts with keys that it can't read.
//!
//! The keys are behind handles of `strongroom:secret`, in the memory of whoever provides it: of
//! `strongroom.component.wasm`, once both are composed, or of the host. The application's own memory never
//! has a byte of them.
//!
//! To start one of your own, copy this file without `probe`, which only the test needs, `wit/world.wit`,
//! and the repository's `wit/`, which the path below leads to. Then
//!
//! ```text
//! cargo build --release --target wasm32-unknown-unknown
//! wasm-tools component new target/wasm32-unknown-unknown/release/APPLICATION.wasm -o application.wasm
//! wac plug application.wasm --plug strongroom.component.wasm -o composed.wasm
//! ```

#![cfg(target_family = "wasm")]
#![deny(unsafe_op_in_unsafe_fn)]

mod probe;

use std::cell::RefCell;

use bindings::strongroom::secret::kdf::Argon2Cost;
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
}

/// What a guess at a password costs: OWASP's least, as of 2025.
const COST: Argon2Cost = Argon2Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

/// Derives both keys from a password. The salt is no secret, but each user's own.
fn derive(password: &[u8], salt: &[u8]) -> Result<Keys, Error> {
    let password = create::from_bytes(password)?;
    let master = kdf::argon2id(&password, salt, COST, 32)?;
    let key = |purpose: &[u8]| kdf::hkdf_sha256(&master, b"", purpose, 32);
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
    fn log_in(password: Vec<u8>, salt: Vec<u8>) -> Result<(), String> {
        let keys = derive(&password, &salt).map_err(|error| error.to_string())?;
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
}

bindings::export!(Application with_types_in bindings);
