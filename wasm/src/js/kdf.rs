//! Deriving secrets from secrets.

use strongroom_core::{Argon2Cost, guest};

use super::crossing::{Outcome, arguments, outcome};
use super::{Handle, numbered, with};

/// A secret of `len` bytes by HKDF-SHA256, with salt and info as arguments.
#[unsafe(no_mangle)]
extern "C" fn hkdf_sha256(number: u32, len: f64) -> Outcome {
    let mut arguments = arguments();
    let [salt, info, _] = arguments.all();
    let derive = |key: &Handle| key.hkdf_sha256(salt, info, guest::length(len as u64)?);
    outcome(with(number, derive).and_then(numbered))
}

/// A secret of `len` bytes by Argon2id, with the salt as argument.
#[unsafe(no_mangle)]
extern "C" fn argon2id(number: u32, len: f64, memory_kib: u32, passes: u32, lanes: u32) -> Outcome {
    let mut arguments = arguments();
    let [salt, ..] = arguments.all();
    let cost = Argon2Cost { memory_kib, passes, lanes };
    let derive = |password: &Handle| {
        password.argon2id(salt, cost.within(Argon2Cost::LIMIT)?, guest::length(len as u64)?)
    };
    outcome(with(number, derive).and_then(numbered))
}
