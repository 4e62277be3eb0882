//! Telling a forked child from its parent by one load.
//!
//! The epoch stands in a page that a child finds zeroed, however it was made; `pthread_atfork`
//! would miss a raw `clone`. Every secret remembers the epoch in which it was created.

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use crate::{Error, os};

/// The page; null before the first secret.
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(core::ptr::null_mut());

/// The last epoch given out by this process or an ancestor; copied by a fork, not zeroed.
static LAST: AtomicU64 = AtomicU64::new(0);

/// The process in which something was made, and how to tell whether this is still it.
#[derive(Clone, Copy)]
pub(crate) struct Birth {
    epoch: u64,
    page: &'static AtomicU64,
}

impl Birth {
    /// This process.
    pub(crate) fn now() -> Result<Self, Error> {
        let page = page()?;
        // ORDERING: Relaxed; the number alone is of interest, in this thread and all others.
        let epoch = match page.load(Ordering::Relaxed) {
            0 => begin(page),
            epoch => epoch,
        };
        Ok(Self { epoch, page })
    }

    /// Whether this is still the process of the birth.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        // ORDERING: Relaxed; a child's zero is there before its first instruction.
        self.page.load(Ordering::Relaxed) == self.epoch
    }

    /// The same, as a result.
    ///
    /// # Errors
    ///
    /// [`Error::Forked`] if this is a child of that process.
    #[inline]
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.is_here() { Ok(()) } else { Err(Error::Forked) }
    }
}

impl PartialEq for Birth {
    fn eq(&self, other: &Self) -> bool {
        self.epoch == other.epoch
    }
}

/// Begins the epoch of a new process.
#[cold]
fn begin(word: &AtomicU64) -> u64 {
    // ORDERING: Relaxed; only that every call gives another number matters.
    let next = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    // ORDERING: Relaxed; of several threads one wins, and all take its number.
    match word.compare_exchange(0, next, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => {
            crate::pages::forget_inherited();
            next
        }
        Err(epoch) => epoch,
    }
}

fn page() -> Result<&'static AtomicU64, Error> {
    // ORDERING: Acquire pairs with the Release below.
    let page = PAGE.load(Ordering::Acquire);
    // SAFETY: null or a page that is never freed.
    if let Some(word) = unsafe { page.as_ref() } {
        return Ok(word);
    }
    let new = os::fork_wiped_page()?;
    // ORDERING: AcqRel: the page is published, or another thread's is taken. A page that came
    // second stays mapped; that happens once at most per racing thread.
    let winner = PAGE.compare_exchange(
        core::ptr::null_mut(),
        new.as_ptr(),
        Ordering::AcqRel,
        Ordering::Acquire,
    );
    let page = winner.map_or_else(|first| first, |_| new.as_ptr());
    // SAFETY: a page that is never freed.
    Ok(unsafe { &*page })
}
