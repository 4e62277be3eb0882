//! `crossbeam-epoch`: readers mark that they are inside by a store of their own and a fence; what was
//! replaced is dropped, and wiped, some time after the last of them has left. Ordinary memory.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_epoch::{Atomic, Owned, pin};
use zeroize::{Zeroize, Zeroizing};

use crate::Peer;

/// `Arc<crossbeam_epoch::Atomic<Zeroizing<Vec<u8>>>>`.
#[derive(Clone)]
pub struct CrossbeamEpoch(Arc<Current>);

struct Current(Atomic<Zeroizing<Vec<u8>>>);

fn taken(source: &mut [u8]) -> Owned<Zeroizing<Vec<u8>>> {
    let bytes = Zeroizing::new(source.to_vec());
    source.zeroize();
    Owned::new(bytes)
}

impl Peer for CrossbeamEpoch {
    const NAME: &'static str = "crossbeam-epoch";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        Self(Arc::new(Current(Atomic::from(taken(source)))))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        let guard = pin();
        // ORDERING: Acquire pairs with the AcqRel of `replace`.
        let current = self.0.0.load(Ordering::Acquire, &guard);
        // SAFETY: never null, and not dropped before the guard is, since `replace` defers that.
        f(unsafe { current.deref() })
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        let guard = pin();
        // ORDERING: AcqRel pairs with the Acquire of `borrow`, and with itself.
        let before = self.0.0.swap(taken(source), Ordering::AcqRel, &guard);
        // SAFETY: no longer reachable for who comes now, and retired once, by whoever swapped it out.
        unsafe { guard.defer_destroy(before) };
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        let current = std::mem::replace(&mut self.0, Atomic::null());
        // SAFETY: never null, and this is the last handle.
        drop(unsafe { current.into_owned() });
    }
}
