//! The choice of an algorithm for authenticated encryption.

use strongroom_core::Aead;

/// The algorithm of this number, in the order of `npm/package/options.js`.
pub(super) fn aead_of(number: u32) -> Aead {
    match number {
        0 => Aead::Aes256Gcm,
        1 => Aead::ChaCha20Poly1305,
        _ => Aead::XChaCha20Poly1305,
    }
}
