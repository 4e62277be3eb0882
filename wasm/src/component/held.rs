//! What stands behind the handles that the application has, which are counted.

use core::ops::Deref;
use core::sync::atomic::{AtomicU32, Ordering};

use super::Restricted;
use super::bindings::exports::strongroom::secret::types::{Error, Secret};

/// The most handles at a time, as many as `wasmtime-strongroom` allows. wasmtime has a limit of its
/// own, of 100,000 for all resources in a store, and one too many of those is a trap.
const MAX_HANDLES: u32 = 1 << 16;

static HANDLES: AtomicU32 = AtomicU32::new(0);

// ORDERING: Relaxed throughout: an instance has one thread.

/// A handle that counts.
pub(super) struct Held(Restricted);

impl Held {
    /// A handle for the application, unless it has as many as it may have.
    pub(super) fn hand_out(secret: Restricted) -> Result<Secret, Error> {
        // ORDERING: see above.
        let handles = HANDLES.load(Ordering::Relaxed);
        if handles >= MAX_HANDLES {
            return Err(Error::QuotaExceeded);
        }
        // ORDERING: see above.
        HANDLES.store(handles + 1, Ordering::Relaxed);
        Ok(Secret::new(Self(secret)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // ORDERING: see above.
        let handles = HANDLES.load(Ordering::Relaxed);
        // ORDERING: see above.
        HANDLES.store(handles - 1, Ordering::Relaxed);
    }
}

impl Deref for Held {
    type Target = Restricted;

    fn deref(&self) -> &Restricted {
        &self.0
    }
}
