//! `secrets`: libsodium's guarded heap, inaccessible while nobody borrows. Its counts are
//! not atomic, so a secret cannot be shared without a lock.

use secrets::SecretVec;
use zeroize::Zeroize;

use crate::{Mutexed, Peer};

/// `secrets::SecretVec<u8>`.
pub struct Secrets(SecretVec<u8>);

impl Peer for Secrets {
    const NAME: &'static str = "secrets";
    type Shared = Mutexed<Self>;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        Self(SecretVec::from(source))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.0.borrow())
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        self.0.borrow_mut().copy_from_slice(source);
        source.zeroize();
    }
}
