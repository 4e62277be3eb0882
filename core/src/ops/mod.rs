//! What a secret can do without being read: operations by handle.
//!
//! | family | feature | operations |
//! | --- | --- | --- |
//! | `mac` | `mac` | HMAC-SHA256, HMAC-SHA384, HMAC-SHA512: make a tag, verify one; the same of a stream |
//! | `aead` | `aead` | AES-256-GCM, ChaCha20-Poly1305, XChaCha20-Poly1305: seal, open; the same of a stream |
//! | `kdf` | `kdf` | HKDF-SHA256, Argon2id: from a secret to a new one |
//! | `sign` | `sign` | Ed25519: sign, public key, verify |
//! | `wrap` | `wrap` | a secret as ciphertext under another, and back: AES-KW or an AEAD |
//! | `equal` | | compare two handles |
//! | `generate` | | random bytes, passwords |
//!
//! One call takes what fits into memory, and in components and JavaScript at most 16 MiB
//! ([`guest::MAX_INPUT`](crate::guest::MAX_INPUT)). In Rust, what is longer is a stream: any number of pieces.
//!
//! The algorithms are those of the RustCrypto and dalek crates. What is decided here: how a key
//! is read, that a result which is itself secret is written straight into a new secret
//! in the same kind of memory, that nothing of either is left on the stack, and which errors tell
//! what.

#[cfg(feature = "aead")]
pub(crate) mod aead;
#[cfg(feature = "aead")]
pub(crate) mod aead_stream;
#[cfg(feature = "sign")]
mod base_point;
#[cfg(feature = "sign")]
pub(crate) mod ed25519;
mod equal;
mod generate;
#[cfg(feature = "kdf")]
pub(crate) mod kdf;
#[cfg(any(feature = "mac", feature = "aead", feature = "sign"))]
mod key;
#[cfg(feature = "mac")]
pub(crate) mod mac;
#[cfg(feature = "mac")]
pub(crate) mod mac_stream;
mod operations;
#[cfg(feature = "sign")]
pub(crate) mod sign;
#[cfg(any(feature = "mac", feature = "aead"))]
mod stream;
#[cfg(feature = "wrap")]
pub(crate) mod wrap;
