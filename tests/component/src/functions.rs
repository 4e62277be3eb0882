//! The functions of the component, a method for each that the tests call.
#![expect(missing_docs, reason = "each method is the function of that name in wit/")]

use std::sync::LazyLock;

use strongroom_tests::conformance::Host;
use strongroom_tests::operations::{Cost, Operations};
use wasmtime::component::{Component, ComponentNamedList, Lower, ResourceAny};
use wasmtime::{Engine, StoreLimits};

use crate::host::bindings::exports::strongroom::secret::kdf::Argon2Cost;
use crate::host::bindings::exports::strongroom::secret::types::AeadAlgorithm;
use crate::host::{Error, Handle, InWasmtime, compiled, packed};

/// An instance of the component.
pub struct Instance(pub InWasmtime);

/// What a function that makes bytes returns.
pub type Bytes = Result<Vec<u8>, Error>;
/// What one that compares returns.
pub type Verified = Result<bool, Error>;
/// What one that makes a secret returns.
pub type Made = Result<Handle, Error>;

impl Instance {
    pub fn packed() -> Self {
        static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
            let file = packed();
            compiled(&file).unwrap_or_else(|error| {
                panic!("{}: {error:#}; `cargo xtask pack` makes it", file.display())
            })
        });
        Self(InWasmtime::new(&COMPONENT).expect("the component asks for `wasi:random` only"))
    }

    /// One that has no more than this.
    ///
    /// # Panics
    ///
    /// If the component isn't there, or needs more to begin with.
    #[must_use]
    pub fn limited(engine: &Engine, limits: StoreLimits) -> Self {
        let component = Component::from_file(engine, packed());
        let instance = component.and_then(|component| InWasmtime::limited(&component, limits));
        Self(instance.expect("the component runs"))
    }

    pub fn random(&self, len: usize) -> Handle {
        self.0.random(len).expect("there is memory for a small secret")
    }

    fn made(&self, made: Result<ResourceAny, Error>) -> Made {
        made.map(|resource| self.0.handle(resource))
    }

    pub fn password(&self, alphabet: &[u8], len: u64) -> Made {
        self.made(
            self.0.call(|it, store| {
                it.strongroom_secret_create().call_password(store, alphabet, len)
            }),
        )
    }

    pub fn clone_of(&self, secret: &Handle) -> Made {
        self.make("types", "[method]secret.clone", (secret.resource,))
    }

    pub fn equals(&self, one: &Handle, other: &Handle) -> Result<bool, Error> {
        self.0.call(|it, store| {
            let types = it.strongroom_secret_types();
            types.secret().call_equals(store, one.resource, other.resource)
        })
    }

    /// A secret that a function of this name has made.
    fn make<P: ComponentNamedList + Lower>(&self, interface: &str, name: &str, params: P) -> Made {
        self.made(self.0.call_by_name(interface, name, params))
    }

    pub fn seal(&self, key: &Handle, algorithm: &str, plain: &[u8], data: &[u8]) -> Bytes {
        self.0.call_by_name("aead", "seal", (key.resource, aead(algorithm), plain, data))
    }

    pub fn wrap_aead(&self, key: &Handle, algorithm: &str, secret: &Handle, data: &[u8]) -> Bytes {
        let params = (key.resource, aead(algorithm), secret.resource, data);
        self.0.call_by_name("wrap", "wrap-aead", params)
    }
}

fn aead(algorithm: &str) -> AeadAlgorithm {
    match algorithm {
        "aes256-gcm" => AeadAlgorithm::Aes256Gcm,
        "chacha20-poly1305" => AeadAlgorithm::Chacha20Poly1305,
        "xchacha20-poly1305" => AeadAlgorithm::Xchacha20Poly1305,
        _ => panic!("there is no AEAD {algorithm}"),
    }
}

impl Operations for Instance {
    type Secret = Handle;
    type Error = Error;

    fn secret(&self, bytes: &[u8]) -> Handle {
        self.0.create(&mut bytes.to_vec()).expect("there is memory for a small secret")
    }

    fn bytes(&self, secret: &Handle) -> Vec<u8> {
        self.0.reveal(secret).expect("the secret is open")
    }

    fn hmac(&self, key: &Handle, algorithm: &str, message: &[u8]) -> Bytes {
        self.0.call_by_name("mac", algorithm, (key.resource, message))
    }

    fn verify_hmac(&self, key: &Handle, algorithm: &str, message: &[u8], tag: &[u8]) -> Verified {
        let verify = format!("verify-{algorithm}");
        self.0.call_by_name("mac", &verify, (key.resource, message, tag))
    }

    fn seal_with_nonce(
        &self,
        key: &Handle,
        algorithm: &str,
        nonce: &[u8],
        plain: &[u8],
        data: &[u8],
    ) -> Bytes {
        let params = (key.resource, aead(algorithm), nonce, plain, data);
        self.0.call_by_name("aead", "seal-with-nonce", params)
    }

    fn open_with_nonce(
        &self,
        key: &Handle,
        algorithm: &str,
        nonce: &[u8],
        sealed: &[u8],
        data: &[u8],
    ) -> Bytes {
        let params = (key.resource, aead(algorithm), nonce, sealed, data);
        self.0.call_by_name("aead", "open-with-nonce", params)
    }

    fn open(&self, key: &Handle, algorithm: &str, sealed: &[u8], data: &[u8]) -> Bytes {
        self.0.call_by_name("aead", "open", (key.resource, aead(algorithm), sealed, data))
    }

    fn unwrap_aead(&self, key: &Handle, algorithm: &str, wrapped: &[u8], data: &[u8]) -> Made {
        self.make("wrap", "unwrap-aead", (key.resource, aead(algorithm), wrapped, data))
    }

    fn hkdf(&self, key: &Handle, algorithm: &str, salt: &[u8], info: &[u8], len: usize) -> Made {
        self.make("kdf", algorithm, (key.resource, salt, info, len as u64))
    }

    fn argon2id(
        &self,
        password: &Handle,
        salt: &[u8],
        Cost { memory_kib, passes, lanes }: Cost,
        len: usize,
    ) -> Made {
        let cost = Argon2Cost { memory_kib, passes, lanes };
        self.make("kdf", "argon2id", (password.resource, salt, cost, len as u64))
    }

    fn public_key(&self, seed: &Handle, algorithm: &str) -> Bytes {
        self.0.call_by_name("sign", &format!("{algorithm}-public-key"), (seed.resource,))
    }

    fn sign(&self, seed: &Handle, algorithm: &str, message: &[u8]) -> Bytes {
        self.0.call_by_name("sign", &format!("sign-{algorithm}"), (seed.resource, message))
    }

    fn verify(
        &self,
        public_key: &[u8],
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Verified {
        let verify = format!("verify-{algorithm}");
        self.0.call_by_name("sign", &verify, (public_key, message, signature))
    }

    fn wrap(&self, key: &Handle, algorithm: &str, secret: &Handle) -> Bytes {
        let wrap = format!("wrap-{algorithm}");
        self.0.call_by_name("wrap", &wrap, (key.resource, secret.resource))
    }

    fn unwrap(&self, key: &Handle, algorithm: &str, wrapped: &[u8]) -> Made {
        self.make("wrap", &format!("unwrap-{algorithm}"), (key.resource, wrapped))
    }
}
