//! `arc-swap`: readers of an `Arc` that another thread may replace share no line that they write to. Here
//! around bytes that are wiped with the last reader; otherwise ordinary memory.

use std::sync::Arc;

use arc_swap::ArcSwap;
use zeroize::{Zeroize, Zeroizing};

use crate::Peer;

/// `Arc<arc_swap::ArcSwap<Zeroizing<Vec<u8>>>>`.
#[derive(Clone)]
pub struct ArcSwapped(Arc<ArcSwap<Zeroizing<Vec<u8>>>>);

fn taken(source: &mut [u8]) -> Arc<Zeroizing<Vec<u8>>> {
    let bytes = Zeroizing::new(source.to_vec());
    source.zeroize();
    Arc::new(bytes)
}

impl Peer for ArcSwapped {
    const NAME: &'static str = "arc-swap";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        Self(Arc::new(ArcSwap::new(taken(source))))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.0.load())
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        self.0.store(taken(source));
    }
}
