//! Authenticated encryption. Plaintexts and the like are the first argument, associated data the
//! second, and a nonce the third.

use core::mem;

use strongroom_core::{Aead, guest};

use super::algorithm::aead_of;
use super::crossing::{Outcome, arguments, outcome};
use super::{Handle, entropy, with};

/// Nonce, ciphertext and tag; the nonce is of the random bytes that were brought.
#[unsafe(no_mangle)]
extern "C" fn seal(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [plaintext, data, _] = arguments.all();
    let aead = aead_of(algorithm);
    let seal = |key: &Handle| {
        guest::length(aead.sealed_len(plaintext.len()) as u64)?;
        key.seal_aead(aead, plaintext, data)
    };
    entropy::consumed(|| with(number, seal))
}

/// The plaintext of what `seal` made.
#[unsafe(no_mangle)]
extern "C" fn open(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [sealed, data, _] = arguments.all();
    let open = |key: &Handle| key.open_aead(aead_of(algorithm), sealed, data);
    // Whoever frees it, the heap wipes it.
    outcome(with(number, open).map(|mut plaintext| mem::take(&mut *plaintext)))
}

/// Ciphertext and tag under a nonce of the caller's.
#[unsafe(no_mangle)]
extern "C" fn seal_with_nonce(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [plaintext, data, nonce] = arguments.all();
    let seal = |key: &Handle| {
        guest::length((plaintext.len() + Aead::TAG_LEN) as u64)?;
        key.seal_aead_with_nonce(aead_of(algorithm), nonce, plaintext, data)
    };
    outcome(with(number, seal))
}

/// The plaintext of what `seal_with_nonce` made.
#[unsafe(no_mangle)]
extern "C" fn open_with_nonce(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [sealed, data, nonce] = arguments.all();
    let aead = aead_of(algorithm);
    let open = |key: &Handle| key.open_aead_with_nonce(aead, nonce, sealed, data);
    // Whoever frees it, the heap wipes it.
    outcome(with(number, open).map(|mut plaintext| mem::take(&mut *plaintext)))
}
