//! What a way of holding a secret must do to be measured.

use std::sync::{Arc, Mutex, PoisonError};

/// The length of every secret measured: a 256-bit key.
pub const LEN: usize = 32;

/// One way of holding a secret of [`LEN`] bytes, used as its careful users use it.
///
/// The methods take `&mut self` since that is what some peers ask for. A peer that is
/// `Clone` shares: the clone is a second handle on the same secret. The methods are inlined,
/// so that a loop over them pays for the peer and for no call of ours.
pub trait Peer: Sized + Send {
    /// What the tables call it.
    const NAME: &'static str;

    /// What two threads hold when they use one secret: the peer itself where it shares,
    /// otherwise the peer in a [`Mutexed`].
    type Shared: Peer + Clone;

    /// Takes the bytes over and wipes `source`.
    fn create(source: &mut [u8]) -> Self;

    /// Gives `f` the bytes where they lie.
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R;

    /// Copies the bytes to `out`, which is as long as the secret.
    fn copy_out(&mut self, out: &mut [u8]) {
        self.borrow(|bytes| out.copy_from_slice(bytes));
    }

    /// Puts new bytes in place of the old ones and wipes `source`. For a peer that has no
    /// such operation, what is left to its user: a new secret, and the old one dropped.
    fn replace(&mut self, source: &mut [u8]) {
        *self = Self::create(source);
    }
}

/// A peer that does not share, made to by its user.
pub struct Mutexed<P>(Arc<Mutex<P>>);

impl<P> Clone for Mutexed<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Peer> Mutexed<P> {
    fn with<R>(&self, f: impl FnOnce(&mut P) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<P: Peer> Peer for Mutexed<P> {
    const NAME: &'static str = P::NAME;
    type Shared = Self;

    fn create(source: &mut [u8]) -> Self {
        Self(Arc::new(Mutex::new(P::create(source))))
    }

    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.with(|peer| peer.borrow(f))
    }

    fn copy_out(&mut self, out: &mut [u8]) {
        self.with(|peer| peer.copy_out(out));
    }

    fn replace(&mut self, source: &mut [u8]) {
        self.with(|peer| peer.replace(source));
    }
}
