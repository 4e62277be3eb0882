//! Telling a forked child from its parent by one load.
//!
//! The epoch stands in a page that a child finds zeroed, however it was made; `pthread_atfork`
//! would miss a raw `clone`. Every secret remembers the epoch in which it was created.
//!
//! Where the system has no such page (Linux before 4.14, gVisor), or gives one and can't be believed
//! (QEMU's user mode), a child is told by its process number, for which each access asks the system. That
//! may be the number of an ancestor that has ended; so a handler of `pthread_atfork` ends the epoch as
//! well.

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use crate::protection::ForkDetection;
use crate::{Error, os};

/// The page; null before the first secret.
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(core::ptr::null_mut());

/// In the place of a page where there is none. It is never written: zero is no epoch, so that every look
/// at it has to be followed by one at [`OWNER`].
static NO_PAGE: AtomicU64 = AtomicU64::new(0);

/// Where there is no page, the epoch: its lower half is the number of the process.
static OWNER: AtomicU64 = AtomicU64::new(0);

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
            0 if is_none(page) => begin_by_number(),
            0 => begin(page),
            epoch => epoch,
        };
        Ok(Self { epoch, page })
    }

    /// Whether this is still the process of the birth.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        // ORDERING: Relaxed; a child's zero is there before its first instruction.
        self.page.load(Ordering::Relaxed) == self.epoch || self.is_here_by_number()
    }

    /// The same where there is no page.
    #[cold]
    #[inline(never)]
    fn is_here_by_number(self) -> bool {
        // ORDERING: Relaxed; a child's own number differs whatever it sees here.
        is_none(self.page) && owned(OWNER.load(Ordering::Relaxed)) == Some(self.epoch)
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
            os::forget_locked();
            next
        }
        Err(epoch) => epoch,
    }
}

/// Begins the epoch of a new process, or says which one it is.
#[cold]
fn begin_by_number() -> u64 {
    // ORDERING: Relaxed; the number alone is of interest.
    let seen = OWNER.load(Ordering::Relaxed);
    if let Some(epoch) = owned(seen) {
        return epoch;
    }
    // ORDERING: Relaxed; only that every call gives another number matters.
    let next = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    let next = (next << 32) | u64::from(std::process::id());
    // ORDERING: Relaxed; of several threads one wins, and all take its number.
    match OWNER.compare_exchange(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => {
            os::forget_locked();
            next
        }
        Err(epoch) => epoch,
    }
}

/// The epoch `owner`, if it is this process's.
fn owned(owner: u64) -> Option<u64> {
    (owner != 0 && owner as u32 == std::process::id()).then_some(owner)
}

/// Ends the epoch, in a child that was made by `fork`.
extern "C" fn in_child() {
    // ORDERING: Relaxed; the child has one thread.
    OWNER.store(0, Ordering::Relaxed);
}

fn is_none(page: &'static AtomicU64) -> bool {
    core::ptr::eq(page, &NO_PAGE)
}

/// How children are told from their parents; `None` where there are none, or nothing is protected.
pub(crate) fn detection() -> Option<ForkDetection> {
    let page = page().ok()?;
    if is_none(page) { Some(ForkDetection::ProcessNumber) } else { os::FORK_DETECTION }
}

#[inline]
fn page() -> Result<&'static AtomicU64, Error> {
    // ORDERING: Acquire pairs with the Release of the exchange in `new_page`.
    let page = PAGE.load(Ordering::Acquire);
    // SAFETY: null or a page that is never freed.
    match unsafe { page.as_ref() } {
        Some(word) => Ok(word),
        None => new_page(),
    }
}

#[cold]
fn new_page() -> Result<&'static AtomicU64, Error> {
    let new = match os::fork_wiped_page()? {
        Some(page) => page,
        None => {
            os::call_in_children(in_child)?;
            core::ptr::NonNull::from(&NO_PAGE)
        }
    };
    // ORDERING: AcqRel: the page is published, or another thread's is taken. A page that came
    // second stays mapped, and a handler registered; that happens once at most per racing thread.
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
