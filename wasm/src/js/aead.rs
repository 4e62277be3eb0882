//! Authenticated encryption. Plaintexts and the like are the first argument, associated data the
//! second, and a nonce the third.

use super::algorithm::aead_of;
use super::crossing::{Outcome, arguments, outcome};
use super::{entropy, with};

/// Nonce, ciphertext and tag; the nonce is of the random bytes that were brought.
#[unsafe(no_mangle)]
extern "C" fn seal(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [plaintext, data, _] = arguments.all();
    entropy::consumed(|| with(number, |key| key.seal(aead_of(algorithm), plaintext, data)))
}

/// The plaintext of what `seal` made.
#[unsafe(no_mangle)]
extern "C" fn open(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [sealed, data, _] = arguments.all();
    outcome(with(number, |key| key.open(aead_of(algorithm), sealed, data)))
}

/// Ciphertext and tag under a nonce of the caller's.
#[unsafe(no_mangle)]
extern "C" fn seal_with_nonce(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [plaintext, data, nonce] = arguments.all();
    let aead = aead_of(algorithm);
    outcome(with(number, |key| key.seal_with_nonce(aead, nonce, plaintext, data)))
}

/// The plaintext of what `seal_with_nonce` made.
#[unsafe(no_mangle)]
extern "C" fn open_with_nonce(number: u32, algorithm: u32) -> Outcome {
    let mut arguments = arguments();
    let [sealed, data, nonce] = arguments.all();
    let aead = aead_of(algorithm);
    outcome(with(number, |key| key.open_with_nonce(aead, nonce, sealed, data)))
}
