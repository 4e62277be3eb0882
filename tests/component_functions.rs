//! The functions of the component, a method for each.

use std::sync::LazyLock;

use strongroom_tests::conformance::Host;
use wasmtime::component::{Component, ResourceAny};

use crate::component_host::bindings::exports::strongroom::secret::kdf::Argon2Cost;
use crate::component_host::bindings::exports::strongroom::secret::types::AeadAlgorithm;
use crate::component_host::{Error, Handle, InWasmtime, compiled, packed};

/// An instance of the component, with a method for each function.
pub struct Instance(pub InWasmtime);

/// What a function that makes bytes returns.
pub type Bytes = Result<Vec<u8>, Error>;
/// What one that makes a secret returns.
pub type Made = Result<Handle, Error>;

impl Instance {
    pub fn new() -> Self {
        static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
            let file = packed();
            compiled(&file).unwrap_or_else(|error| {
                panic!("{}: {error:#}; `cargo xtask pack` makes it", file.display())
            })
        });
        Self(InWasmtime::new(&COMPONENT).expect("the component asks for `wasi:random` only"))
    }

    pub fn secret(&self, bytes: &[u8]) -> Handle {
        self.0.create(&mut bytes.to_vec()).expect("there is memory for a small secret")
    }

    pub fn random(&self, len: usize) -> Handle {
        self.0.random(len).expect("there is memory for a small secret")
    }

    fn made(&self, made: Result<ResourceAny, Error>) -> Made {
        made.map(|resource| self.0.handle(resource))
    }

    pub fn reveal(&self, secret: &Handle) -> Vec<u8> {
        self.0.reveal(secret).expect("the secret is open")
    }

    pub fn password(&self, alphabet: &[u8], len: u64) -> Made {
        self.made(
            self.0.call(|it, store| {
                it.strongroom_secret_create().call_password(store, alphabet, len)
            }),
        )
    }

    pub fn equals(&self, one: &Handle, other: &Handle) -> Result<bool, Error> {
        self.0.call(|it, store| {
            let types = it.strongroom_secret_types();
            types.secret().call_equals(store, one.resource, other.resource)
        })
    }

    pub fn hmac_sha512(&self, key: &Handle, message: &[u8]) -> Bytes {
        self.0.call(|it, store| {
            it.strongroom_secret_mac().call_hmac_sha512(store, key.resource, message)
        })
    }

    pub fn verify_hmac_sha512(
        &self,
        key: &Handle,
        message: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        self.0.call(|it, store| {
            it.strongroom_secret_mac().call_verify_hmac_sha512(store, key.resource, message, tag)
        })
    }

    pub fn seal(&self, key: &Handle, algorithm: AeadAlgorithm, plain: &[u8], data: &[u8]) -> Bytes {
        self.0.call(|it, store| {
            it.strongroom_secret_aead().call_seal(store, key.resource, algorithm, plain, data)
        })
    }

    pub fn open(
        &self,
        key: &Handle,
        algorithm: AeadAlgorithm,
        sealed: &[u8],
        data: &[u8],
    ) -> Bytes {
        self.0.call(|it, store| {
            it.strongroom_secret_aead().call_open(store, key.resource, algorithm, sealed, data)
        })
    }

    pub fn seal_with_nonce(
        &self,
        key: &Handle,
        algorithm: AeadAlgorithm,
        nonce: &[u8],
        plain: &[u8],
        data: &[u8],
    ) -> Bytes {
        self.0.call(|it, store| {
            let aead = it.strongroom_secret_aead();
            aead.call_seal_with_nonce(store, key.resource, algorithm, nonce, plain, data)
        })
    }

    pub fn open_with_nonce(
        &self,
        key: &Handle,
        algorithm: AeadAlgorithm,
        nonce: &[u8],
        sealed: &[u8],
        data: &[u8],
    ) -> Bytes {
        self.0.call(|it, store| {
            let aead = it.strongroom_secret_aead();
            aead.call_open_with_nonce(store, key.resource, algorithm, nonce, sealed, data)
        })
    }

    pub fn hkdf_sha256(&self, key: &Handle, salt: &[u8], info: &[u8], len: u64) -> Made {
        self.made(self.0.call(|it, store| {
            it.strongroom_secret_kdf().call_hkdf_sha256(store, key.resource, salt, info, len)
        }))
    }

    pub fn argon2id(&self, password: &Handle, salt: &[u8], cost: Argon2Cost, len: u64) -> Made {
        self.made(self.0.call(|it, store| {
            it.strongroom_secret_kdf().call_argon2id(store, password.resource, salt, cost, len)
        }))
    }

    pub fn sign(&self, seed: &Handle, message: &[u8]) -> Bytes {
        self.0.call(|it, store| {
            it.strongroom_secret_sign().call_sign_ed25519(store, seed.resource, message)
        })
    }

    pub fn public_key(&self, seed: &Handle) -> Bytes {
        self.0.call(|it, store| {
            it.strongroom_secret_sign().call_ed25519_public_key(store, seed.resource)
        })
    }

    pub fn verify(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        self.0.call(|it, store| {
            it.strongroom_secret_sign().call_verify_ed25519(store, public_key, message, signature)
        })
    }

    pub fn wrap_aead(
        &self,
        key: &Handle,
        algorithm: AeadAlgorithm,
        secret: &Handle,
        data: &[u8],
    ) -> Bytes {
        self.0.call(|it, store| {
            let wrap = it.strongroom_secret_wrap();
            wrap.call_wrap_aead(store, key.resource, algorithm, secret.resource, data)
        })
    }

    pub fn unwrap_aead(
        &self,
        key: &Handle,
        algorithm: AeadAlgorithm,
        wrapped: &[u8],
        data: &[u8],
    ) -> Made {
        self.made(self.0.call(|it, store| {
            let wrap = it.strongroom_secret_wrap();
            wrap.call_unwrap_aead(store, key.resource, algorithm, wrapped, data)
        }))
    }

    pub fn wrap_aes_kw(&self, key: &Handle, secret: &Handle) -> Bytes {
        self.0.call(|it, store| {
            it.strongroom_secret_wrap().call_wrap_aes_kw(store, key.resource, secret.resource)
        })
    }

    pub fn unwrap_aes_kw(&self, key: &Handle, wrapped: &[u8]) -> Made {
        self.made(self.0.call(|it, store| {
            it.strongroom_secret_wrap().call_unwrap_aes_kw(store, key.resource, wrapped)
        }))
    }
}
