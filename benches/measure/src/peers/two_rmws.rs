//! The floor of a counted borrow: one atomic read-modify-write on the way in, one on the
//! way out, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zeroize::Zeroize;

use crate::{LEN, Peer};

/// Two atomic counters on one cache line, and unprotected bytes on another.
#[derive(Clone)]
pub struct TwoRmws(Arc<Counted>);

struct Counted {
    counters: Counters,
    bytes: [u8; LEN],
}

#[derive(Default)]
#[repr(align(64))]
struct Counters {
    entered: AtomicU64,
    left: AtomicU64,
}

impl Peer for TwoRmws {
    const NAME: &'static str = "two RMWs";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let mut bytes = [0; LEN];
        bytes.copy_from_slice(source);
        source.zeroize();
        Self(Arc::new(Counted { counters: Counters::default(), bytes }))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        let Counted { counters, bytes } = &*self.0;
        // ORDERING: AcqRel on both counters costs what the pin and unpin they stand for cost;
        // it pairs with nothing, as nobody reads the counts.
        counters.entered.fetch_add(1, Ordering::AcqRel);
        let result = f(bytes);
        // ORDERING: as above.
        counters.left.fetch_add(1, Ordering::AcqRel);
        result
    }
}
