//! The operations by handle against the published vectors of their algorithms.

use strongroom::{Aead, Argon2Cost, Error, Secret, verify_ed25519};
use strongroom_tests::operations::{Cost, Operations, assert_as_published};
use strongroom_tests::vectors;

struct Native;

fn aead(algorithm: &str) -> Aead {
    match algorithm {
        "aes256-gcm" => Aead::Aes256Gcm,
        "chacha20-poly1305" => Aead::ChaCha20Poly1305,
        "xchacha20-poly1305" => Aead::XChaCha20Poly1305,
        _ => panic!("there is no AEAD {algorithm}"),
    }
}

impl Operations for Native {
    type Secret = Secret;
    type Error = Error;

    fn secret(&self, bytes: &[u8]) -> Secret {
        Secret::try_from(bytes.to_vec()).expect("there is memory for a small secret")
    }

    fn bytes(&self, secret: &Secret) -> Vec<u8> {
        secret.with_bytes(<[u8]>::to_vec).expect("the secret is open")
    }

    fn hmac(&self, key: &Secret, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        match algorithm {
            "hmac-sha256" => key.hmac_sha256(message).map(Vec::from),
            "hmac-sha384" => key.hmac_sha384(message).map(Vec::from),
            "hmac-sha512" => key.hmac_sha512(message).map(Vec::from),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn verify_hmac(
        &self,
        key: &Secret,
        algorithm: &str,
        message: &[u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        match algorithm {
            "hmac-sha256" => key.verify_hmac_sha256(message, tag),
            "hmac-sha384" => key.verify_hmac_sha384(message, tag),
            "hmac-sha512" => key.verify_hmac_sha512(message, tag),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn seal_with_nonce(
        &self,
        key: &Secret,
        algorithm: &str,
        nonce: &[u8],
        plain: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        key.seal_aead_with_nonce(aead(algorithm), nonce, plain, data)
    }

    fn open_with_nonce(
        &self,
        key: &Secret,
        algorithm: &str,
        nonce: &[u8],
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        Ok(key.open_aead_with_nonce(aead(algorithm), nonce, sealed, data)?.to_vec())
    }

    fn open(
        &self,
        key: &Secret,
        algorithm: &str,
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        Ok(key.open_aead(aead(algorithm), sealed, data)?.to_vec())
    }

    fn unwrap_aead(
        &self,
        key: &Secret,
        algorithm: &str,
        wrapped: &[u8],
        data: &[u8],
    ) -> Result<Secret, Error> {
        key.unwrap_aead(aead(algorithm), wrapped, data)
    }

    fn hkdf(
        &self,
        key: &Secret,
        algorithm: &str,
        salt: &[u8],
        info: &[u8],
        len: usize,
    ) -> Result<Secret, Error> {
        match algorithm {
            "hkdf-sha256" => key.hkdf_sha256(salt, info, len),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn argon2id(
        &self,
        password: &Secret,
        salt: &[u8],
        Cost { memory_kib, passes, lanes }: Cost,
        len: usize,
    ) -> Result<Secret, Error> {
        password.argon2id(salt, Argon2Cost { memory_kib, passes, lanes }, len)
    }

    fn public_key(&self, seed: &Secret, algorithm: &str) -> Result<Vec<u8>, Error> {
        match algorithm {
            "ed25519" => seed.ed25519_public_key().map(Vec::from),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn sign(&self, seed: &Secret, algorithm: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        match algorithm {
            "ed25519" => seed.sign_ed25519(message).map(Vec::from),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn verify(
        &self,
        public_key: &[u8],
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        match algorithm {
            "ed25519" => verify_ed25519(public_key, message, signature),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn wrap(&self, key: &Secret, algorithm: &str, secret: &Secret) -> Result<Vec<u8>, Error> {
        match algorithm {
            "aes-kw" => key.wrap_aes_kw(secret),
            _ => panic!("there is no {algorithm}"),
        }
    }

    fn unwrap(&self, key: &Secret, algorithm: &str, wrapped: &[u8]) -> Result<Secret, Error> {
        match algorithm {
            "aes-kw" => key.unwrap_aes_kw(wrapped),
            _ => panic!("there is no {algorithm}"),
        }
    }
}

#[test]
fn operations_are_as_published() {
    assert_as_published(&Native);
}

#[test]
fn argon2id_under_a_key_is_as_published() {
    let mut checked = 0;
    for vector in &vectors::kdf().argon2id {
        let Some(vectors::Keyed { key, associated_data }) = &vector.keyed else { continue };
        let vectors::Argon2id { source, password, salt, derived, .. } = vector;
        let vectors::Argon2id { memory_kib, passes, lanes, .. } = *vector;
        let cost = Argon2Cost { memory_kib, passes, lanes };
        let (password, key) = (Native.secret(password), Native.secret(key));
        let made = password.argon2id_keyed(&key, salt, associated_data, cost, derived.len());
        assert_eq!(Native.bytes(&made.unwrap()), **derived, "{source}");
        checked += 1;
    }
    assert_ne!(checked, 0);
}
