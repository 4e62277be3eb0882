//! The floor of a secret that rests encrypted: the fastest AEAD of its kind, with a ready key in
//! ordinary memory, into a buffer that is there already. Nothing is wiped, locked or counted.

use aes_gcm_0_10::aead::consts::U12;
use aes_gcm_0_10::aead::{AeadInPlace, KeyInit};
use aes_gcm_0_10::{Aes256Gcm, Key, Nonce, Tag};
use zeroize::Zeroize;

use crate::{LEN, Mutexed, Peer};

/// A key schedule of AES-256-GCM, a ciphertext of some length with its nonce and tag, and as much
/// room.
pub struct BareDecryption {
    cipher: Aes256Gcm,
    nonce: Nonce<U12>,
    tag: Tag,
    len: usize,
    bytes: Apart,
    plain: Apart,
}

/// Room for a secret on cache lines of its own, so that two threads that decrypt share none.
#[repr(align(128))]
struct Apart([u8; LEN]);

impl Peer for BareDecryption {
    const NAME: &'static str = "bare AES-256-GCM";
    type Shared = Mutexed<Self>;

    fn create(source: &mut [u8]) -> Self {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::default());
        let (mut bytes, plain) = (Apart([0; LEN]), Apart([0; LEN]));
        bytes.0[..source.len()].copy_from_slice(source);
        let nonce = Nonce::default();
        let tag = cipher.encrypt_in_place_detached(&nonce, &[], &mut bytes.0[..source.len()]);
        source.zeroize();
        let tag = tag.expect("the secret is short enough");
        Self { cipher, nonce, tag, len: source.len(), bytes, plain }
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        let Self { cipher, nonce, tag, len, bytes, plain } = self;
        let plain = &mut plain.0[..*len];
        plain.copy_from_slice(&bytes.0[..*len]);
        let opened = cipher.decrypt_in_place_detached(nonce, &[], plain, tag);
        opened.expect("the ciphertext is authentic");
        f(plain)
    }
}
