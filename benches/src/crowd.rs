//! Many secrets that are used in turn.

use crate::workload::secret;
use crate::{Mutexed, Peer};

/// `N` secrets; each borrow is of the one that has not been borrowed for longest, so that no
/// processor's cache and no peer's cache of opened secrets has it at hand.
pub struct Crowd<P, const N: usize> {
    all: Vec<P>,
    next: usize,
}

impl<P: Peer, const N: usize> Peer for Crowd<P, N> {
    const NAME: &'static str = P::NAME;
    type Shared = Mutexed<Self>;

    fn create(source: &mut [u8]) -> Self {
        let mut all = vec![P::create(source)];
        all.extend((1..N).map(|_| secret::<P>()));
        Self { all, next: 0 }
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.next = if self.next + 1 < N { self.next + 1 } else { 0 };
        self.all[self.next].borrow(f)
    }
}
