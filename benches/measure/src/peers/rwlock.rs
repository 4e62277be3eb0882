//! The standard library's lock around bytes that are wiped when dropped: shared and
//! replaceable, without any protection while they live.

use std::sync::{Arc, PoisonError, RwLock};

use zeroize::{Zeroize, Zeroizing};

use crate::Peer;

/// `Arc<RwLock<Zeroizing<Vec<u8>>>>`.
#[derive(Clone)]
pub struct RwLocked(Arc<RwLock<Zeroizing<Vec<u8>>>>);

impl Peer for RwLocked {
    const NAME: &'static str = "RwLock<Zeroizing>";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let bytes = Zeroizing::new(source.to_vec());
        source.zeroize();
        Self(Arc::new(RwLock::new(bytes)))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).copy_from_slice(source);
        source.zeroize();
    }
}
