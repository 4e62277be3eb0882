//! A handle that doesn't keep its secret alive.

use crate::Secret;
use crate::shared::Shared;
use crate::storage::Storage;
use crate::sync::{Arc, Weak};

/// A handle for hosts that watch secrets without owning them.
pub struct WeakSecret<S: Storage>(Weak<Shared<S>>);

impl<S: Storage> Secret<S> {
    /// A handle that doesn't keep the secret alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakSecret<S> {
        WeakSecret(Arc::downgrade(&self.shared))
    }
}

impl<S: Storage> WeakSecret<S> {
    /// A handle on the secret, if any is left.
    #[must_use]
    pub fn upgrade(&self) -> Option<Secret<S>> {
        self.0.upgrade().map(|shared| Secret { shared })
    }
}
