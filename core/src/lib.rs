//! The decisions of strongroom: how a secret lives, is used, is replaced and ends.
//!
//! This crate knows no operating system and no JavaScript. A host gives it memory through
//! [`Storage`] and [`Region`]; the crate decides when that memory is filled, who may read it, and
//! when it is wiped. `strongroom` is the host for servers, `strongroom-wasm` the one for browsers
//! and components; all three run this one piece of logic.
//!
//! # A host
//!
//! The least that a host needs: memory to fill, wipe and give back, and a way to wait for other threads.
//! This one is the ordinary heap, which protects nothing; `strongroom` does the same with locked pages.
//!
//! ```
//! use std::ptr::NonNull;
//! use std::thread;
//!
//! use strongroom_core::sync::AtomicU64;
//! use strongroom_core::{
//!     AtRest, CloseOutcome, Error, Region, Released, Secret, Storage, atomic_bytes,
//! };
//!
//! struct Heap;
//!
//! struct Words(Vec<AtomicU64>);
//!
//! // SAFETY: by the numbers of `Region`'s guarantees:
//! // 1. The vector owns its words, which `allocate` made as zeros, and never moves them.
//! // 2. They are not `Readable` at rest.
//! // 3. They stay where they are until `release`; nothing makes them unreadable.
//! // 4. `clear` overwrites all of them, and doesn't unwind.
//! unsafe impl Region for Words {
//!     fn start(&self) -> NonNull<AtomicU64> {
//!         NonNull::from(self.0.as_slice()).cast()
//!     }
//!
//!     fn at_rest(&self) -> AtRest {
//!         AtRest::PinOnly
//!     }
//!
//!     fn release(self) -> Released {
//!         atomic_bytes::clear(&self.0);
//!         Released::Intact
//!     }
//! }
//!
//! // SAFETY: `count` says how many words hold `len` bytes, and no region is `Readable` at rest.
//! unsafe impl Storage for Heap {
//!     type Region = Words;
//!
//!     fn allocate(&self, len: usize) -> Result<Words, Error> {
//!         let count = atomic_bytes::count(len);
//!         let mut words = Vec::new();
//!         words.try_reserve_exact(count).map_err(|_| Error::OutOfMemory { asked: len })?;
//!         words.resize_with(count, AtomicU64::default);
//!         Ok(Words(words))
//!     }
//!
//!     fn relax(&self, _attempt: u32) -> Result<(), Error> {
//!         thread::yield_now();
//!         Ok(())
//!     }
//! }
//!
//! let mut password = *b"correct horse";
//! let secret = Secret::new_in(Heap, &mut password)?;
//! assert_eq!(password, [0; 13]); // wiped, as it is a secret now
//!
//! let other = secret.clone(); // a second handle on the same secret
//! assert_eq!(other.with_bytes(|bytes| bytes.len())?, 13);
//! other.replace(&mut *b"battery staple".to_owned().as_mut())?;
//! assert!(secret.ct_eq(b"battery staple")?);
//!
//! let guard = secret.expose()?;
//! assert_eq!(other.close(), CloseOutcome::Deferred); // never waits for a reader
//! assert_eq!(&*guard, b"battery staple");
//! drop(guard); // the last reader wipes
//! assert_eq!(secret.wiped(), Some(Released::Intact));
//! assert_eq!(secret.with_bytes(|_| ()), Err(Error::Closed));
//! # Ok::<(), Error>(())
//! ```
//!
//! # How it works
//!
//! That is told where it is done: `word.rs` has the bits, `state.rs` the atomic transitions
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
mod content;
#[cfg(feature = "encrypted")]
mod encrypted;
mod error;
mod exposed;
mod extra;
mod filling;
pub mod guest;
mod hazards;
mod idle;
mod lazy_box;
mod local;
mod note;
mod ops;
mod outcome;
mod own_line;
mod reader;
mod restricted;
pub mod room;
#[cfg(feature = "encrypted")]
mod root_key;
mod secret;
mod shared;
mod state;
mod storage;
pub mod sync;
mod uses;
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
pub use local::{LocalExposed, LocalSecret};
#[cfg(feature = "aead")]
pub use ops::aead::Aead;
#[cfg(feature = "aead")]
pub use ops::aead_stream::{AEAD_SEGMENT_LEN, OpenStream, SealStream};
#[cfg(feature = "sign")]
pub use ops::ed25519::{ED25519_PUBLIC_KEY_LEN, ED25519_SIGNATURE_LEN};
#[cfg(feature = "kdf")]
pub use ops::kdf::Argon2Cost;
#[cfg(feature = "mac")]
pub use ops::mac::{HMAC_SHA256_LEN, HMAC_SHA384_LEN, HMAC_SHA512_LEN};
#[cfg(feature = "mac")]
pub use ops::mac_stream::{Hmac, HmacStream};
#[cfg(feature = "sign")]
pub use ops::sign::verify_ed25519;
#[cfg(feature = "wrap")]
pub use ops::wrap::{AES_KW_MAX, AES_KW_OVERHEAD};
pub use outcome::CloseOutcome;
pub use own_line::CACHE_LINE;
pub use reader::Reader;
pub use restricted::Restricted;
pub use secret::Secret;
pub use storage::{AtRest, Region, Released, Storage};
pub use uses::Uses;
#[cfg(feature = "encrypted")]
pub use vault::{NewKey, Rekeyed, Vault};
#[cfg(not(strongroom_loom))]
pub use weak::WeakSecret;
