//! `seize`: like epochs, but what was replaced is dropped, and wiped, by the last reader that was inside, once
//! enough has been replaced to make a batch. Ordinary memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use seize::{Collector, Guard, reclaim};
use zeroize::{Zeroize, Zeroizing};

use crate::Peer;

/// `Arc<(seize::Collector, AtomicPtr<Zeroizing<Vec<u8>>>)>`.
#[derive(Clone)]
pub struct Seize(Arc<Current>);

struct Current {
    collector: Collector,
    bytes: AtomicPtr<Zeroizing<Vec<u8>>>,
}

fn taken(source: &mut [u8]) -> *mut Zeroizing<Vec<u8>> {
    let bytes = Zeroizing::new(source.to_vec());
    source.zeroize();
    Box::into_raw(Box::new(bytes))
}

impl Peer for Seize {
    const NAME: &'static str = "seize";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let bytes = AtomicPtr::new(taken(source));
        Self(Arc::new(Current { collector: Collector::new(), bytes }))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        let guard = self.0.collector.enter();
        // ORDERING: Acquire pairs with the AcqRel of `replace`.
        let current = guard.protect(&self.0.bytes, Ordering::Acquire);
        // SAFETY: never null, and not dropped before the guard is, since `replace` retires it.
        f(unsafe { &*current })
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        let guard = self.0.collector.enter();
        // ORDERING: AcqRel pairs with the Acquire of `borrow`, and with itself.
        let before = guard.swap(&self.0.bytes, taken(source), Ordering::AcqRel);
        // SAFETY: it came from a box, is no longer reachable, and is retired once, by whoever swapped it out.
        unsafe { guard.defer_retire(before, reclaim::boxed) };
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and this is the last handle.
        drop(unsafe { Box::from_raw(*self.bytes.get_mut()) });
    }
}
