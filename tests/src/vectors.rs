//! The published vectors of `vectors/*.json`: what each algorithm makes of given bytes, and who says so.
//!
//! One file per family of operations; the tests of the npm package read the same files. Algorithms have
//! the names of `strongroom:secret`, bytes are in hexadecimal.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::Deserialize;

/// Bytes, which the files have in hexadecimal.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct Bytes(Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = hex::FromHexError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        hex::decode(digits).map(Self)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// The tags of one message under one key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mac {
    /// Who published it.
    pub source: String,
    /// The key.
    pub key: Bytes,
    /// The message.
    pub message: Bytes,
    /// After how many bytes the source cuts the tags, where it does.
    pub tag_cut_to: Option<usize>,
    /// The tag of each algorithm.
    pub tags: BTreeMap<String, Bytes>,
}

impl Mac {
    /// As much of a tag as the source shows.
    #[must_use]
    pub fn shown<'a>(&self, tag: &'a [u8]) -> &'a [u8] {
        &tag[..self.tag_cut_to.unwrap_or(tag.len())]
    }
}

/// One encryption.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aead {
    /// Who published it.
    pub source: String,
    /// `aes256-gcm`, ..
    pub algorithm: String,
    /// The key.
    pub key: Bytes,
    /// The nonce.
    pub nonce: Bytes,
    /// What is authenticated and not encrypted.
    pub associated_data: Bytes,
    /// What is encrypted.
    pub plaintext: Bytes,
    /// What becomes of it, without the tag.
    pub ciphertext: Bytes,
    /// The tag.
    pub tag: Bytes,
}

/// The derivations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kdf {
    /// From keys.
    pub hkdf: Vec<Hkdf>,
    /// From passwords.
    pub argon2id: Vec<Argon2id>,
}

/// One derivation from a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hkdf {
    /// Who published it.
    pub source: String,
    /// `hkdf-sha256`.
    pub algorithm: String,
    /// The key.
    pub key: Bytes,
    /// The salt.
    pub salt: Bytes,
    /// What it is for.
    pub info: Bytes,
    /// What is derived.
    pub derived: Bytes,
}

/// One derivation from a password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argon2id {
    /// Who published it.
    pub source: String,
    /// The password.
    pub password: Bytes,
    /// The salt.
    pub salt: Bytes,
    /// The key, where there is one; components and JavaScript have no such operation.
    pub keyed: Option<Keyed>,
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// What is derived.
    pub derived: Bytes,
}

/// What makes the result depend on a key as well.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyed {
    /// The key, which the RFC calls the secret.
    pub key: Bytes,
    /// The associated data.
    pub associated_data: Bytes,
}

/// One signature.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who published it.
    pub source: String,
    /// `ed25519`.
    pub algorithm: String,
    /// The secret.
    pub seed: Bytes,
    /// The public key that belongs to it.
    pub public_key: Bytes,
    /// The message.
    pub message: Bytes,
    /// Its signature.
    pub signature: Bytes,
}

/// One secret as ciphertext under another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapped {
    /// Who published it.
    pub source: String,
    /// `aes-kw`.
    pub algorithm: String,
    /// The key.
    pub key: Bytes,
    /// What is wrapped.
    pub secret: Bytes,
    /// What becomes of it.
    pub wrapped: Bytes,
}

/// The vectors of a family, read each time; a file that isn't as it should be is a panic.
macro_rules! families {
    ($($family:ident: $vectors:ty;)*) => { $(
        #[doc = concat!("The vectors of the family `", stringify!($family), "`.")]
        ///
        /// # Panics
        ///
        /// If the file has something else in it.
        #[must_use]
        pub fn $family() -> $vectors {
            let file = include_str!(concat!("../vectors/", stringify!($family), ".json"));
            serde_json::from_str(file).expect(concat!(stringify!($family), ".json is well-formed"))
        }
    )* };
}

families! {
    mac: Vec<Mac>;
    aead: Vec<Aead>;
    kdf: Kdf;
    sign: Vec<Signature>;
    wrap: Vec<Wrapped>;
}
