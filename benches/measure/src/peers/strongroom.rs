//! `strongroom` itself, at each of its levels.

use std::hint::{self, black_box};
use std::marker::PhantomData;
use std::time::Duration;

use strongroom::{Error, Protection, Reprotect, Secret};

use crate::Peer;

/// `strongroom::Secret` at the level `L`.
#[derive(Clone)]
pub struct Strongroom<L = Locked>(Secret, PhantomData<L>);

/// A level of protection.
pub trait Level: Clone + Send {
    /// What the tables call a secret at this level.
    const NAME: &'static str;
    /// What its builder is asked for.
    const PROTECTION: Protection;
}

/// The default level.
#[derive(Clone)]
pub struct Locked;

/// `Guarded`, inaccessible again with the end of each access.
#[derive(Clone)]
pub struct Guarded;

/// `Guarded`, and within its window all the time that it is measured.
#[derive(Clone)]
pub struct Windowed;

/// `Encrypted`, decrypted for each access.
#[derive(Clone)]
pub struct Encrypted;

impl Level for Locked {
    const NAME: &'static str = "strongroom";
    const PROTECTION: Protection = Protection::Locked;
}

impl Level for Guarded {
    const NAME: &'static str = "strongroom Guarded";
    const PROTECTION: Protection = Protection::Guarded { reprotect: Reprotect::Eager };
}

impl Level for Windowed {
    const NAME: &'static str = "strongroom Guarded, open";
    const PROTECTION: Protection =
        Protection::Guarded { reprotect: Reprotect::After(Duration::from_secs(3600)) };
}

impl Level for Encrypted {
    const NAME: &'static str = "strongroom Encrypted";
    const PROTECTION: Protection = Protection::Encrypted;
}

impl<L: Level> Peer for Strongroom<L> {
    const NAME: &'static str = L::NAME;
    type Shared = Self;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let secret = Secret::builder().protection(L::PROTECTION).build(source);
        Self(secret.expect("strongroom finds protected memory"), PhantomData)
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

/// Borrows the bytes and reads one, as [`workload::borrow`](crate::workload::borrow) does, by a handle of this
/// thread, which is made for as many times.
pub fn borrow_locally(peer: &mut Strongroom, n: u64) {
    let local = black_box(peer.0.local());
    for _ in 0..n {
        black_box(local.with_bytes(|bytes| bytes[0]).expect("the secret is open"));
    }
}
