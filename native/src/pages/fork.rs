//! Telling a forked child from its parent by one load.
//!
//! The epoch stands in a page that a child finds zeroed, however it was made; `pthread_atfork`
//! would miss a raw `clone`. Every secret remembers the epoch in which it was created.
//!
//! Where the system has no such page (Linux before 4.14, gVisor), or gives one and can't be believed
//! (QEMU's user mode), a child is told by its process number, for which each access asks the system. That
//! may be the number of an ancestor that has ended; so a handler of `pthread_atfork` ends the epoch as
//! well.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

use crate::protection::ForkDetection;
use crate::{Error, os};

/// The page; null before the first secret.
static PAGE: AtomicPtr<AtomicU32> = AtomicPtr::new(core::ptr::null_mut());

/// In the place of a page where there is none. It is never written: zero is no epoch, so that every look
/// at it has to be followed by one at [`OWNER`].
static NO_PAGE: AtomicU32 = AtomicU32::new(0);

/// Where there is no page, the epoch, in its upper half; the lower one is the number of the process.
static OWNER: AtomicU64 = AtomicU64::new(0);

/// The last epoch given out by this process or an ancestor; copied by a fork, not zeroed. A process would have
/// to have four thousand million ancestors that made secrets to take one of them for itself.
static LAST: AtomicU32 = AtomicU32::new(0);

/// The process in which something was made, to tell whether this is still it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    epoch: NonZeroU32,
}

impl Birth {
    /// This process, if it has been born and has a page that says so.
    #[inline]
    pub(crate) fn current() -> Option<Self> {
        // ORDERING: Acquire pairs with the Release of the exchange in `new_page`.
        let page = PAGE.load(Ordering::Acquire);
        // SAFETY: null or a page that is never freed.
        let page = unsafe { page.as_ref() }?;
        // ORDERING: Relaxed; the number alone is of interest, in this thread and all others.
        NonZeroU32::new(page.load(Ordering::Relaxed)).map(|epoch| Self { epoch })
    }

    /// This process, which is born now if it has not been.
    pub(crate) fn now() -> Result<Self, Error> {
        let page = page()?;
        // ORDERING: Relaxed; the number alone is of interest, in this thread and all others.
        let epoch = match NonZeroU32::new(page.load(Ordering::Relaxed)) {
            Some(epoch) => epoch,
            None if is_none(page) => begin_by_number(),
            None => begin(page),
        };
        Ok(Self { epoch })
    }

    /// Whether this is still the process of the birth.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        // ORDERING: Relaxed; it was set before there was any birth, and never changes.
        let page = PAGE.load(Ordering::Relaxed);
        // SAFETY: as there is a birth, `now` has set it to a page that is never freed.
        let page = unsafe { &*page };
        // ORDERING: Relaxed; a child's zero is there before its first instruction.
        page.load(Ordering::Relaxed) == self.epoch.get() || self.is_here_by_number(page)
    }

    /// The same where there is no page.
    #[cold]
    #[inline(never)]
    fn is_here_by_number(self, page: &'static AtomicU32) -> bool {
        // ORDERING: Relaxed; a child's own number differs whatever it sees here.
        is_none(page) && owned(OWNER.load(Ordering::Relaxed)) == Some(self.epoch)
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

/// An epoch that this process and its ancestors haven't had.
fn next() -> NonZeroU32 {
    // ORDERING: Relaxed; only that every call gives another number matters.
    let last = LAST.fetch_add(1, Ordering::Relaxed);
    NonZeroU32::new(last.wrapping_add(1)).unwrap_or(NonZeroU32::MIN)
}

/// Begins the epoch of a new process.
#[cold]
fn begin(word: &AtomicU32) -> NonZeroU32 {
    let next = next();
    // ORDERING: Relaxed; of several threads one wins, and all take its number.
    let won = word.compare_exchange(0, next.get(), Ordering::Relaxed, Ordering::Relaxed);
    match won.map_or_else(NonZeroU32::new, |_| None) {
        Some(epoch) => epoch,
        None => {
            os::forget_locked();
            next
        }
    }
}

/// Begins the epoch of a new process, or says which one it is.
#[cold]
fn begin_by_number() -> NonZeroU32 {
    // ORDERING: Relaxed; the number alone is of interest.
    let seen = OWNER.load(Ordering::Relaxed);
    if let Some(epoch) = owned(seen) {
        return epoch;
    }
    let next = next();
    let owner = (u64::from(next.get()) << 32) | u64::from(std::process::id());
    // ORDERING: Relaxed; of several threads one wins, and all take its number.
    let won = OWNER.compare_exchange(seen, owner, Ordering::Relaxed, Ordering::Relaxed);
    match won.map_or_else(owned, |_| None) {
        Some(epoch) => epoch,
        None => {
            os::forget_locked();
            next
        }
    }
}

/// The epoch of `owner`, if that is this process.
fn owned(owner: u64) -> Option<NonZeroU32> {
    let epoch = NonZeroU32::new((owner >> 32) as u32)?;
    (owner as u32 == std::process::id()).then_some(epoch)
}

/// Ends the epoch, in a child that was made by `fork`.
extern "C" fn in_child() {
    // ORDERING: Relaxed; the child has one thread.
    OWNER.store(0, Ordering::Relaxed);
}

fn is_none(page: &'static AtomicU32) -> bool {
    core::ptr::eq(page, &NO_PAGE)
}

/// How children are told from their parents; `None` where there are none, or nothing is protected.
pub(crate) fn detection() -> Option<ForkDetection> {
    let page = page().ok()?;
    if is_none(page) { Some(ForkDetection::ProcessNumber) } else { os::FORK_DETECTION }
}

#[inline]
fn page() -> Result<&'static AtomicU32, Error> {
    // ORDERING: Acquire pairs with the Release of the exchange in `new_page`.
    let page = PAGE.load(Ordering::Acquire);
    // SAFETY: null or a page that is never freed.
    match unsafe { page.as_ref() } {
        Some(word) => Ok(word),
        None => new_page(),
    }
}

#[cold]
fn new_page() -> Result<&'static AtomicU32, Error> {
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
