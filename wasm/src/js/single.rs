//! What belongs to a wasm instance's only thread.

/// A value for one thread.
pub(super) struct Single<T>(T);

// SAFETY: without atomics, a wasm instance has one thread.
#[cfg(not(target_feature = "atomics"))]
unsafe impl<T> Sync for Single<T> {}

impl<T> Single<T> {
    /// The value, for that thread.
    pub(super) const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub(super) fn get(&self) -> &T {
        &self.0
    }
}
