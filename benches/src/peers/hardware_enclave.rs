//! `hardware-enclave`: ciphertext at rest, opened into a slot of a locked pool, with a
//! cache of opened secrets. It has no replacement under a shared handle.

use std::sync::Arc;

use hardware_enclave::MemoryEnclave;
use zeroize::Zeroize;

use crate::Peer;

/// `Arc<hardware_enclave::MemoryEnclave>`, opened often enough to stay in its cache, and its length, which it
/// doesn't tell.
#[derive(Clone)]
pub struct HardwareEnclave(Arc<MemoryEnclave>, usize);

impl Peer for HardwareEnclave {
    const NAME: &'static str = "hardware-enclave";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let enclave = MemoryEnclave::seal(source).expect("hardware-enclave seals");
        source.zeroize();
        Self(Arc::new(enclave), source.len())
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        let slot = self.0.open().expect("hardware-enclave opens");
        f(&slot.as_slice()[..self.1])
    }
}
