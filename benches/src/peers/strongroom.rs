//! `strongroom` itself, at its default level.

use strongroom::Secret;

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
        self.0.replace(source).expect("nobody holds the content before this one");
    }
}
