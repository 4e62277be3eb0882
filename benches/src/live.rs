//! Many secrets at once.

use std::hint::black_box;

use crate::{LEN, Peer};

/// So many secrets.
pub struct Live<P> {
    all: Vec<P>,
    next: usize,
}

/// A step that comes by every place before it comes by one again, in any number that it has no divisor in common
/// with: the places look as if they were drawn at random.
const STEP: usize = 1_000_003;

impl<P: Peer> Live<P> {
    /// That many.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { all: (0..count).map(|_| made(LEN)).collect(), next: 0 }
    }

    fn next(&mut self) -> &mut P {
        self.next = (self.next + STEP) % self.all.len();
        &mut self.all[self.next]
    }

    /// Borrows another one each time.
    pub fn borrow(&mut self, n: u64) {
        for _ in 0..n {
            black_box(self.next().borrow(|bytes| bytes[0]));
        }
    }

    /// Drops another one each time, and creates one instead.
    pub fn churn(&mut self, n: u64) {
        for _ in 0..n {
            *self.next() = made(LEN);
        }
    }
}

/// A secret of so many bytes.
#[must_use]
pub fn made<P: Peer>(len: usize) -> P {
    P::create(&mut vec![0x5a; len])
}
