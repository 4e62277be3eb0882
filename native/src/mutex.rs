//! A lock that a panic doesn't close.
//!
//! Nothing in this crate panics half-way through a change of what a lock guards, so that a poisoned
//! lock only means that some thread died while it held it.

use std::sync::{MutexGuard, PoisonError};

/// A lock that is taken whatever has happened to its last holder.
#[derive(Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    /// Waits for the lock and takes it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        unpoisoned(self.0.lock())
    }
}

/// What a lock, or a wait for a change of what it guards, gives, poisoned or not.
pub(crate) fn unpoisoned<G>(taken: Result<G, PoisonError<G>>) -> G {
    taken.unwrap_or_else(PoisonError::into_inner)
}
