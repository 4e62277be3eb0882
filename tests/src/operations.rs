//! The operations by handle, on any host that has them, and all of them on every published vector.

use std::fmt::Debug;

use crate::vectors;

/// What one Argon2id takes.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// What a host can do with a secret without showing it. Algorithms go by their names in
/// `strongroom:secret`; one that the host doesn't have is a panic.
pub trait Operations {
    /// A handle.
    type Secret;
    /// Why an operation was refused.
    type Error: Debug;

    /// A secret with these bytes.
    fn secret(&self, bytes: &[u8]) -> Self::Secret;
    /// All bytes of one.
    fn bytes(&self, secret: &Self::Secret) -> Vec<u8>;

    /// The tag of `message`.
    fn hmac(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        message: &[u8],
    ) -> Result<Vec<u8>, Self::Error>;
    /// Whether `tag` is the tag of `message`.
    fn verify_hmac(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        message: &[u8],
        tag: &[u8],
    ) -> Result<bool, Self::Error>;

    /// Ciphertext and tag of `plain`, with `data` authenticated.
    fn seal_with_nonce(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        nonce: &[u8],
        plain: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Self::Error>;
    /// The plaintext of ciphertext and tag.
    fn open_with_nonce(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        nonce: &[u8],
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Self::Error>;
    /// The plaintext of nonce, ciphertext and tag.
    fn open(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        sealed: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>, Self::Error>;
    /// The same as a secret.
    fn unwrap_aead(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        wrapped: &[u8],
        data: &[u8],
    ) -> Result<Self::Secret, Self::Error>;

    /// A secret of `len` bytes from a key.
    fn hkdf(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        salt: &[u8],
        info: &[u8],
        len: usize,
    ) -> Result<Self::Secret, Self::Error>;
    /// A secret of `len` bytes from a password.
    fn argon2id(
        &self,
        password: &Self::Secret,
        salt: &[u8],
        cost: Cost,
        len: usize,
    ) -> Result<Self::Secret, Self::Error>;

    /// The public key that belongs to `seed`.
    fn public_key(&self, seed: &Self::Secret, algorithm: &str) -> Result<Vec<u8>, Self::Error>;
    /// The signature of `message`.
    fn sign(
        &self,
        seed: &Self::Secret,
        algorithm: &str,
        message: &[u8],
    ) -> Result<Vec<u8>, Self::Error>;
    /// Whether `signature` is one of `message`.
    fn verify(
        &self,
        public_key: &[u8],
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Self::Error>;

    /// `secret` as ciphertext under `key`.
    fn wrap(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        secret: &Self::Secret,
    ) -> Result<Vec<u8>, Self::Error>;
    /// The secret that was wrapped.
    fn unwrap(
        &self,
        key: &Self::Secret,
        algorithm: &str,
        wrapped: &[u8],
    ) -> Result<Self::Secret, Self::Error>;
}

/// Asserts that `host` makes of every vector what its source says.
///
/// # Panics
///
/// With the source, if it doesn't.
pub fn assert_as_published<H: Operations>(host: &H) {
    mac(host);
    aead(host);
    kdf(host);
    sign(host);
    wrap(host);
}

/// Asserts that an operation has made `published`.
#[track_caller]
fn assert_makes<E: Debug>(made: Result<Vec<u8>, E>, published: &[u8], source: &str) {
    let made = made.unwrap_or_else(|error| panic!("{source}: {error:?}"));
    assert!(made == published, "{source}: {made:02x?} instead of {published:02x?}");
}

/// The bytes with one bit of the last one changed.
fn changed(bytes: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    *changed.last_mut().expect("there is a byte to change") ^= 1;
    changed
}

fn mac<H: Operations>(host: &H) {
    for vector in vectors::mac() {
        let key = host.secret(&vector.key);
        for (algorithm, published) in &vector.tags {
            let source = format!("{}, {algorithm}", vector.source);
            let tag = host.hmac(&key, algorithm, &vector.message).expect(&source);
            assert_makes::<H::Error>(Ok(vector.shown(&tag).to_vec()), published, &source);
            let verifies = |tag: &[u8]| {
                host.verify_hmac(&key, algorithm, &vector.message, tag).expect(&source)
            };
            assert!(verifies(&tag), "{source}");
            assert!(!verifies(&changed(&tag)), "{source}");
            assert!(!verifies(&tag[1..]), "{source}");
        }
    }
}

fn aead<H: Operations>(host: &H) {
    for vector in vectors::aead() {
        let vectors::Aead { source, algorithm, nonce, associated_data: data, .. } = &vector;
        let key = host.secret(&vector.key);
        let plain = &vector.plaintext;
        let published = [&*vector.ciphertext, &*vector.tag].concat();
        let sealed = host.seal_with_nonce(&key, algorithm, nonce, plain, data);
        assert_makes(sealed, &published, source);
        let opened = host.open_with_nonce(&key, algorithm, nonce, &published, data);
        assert_makes(opened, plain, source);

        let whole = [nonce, &*published].concat();
        assert_makes(host.open(&key, algorithm, &whole, data), plain, source);
        // No secret is empty.
        if !plain.is_empty() {
            let unwrapped = host.unwrap_aead(&key, algorithm, &whole, data);
            assert_makes(unwrapped.map(|secret| host.bytes(&secret)), plain, source);
        }
    }
}

fn kdf<H: Operations>(host: &H) {
    let vectors::Kdf { hkdf, argon2id } = vectors::kdf();
    for vectors::Hkdf { source, algorithm, key, salt, info, derived } in &hkdf {
        let made = host.hkdf(&host.secret(key), algorithm, salt, info, derived.len());
        assert_makes(made.map(|secret| host.bytes(&secret)), derived, source);
    }
    for vector in argon2id.iter().filter(|vector| vector.keyed.is_none()) {
        let password = host.secret(&vector.password);
        let vectors::Argon2id { memory_kib, passes, lanes, .. } = *vector;
        let cost = Cost { memory_kib, passes, lanes };
        let made = host.argon2id(&password, &vector.salt, cost, vector.derived.len());
        assert_makes(made.map(|secret| host.bytes(&secret)), &vector.derived, &vector.source);
    }
}

fn sign<H: Operations>(host: &H) {
    for vector in vectors::sign() {
        let vectors::Signature { source, algorithm, public_key, message, signature, .. } = &vector;
        let seed = host.secret(&vector.seed);
        assert_makes(host.public_key(&seed, algorithm), public_key, source);
        assert_makes(host.sign(&seed, algorithm, message), signature, source);
        let verifies = |message: &[u8], signature: &[u8]| {
            host.verify(public_key, algorithm, message, signature).expect(source)
        };
        assert!(verifies(message, signature), "{source}");
        assert!(!verifies(message, &changed(signature)), "{source}");
        assert!(!verifies(message, &signature[1..]), "{source}");
        assert!(!verifies(&[message, &b"x"[..]].concat(), signature), "{source}");
    }
}

fn wrap<H: Operations>(host: &H) {
    for vectors::Wrapped { source, algorithm, key, secret, wrapped } in &vectors::wrap() {
        let key = host.secret(key);
        assert_makes(host.wrap(&key, algorithm, &host.secret(secret)), wrapped, source);
        let unwrapped = host.unwrap(&key, algorithm, wrapped);
        assert_makes(unwrapped.map(|secret| host.bytes(&secret)), secret, source);
    }
}
