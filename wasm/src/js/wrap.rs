//! Secrets that leave only as ciphertext under another, and come back as secrets.

use strongroom_core::guest;

use super::algorithm::aead_of;
use super::crossing::{Outcome, arguments, outcome};
use super::{Handle, entropy, numbered, with, with_both};

/// The `other` secret as `seal` would encrypt it, with the associated data as second argument.
#[unsafe(no_mangle)]
extern "C" fn wrap_aead(number: u32, algorithm: u32, other: u32) -> Outcome {
    let mut arguments = arguments();
    let [_, data, _] = arguments.all();
    let aead = aead_of(algorithm);
    let wrap = |key: &Handle, secret: &Handle| {
        guest::length(aead.sealed_len(secret.len()?) as u64)?;
        key.wrap_aead(aead, secret, data)
    };
    entropy::consumed(|| with_both(number, other, wrap))
}

/// The secret that the first argument wraps, with the associated data as second.
#[unsafe(no_mangle)]
extern "C" fn unwrap_aead(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [wrapped, data, _] = arguments.all();
    let aead = aead_of(algorithm);
    outcome(with(number, |key| key.unwrap_aead(aead, wrapped, data)).and_then(numbered))
}

/// The `other` secret by AES key wrap.
#[unsafe(no_mangle)]
extern "C" fn wrap_aes_kw(number: u32, other: u32) -> Outcome {
    outcome(with_both(number, other, |key, secret| key.wrap_aes_kw(secret)))
}

/// The secret that the first argument wraps.
#[unsafe(no_mangle)]
extern "C" fn unwrap_aes_kw(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [wrapped, ..] = arguments.all();
    outcome(with(number, |key| key.unwrap_aes_kw(wrapped)).and_then(numbered))
}
