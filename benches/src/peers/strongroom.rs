//! `strongroom` itself, at its default level.

use std::hint;

use strongroom::{Error, Secret};

use crate::Peer;

/// `strongroom::Secret` at `Protection::Locked`.
#[derive(Clone)]
pub struct Strongroom(Secret);

impl Peer for Strongroom {
    const NAME: &'static str = "strongroom";
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        Self(Secret::new(source).expect("strongroom finds a locked slot"))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.0.with_bytes(f).expect("the secret is open")
    }

    #[inline]
    fn copy_out(&mut self, out: &mut [u8]) {
        self.0.copy_into(out).expect("the secret is open");
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        // Busy for as long as another thread's replacement is wiping what it replaced.
        while let Err(error) = self.0.replace(source) {
            assert!(matches!(error, Error::Busy), "{error}");
            hint::spin_loop();
        }
    }
}
