//! Ed25519 signatures.

use strongroom_core::verify_ed25519 as verify;

use super::crossing::{Outcome, arguments, outcome};
use super::with;

/// The signature of the first argument.
#[unsafe(no_mangle)]
extern "C" fn sign_ed25519(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, ..] = arguments.all();
    outcome(with(number, |seed| seed.sign_ed25519(message)))
}

/// The public key.
#[unsafe(no_mangle)]
extern "C" fn ed25519_public_key(number: u32) -> Outcome {
    outcome(with(number, |seed| seed.ed25519_public_key()))
}

/// Whether, of public key, message and signature, the third is right. Needs no secret.
#[unsafe(no_mangle)]
extern "C" fn verify_ed25519() -> Outcome {
    let mut arguments = arguments();
    let [public_key, message, signature] = arguments.all();
    outcome(verify(public_key, message, signature))
}
