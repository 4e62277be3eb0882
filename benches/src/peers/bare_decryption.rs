//! The floor of a secret that rests encrypted: the AEAD that `Sealed` uses, with a ready key in
//! ordinary memory, into a buffer that is there already. Nothing is wiped, locked or counted.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use zeroize::Zeroize;

use crate::{Mutexed, Peer};

/// A key schedule of AES-256-GCM, a ciphertext of some length with its nonce and tag, and as much
/// room.
pub struct BareDecryption {
    cipher: Aes256Gcm,
    nonce: Nonce<U12>,
    bytes: Box<[u8]>,
    tag: Tag,
    plain: Box<[u8]>,
}

impl Peer for BareDecryption {
    const NAME: &'static str = "bare AES-256-GCM";
    type Shared = Mutexed<Self>;

    fn create(source: &mut [u8]) -> Self {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::default());
        let mut bytes = vec![0; source.len()].into_boxed_slice();
        let plain = bytes.clone();
        let buffer = InOutBuf::new(source, &mut bytes).expect("both have the secret's length");
        let nonce = Nonce::default();
        let tag = cipher.encrypt_inout_detached(&nonce, &[], buffer);
        source.zeroize();
        Self { cipher, nonce, bytes, tag: tag.expect("the secret is short enough"), plain }
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        let Self { cipher, nonce, bytes, tag, plain } = self;
        let buffer = InOutBuf::new(bytes, plain).expect("both have the same length");
        let opened = cipher.decrypt_inout_detached(nonce, &[], buffer, tag);
        opened.expect("the ciphertext is authentic");
        f(plain)
    }
}
