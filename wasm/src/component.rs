//! The face for components: the exports of `strongroom:secret`, one module for each interface.

use alloc::string::ToString;

use strongroom_core as core;
use strongroom_core::guest;

use self::bindings::exports::strongroom::secret::types::{Error, Secret};
use self::bindings::wasi::random::random::get_random_u64;
use self::held::Held;
use crate::Linear;

mod create;
mod held;
mod types;

#[cfg(feature = "aead")]
mod aead;
#[cfg(feature = "kdf")]
mod kdf;
#[cfg(feature = "mac")]
mod mac;
#[cfg(feature = "reveal")]
mod reveal;
#[cfg(feature = "sign")]
mod sign;
#[cfg(feature = "wrap")]
mod wrap;

mod bindings {
    // The second is the world that `build.rs` has written.
    wit_bindgen::generate!({
        path: ["wit/deps/random", "../wit", concat!(env!("OUT_DIR"), "/component.wit")],
        world: "strongroom:component/component",
        generate_all,
    });
}

struct Component;

/// A secret in linear memory.
type Kept = core::Secret<Linear>;

/// A handle on it, which may be used for some things.
type Restricted = core::Restricted<Linear>;

/// `secret`, of the application's own: it may be used for anything.
fn unrestricted(secret: Kept) -> Restricted {
    secret.into_restricted(core::Uses::all())
}

/// A handle for the application on a secret whose bytes it hasn't given: every one but those of
/// `from-bytes` goes through here.
fn unseen(made: Result<Restricted, core::Error>) -> Result<Secret, Error> {
    let made = made?;
    guest::refuse_guessable(made.len()?)?;
    Held::hand_out(made)
}

/// Random bytes from `wasi:random`, eight at a time, since a list would be one more copy to wipe.
pub(crate) fn random(out: &mut [u8]) -> Result<(), core::Error> {
    for chunk in out.chunks_mut(8) {
        chunk.copy_from_slice(&get_random_u64().to_ne_bytes()[..chunk.len()]);
    }
    Ok(())
}

impl From<core::Error> for Error {
    fn from(error: core::Error) -> Self {
        match error {
            core::Error::Closed => Self::Closed,
            core::Error::Empty => Self::Empty,
            core::Error::TooLarge { max, .. } => Self::TooLarge(max as u64),
            core::Error::Busy => Self::Busy,
            core::Error::OutOfMemory { .. } => Self::OutOfMemory,
            core::Error::Random => Self::RandomUnavailable,
            core::Error::NotAuthentic => Self::NotAuthentic,
            core::Error::NotPermitted { .. } => Self::NotPermitted,
            core::Error::WrongSize { .. } => Self::WrongSize(error.to_string()),
            core::Error::TooCostly { .. } => Self::QuotaExceeded,
            other => Self::Other(other.to_string()),
        }
    }
}

bindings::export!(Component with_types_in bindings);
