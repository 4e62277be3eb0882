//! The fast version, with its faults: a flag in each handle, a count that all share, and whoever comes
//! first opens the page.
//!
//! | fault | because |
//! | --- | --- |
//! | SIGSEGV under two threads | the second reader counts itself and reads; the first one's `mprotect` may not have returned. Or: the last one shuts the page while the next has already come |
//! | `close` is seen by one handle only | a clone copies the flag |
//! | after a panic the page stays open | nothing ends the access then |
//!
//! `tests/faults.rs` shows each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use strongroom_measure::Peer;

use crate::Closed;
use crate::page::Page;

/// A handle on a secret.
pub struct Racy {
    closed: AtomicBool,
    shared: Arc<Shared>,
}

struct Shared {
    readers: AtomicUsize,
    page: Page,
}

impl Racy {
    /// Gives `f` the bytes.
    ///
    /// # Errors
    ///
    /// [`Closed`] after this handle, or the one it was cloned of before, was closed.
    ///
    /// # Safety
    ///
    /// Nobody begins or ends an access meanwhile, unless another one lasts all the time.
    #[inline]
    pub unsafe fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Closed> {
        // ORDERING: Acquire pairs with the Release in `close`, as far as that is the same flag.
        if self.closed.load(Ordering::Acquire) {
            return Err(Closed);
        }
        let Shared { readers, page } = &*self.shared;
        // ORDERING: AcqRel pairs with the other one below; it orders the counts, but not the `mprotect`
        // that comes after: that is the fault.
        if readers.fetch_add(1, Ordering::AcqRel) == 0 {
            page.open();
        }
        // SAFETY: open since the call above, or, by the caller's promise, for as long as the access that
        // was found there.
        let result = f(unsafe { page.bytes() });
        // ORDERING: as above.
        if readers.fetch_sub(1, Ordering::AcqRel) == 1 {
            page.shut();
        }
        Ok(result)
    }

    /// Ends the secret, as far as this handle knows.
    pub fn close(&self) {
        // ORDERING: Release pairs with the Acquire in `with_bytes`.
        self.closed.store(true, Ordering::Release);
    }
}

impl Clone for Racy {
    fn clone(&self) -> Self {
        // ORDERING: Acquire, as in `with_bytes`.
        let closed = AtomicBool::new(self.closed.load(Ordering::Acquire));
        Self { closed, shared: Arc::clone(&self.shared) }
    }
}

impl Peer for Racy {
    const NAME: &'static str = "fast and racy";
    type Shared = Self;

    fn create(source: &mut [u8]) -> Self {
        let shared = Shared { readers: AtomicUsize::new(0), page: Page::of(source) };
        Self { closed: AtomicBool::new(false), shared: Arc::new(shared) }
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: what that version takes for granted, and this trait doesn't promise: whoever runs it on
        // two threads does so in a process that may die of it (`versions`, `tests/faults.rs`).
        unsafe { self.with_bytes(f) }.expect("the secret is open")
    }
}
