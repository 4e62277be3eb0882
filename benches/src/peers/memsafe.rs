//! `memsafe`: locked pages of its own for every secret, inaccessible while nobody reads.
//! Reading takes `&mut self`, so a secret cannot be shared without a lock.

use memsafe::Secret;
use zeroize::Zeroize;

use crate::{LEN, Mutexed, Peer};

/// `memsafe::Secret`.
pub struct Memsafe(Secret<LEN>);

impl Peer for Memsafe {
    const NAME: &'static str = "memsafe";
    type Shared = Mutexed<Self>;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        let secret = Secret::from_bytes(source).map_err(|(_, error)| error);
        Self(secret.expect("memsafe maps and locks a page"))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&*self.0.read().expect("memsafe unprotects its page"))
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        self.0.write().expect("memsafe unprotects its page").copy_from_slice(source);
        source.zeroize();
    }
}
