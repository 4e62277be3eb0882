//! The decisions of strongroom: how a secret lives, is used, is replaced and ends.
//!
//! This crate knows no operating system and no JavaScript. A host gives it memory through
//! [`Storage`] and [`Region`]; the crate decides when that memory is filled, who may read it, and
//! when it is wiped. `strongroom` is the host for servers, `strongroom-wasm` the one for browsers
//! and components; all three run this one piece of logic.
//!
//! How it works is told where it is done: `word.rs` has the bits, `state.rs` the atomic transitions
//! on them, `content.rs` who may touch the memory when, `shared.rs` the steps, `secret.rs` the
//! operations that users see.

#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(not(target_has_atomic = "64"))]
compile_error!(
    "strongroom needs atomic operations on 64 bits, which this target hasn't got: the state of a \
     secret, its count of readers included, is one word of that size"
);

pub mod atomic_bytes;
mod cache_line;
mod content;
#[cfg(feature = "encrypted")]
mod encrypted;
mod error;
mod exposed;
mod filling;
pub mod guest;
mod idle;
mod ops;
mod reader;
#[cfg(any(feature = "aead", feature = "encrypted"))]
mod room;
#[cfg(feature = "encrypted")]
mod root_key;
mod secret;
mod shared;
mod state;
mod storage;
pub mod sync;
#[cfg(feature = "encrypted")]
mod vault;
#[cfg(not(strongroom_loom))]
mod weak;
pub mod wipe;
mod word;

#[cfg(feature = "encrypted")]
pub use encrypted::EncryptedRegion;
pub use error::Error;
pub use exposed::Exposed;
pub use idle::{Idleness, LastLook};
#[cfg(feature = "aead")]
pub use ops::aead::Aead;
#[cfg(feature = "kdf")]
pub use ops::kdf::Argon2Cost;
#[cfg(feature = "mac")]
pub use ops::mac::{HMAC_SHA256_LEN, HMAC_SHA512_LEN};
#[cfg(feature = "sign")]
pub use ops::sign::{ED25519_PUBLIC_KEY_LEN, ED25519_SIGNATURE_LEN, verify_ed25519};
#[cfg(feature = "wrap")]
pub use ops::wrap::{AES_KW_MAX, AES_KW_OVERHEAD};
pub use reader::Reader;
pub use secret::{CloseOutcome, Secret};
pub use storage::{AtRest, Region, Released, Storage};
#[cfg(feature = "encrypted")]
pub use vault::{NewKey, Rekeyed, Vault};
#[cfg(not(strongroom_loom))]
pub use weak::WeakSecret;
