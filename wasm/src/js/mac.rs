//! Message authentication.

use super::crossing::{Outcome, arguments, outcome};
use super::with;

/// The HMAC-SHA256 tag of the first argument.
#[unsafe(no_mangle)]
extern "C" fn hmac_sha256(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, ..] = arguments.all();
    outcome(with(number, |secret| secret.hmac_sha256(message)))
}

/// Whether the second argument is the HMAC-SHA256 tag of the first.
#[unsafe(no_mangle)]
extern "C" fn verify_hmac_sha256(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, tag, _] = arguments.all();
    outcome(with(number, |secret| secret.verify_hmac_sha256(message, tag)))
}

/// The HMAC-SHA384 tag of the first argument.
#[unsafe(no_mangle)]
extern "C" fn hmac_sha384(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, ..] = arguments.all();
    outcome(with(number, |secret| secret.hmac_sha384(message)))
}

/// Whether the second argument is the HMAC-SHA384 tag of the first.
#[unsafe(no_mangle)]
extern "C" fn verify_hmac_sha384(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, tag, _] = arguments.all();
    outcome(with(number, |secret| secret.verify_hmac_sha384(message, tag)))
}

/// The HMAC-SHA512 tag of the first argument.
#[unsafe(no_mangle)]
extern "C" fn hmac_sha512(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, ..] = arguments.all();
    outcome(with(number, |secret| secret.hmac_sha512(message)))
}

/// Whether the second argument is the HMAC-SHA512 tag of the first.
#[unsafe(no_mangle)]
extern "C" fn verify_hmac_sha512(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [message, tag, _] = arguments.all();
    outcome(with(number, |secret| secret.verify_hmac_sha512(message, tag)))
}
