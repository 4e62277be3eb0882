//! Ed25519 (RFC 8032, section 5.1) by a key whose public half is known.
//!
//! ed25519-dalek signs by a seed, and works out the public key each time, which is half of the work; or by a public
//! key that it has decompressed, which takes a third as long again. So the few lines of the RFC that make a
//! signature stand here, on dalek's arithmetic.

use curve25519_dalek::Scalar;
use ed25519_dalek::hazmat::ExpandedSecretKey;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use super::base_point;
use crate::note::NOTE_LEN;

/// Bytes of an Ed25519 public key.
pub const ED25519_PUBLIC_KEY_LEN: usize = ed25519_dalek::PUBLIC_KEY_LENGTH;

/// Bytes of an Ed25519 signature.
pub const ED25519_SIGNATURE_LEN: usize = ed25519_dalek::SIGNATURE_LENGTH;

/// Bytes of a seed.
pub(super) const SEED_LEN: usize = ed25519_dalek::SECRET_KEY_LENGTH;

/// What the check of a note hashes first, so that it is no hash that a signature is made with.
const NOTED: &[u8] = b"strongroom: noted public key";

/// What a seed expands to.
pub(super) struct SigningKey {
    expanded: ExpandedSecretKey,
    public_key: [u8; ED25519_PUBLIC_KEY_LEN],
    is_news: bool,
}

impl SigningKey {
    /// Of `seed`; the public key is that of `note`, if it is one of this seed.
    pub(super) fn new(seed: &[u8; SEED_LEN], note: &[u8; NOTE_LEN]) -> Self {
        let expanded = ExpandedSecretKey::from(seed);
        let noted = noted(&expanded, note);
        let public_key =
            noted.unwrap_or_else(|| base_point::times(&expanded.scalar).compress().to_bytes());
        Self { expanded, public_key, is_news: noted.is_none() }
    }

    /// Whether the public key wasn't noted.
    pub(super) fn is_news(&self) -> bool {
        self.is_news
    }

    /// The public key.
    pub(super) fn public_key(&self) -> [u8; ED25519_PUBLIC_KEY_LEN] {
        self.public_key
    }

    /// What to note of this key.
    pub(super) fn note(&self) -> [u8; NOTE_LEN] {
        note_of(&self.expanded, &self.public_key)
    }

    /// The signature of `message`.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; ED25519_SIGNATURE_LEN] {
        let hash = Sha512::new_with_prefix(self.expanded.hash_prefix).chain_update(message);
        let nonce = Scalar::from_hash(hash);
        let commitment = base_point::times(&nonce).compress();
        let hash = Sha512::new_with_prefix(commitment.as_bytes()).chain_update(self.public_key);
        let challenge = Scalar::from_hash(hash.chain_update(message));
        let response = challenge * self.expanded.scalar + nonce;

        let mut signature = [0; ED25519_SIGNATURE_LEN];
        signature[..32].copy_from_slice(commitment.as_bytes());
        signature[32..].copy_from_slice(response.as_bytes());
        signature
    }
}

/// The public key in `note`, if whoever noted it had the same key: signing with any other would give the
/// secret scalar away.
fn noted(key: &ExpandedSecretKey, note: &[u8; NOTE_LEN]) -> Option<[u8; ED25519_PUBLIC_KEY_LEN]> {
    let public_key = note.first_chunk().expect("a note begins with a public key");
    bool::from(note_of(key, public_key).ct_eq(note)).then_some(*public_key)
}

/// A public key and a check that it is the one of `key`: a hash of both.
fn note_of(key: &ExpandedSecretKey, public_key: &[u8; ED25519_PUBLIC_KEY_LEN]) -> [u8; NOTE_LEN] {
    let check = Sha512::new_with_prefix(NOTED)
        .chain_update(key.hash_prefix)
        .chain_update(public_key)
        .finalize();
    let mut note = [0; NOTE_LEN];
    let (first, rest) = note.split_at_mut(ED25519_PUBLIC_KEY_LEN);
    first.copy_from_slice(public_key);
    rest.copy_from_slice(&check[..rest.len()]);
    note
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::Signer;

    use super::*;

    const NOTHING: [u8; NOTE_LEN] = [0; NOTE_LEN];

    fn signed_by_dalek(seed: &[u8; SEED_LEN], message: &[u8]) -> [u8; ED25519_SIGNATURE_LEN] {
        ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_bytes()
    }

    #[test]
    fn signatures_are_those_of_the_crate_noted_or_not() {
        let message: [u8; 300] = core::array::from_fn(|index| index as u8);
        for first in 0..20 {
            let seed = core::array::from_fn(|index| first ^ (7 * index as u8));
            let key = SigningKey::new(&seed, &NOTHING);
            let again = SigningKey::new(&seed, &key.note());
            assert_eq!((key.is_news(), again.is_news()), (true, false));
            for len in [0, 1, 63, 64, 127, 128, 300] {
                let expected = signed_by_dalek(&seed, &message[..len]);
                assert_eq!([key.sign(&message[..len]), again.sign(&message[..len])], [expected; 2]);
            }
        }
    }

    #[test]
    fn a_note_that_is_not_right_in_each_bit_is_not_believed() {
        let seed = [3; SEED_LEN];
        let note = SigningKey::new(&seed, &NOTHING).note();
        for bit in 0..8 * NOTE_LEN {
            let mut wrong = note;
            wrong[bit / 8] ^= 1 << (bit % 8);
            let key = SigningKey::new(&seed, &wrong);
            assert!(key.is_news(), "bit {bit}");
            assert_eq!(key.sign(b"message"), signed_by_dalek(&seed, b"message"), "bit {bit}");
        }
        let of_another = SigningKey::new(&[4; SEED_LEN], &NOTHING).note();
        assert!(SigningKey::new(&seed, &of_another).is_news());
    }

    /// What the check is for: believing another's public key gives a second response to the same nonce.
    #[test]
    fn a_wrong_public_key_with_a_right_check_would_give_the_key_away() {
        let seed = [3; SEED_LEN];
        let expanded = ExpandedSecretKey::from(&seed);
        let other = SigningKey::new(&[4; SEED_LEN], &NOTHING).public_key();
        let wrong = SigningKey::new(&seed, &note_of(&expanded, &other)).sign(b"message");
        let right = signed_by_dalek(&seed, b"message");
        assert_eq!(wrong[..32], right[..32]);
        assert_ne!(wrong[32..], right[32..]);
    }
}
