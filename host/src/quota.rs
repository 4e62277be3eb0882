//! How many bytes the secrets of one component may have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Error;

// ORDERING: Relaxed throughout: figures that only one store changes, and that order nothing.

/// Bytes that are left to a component.
pub(crate) struct Budget(AtomicUsize);

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(bytes)))
    }

    /// Takes `bytes`, until the charge is refunded or dropped.
    pub(crate) fn charge(self: &Arc<Self>, bytes: usize) -> Result<Charge, Error> {
        self.0
            // ORDERING: see above.
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes))
            .map_err(|_| Error::QuotaExceeded)?;
        Ok(Charge { budget: Arc::clone(self), bytes: AtomicUsize::new(bytes) })
    }
}

/// Bytes that a secret has taken from a budget.
pub(crate) struct Charge {
    budget: Arc<Budget>,
    bytes: AtomicUsize,
}

impl Charge {
    /// Gives the bytes back.
    pub(crate) fn refund(&self) {
        self.set(0);
    }

    /// Gives the bytes back and stands for those of `other` instead.
    pub(crate) fn take_over(&self, other: &Self) {
        self.set(other.set_aside());
    }

    fn set(&self, bytes: usize) {
        // ORDERING: see above.
        let old = self.bytes.swap(bytes, Ordering::Relaxed);
        // ORDERING: see above.
        self.budget.0.fetch_add(old, Ordering::Relaxed);
    }

    fn set_aside(&self) -> usize {
        // ORDERING: see above.
        self.bytes.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.refund();
    }
}
