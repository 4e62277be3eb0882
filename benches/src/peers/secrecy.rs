//! `secrecy`: bytes that are wiped when dropped and hard to print, otherwise ordinary
//! memory. It has no replacement under a shared handle.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroize;

use crate::Peer;

/// `Arc<secrecy::SecretSlice<u8>>`.
#[derive(Clone)]
pub struct Secrecy(Arc<SecretSlice<u8>>);

impl Peer for Secrecy {
    const NAME: &'static str = "secrecy";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let secret = SecretSlice::from(source.to_vec());
        source.zeroize();
        Self(Arc::new(secret))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(self.0.expose_secret())
    }
}
