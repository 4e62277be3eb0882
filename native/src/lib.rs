//! Secrets in locked, guarded memory that are as fast to use as unprotected ones.
//!
//! ```
//! use strongroom::Secret;
//!
//! let mut key = *b"0123456789abcdef0123456789abcdef";
//! let secret = Secret::new(&mut key)?; // `key` is now all zeros
//! assert_eq!(key, [0; 32]);
//!
//! let tag = secret.hmac_sha256(b"message")?; // the key stays where it is
//! assert!(secret.verify_hmac_sha256(b"message", &tag)?);
//!
//! let first = secret.with_bytes(|bytes| bytes[0])?;
//! assert_eq!(first, b'0');
//!
//! secret.close(); // seen by all clones
//! assert_eq!(secret.with_bytes(|_| ()), Err(strongroom::Error::Closed));
//! # Ok::<(), strongroom::Error>(())
//! ```
//!
//! What protects a secret is in [`Protection`]; what is really in force on this machine can be read
//! from [`Secret::protections`] and [`capabilities`]. The decisions are made in `strongroom-core`;
//! this crate provides the memory.
//!
//! No call takes more than 64 KiB of its thread's stack, or, where code isn't optimised, 128 KiB.

#![deny(unsafe_op_in_unsafe_fn)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod capabilities;
mod cost;
pub mod harden;
mod heap;
mod local;
mod mutex;
mod ops;
mod os;
mod pages;
mod places;
mod policy;
mod process;
mod protection;
mod read;
mod region;
mod restricted;
mod secret;
mod source;
mod stats;
mod storage;
#[cfg(any(feature = "mac", feature = "aead"))]
mod stream;

pub use builder::Builder;
pub use capabilities::{Capabilities, capabilities};
pub use cost::{Cost, Limits, Usage, limits, trim, usage};
pub use local::{LocalExposed, LocalSecret};
pub use policy::{
    OnOverrun, default_backing, set_default_backing, set_default_on_lock_failure, set_on_overrun,
};
pub use process::rekey;
pub use protection::{Backing, ForkDetection, OnLockFailure, Protection, Protections, Reprotect};
pub use restricted::Restricted;
pub use secret::{Exposed, Reader, Secret};
pub use source::{Rejected, Source};
pub use stats::{Stats, stats};
#[cfg(feature = "mac")]
pub use stream::HmacStream;
#[cfg(feature = "aead")]
pub use stream::{OpenReader, OpenStream, SealStream, SealWriter};
#[cfg(feature = "kdf")]
pub use strongroom_core::Argon2Cost;
#[cfg(feature = "aead")]
pub use strongroom_core::{AEAD_SEGMENT_LEN, Aead};
#[cfg(feature = "wrap")]
pub use strongroom_core::{AES_KW_MAX, AES_KW_OVERHEAD};
pub use strongroom_core::{CloseOutcome, Error, Rekeyed, Uses};
#[cfg(feature = "sign")]
pub use strongroom_core::{ED25519_PUBLIC_KEY_LEN, ED25519_SIGNATURE_LEN, verify_ed25519};
#[cfg(feature = "mac")]
pub use strongroom_core::{HMAC_SHA256_LEN, HMAC_SHA384_LEN, HMAC_SHA512_LEN, Hmac};
