//! How much this library has locked at the moment, for errors and figures.

use std::sync::atomic::{AtomicUsize, Ordering};

static LOCKED: AtomicUsize = AtomicUsize::new(0);

/// Bytes that this library has locked at the moment.
pub(crate) fn locked_bytes() -> usize {
    // ORDERING: Relaxed; a figure, which nothing depends on.
    LOCKED.load(Ordering::Relaxed)
}

/// Counts bytes that have been locked.
pub(crate) fn count_locked(len: usize) {
    // ORDERING: Relaxed; a figure, which nothing depends on.
    LOCKED.fetch_add(len, Ordering::Relaxed);
}

/// Counts bytes that are locked no more.
pub(crate) fn count_unlocked(len: usize) {
    // ORDERING: Relaxed; a figure, which nothing depends on.
    LOCKED.fetch_sub(len, Ordering::Relaxed);
}

/// Begins to count anew, in a child that has not inherited what its parent had locked.
pub(crate) fn forget_locked() {
    // ORDERING: Relaxed; a figure, which nothing depends on.
    LOCKED.store(0, Ordering::Relaxed);
}
