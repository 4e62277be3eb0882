//! What one process has: its locked heap, and what stands above it.

mod counters;
mod vaults;

use std::sync::atomic::{AtomicPtr, Ordering};

use strongroom_core::Rekeyed;

use crate::Error;
use crate::heap::Heap;
use crate::pages::Birth;
use crate::region::Reprotector;
use counters::Counters;
use vaults::Vaults;

/// All that one process has. It is never freed.
pub(crate) struct Process {
    pub(crate) heap: Heap,
    pub(crate) vaults: Vaults,
    pub(crate) reprotector: Reprotector,
    pub(crate) counters: Counters,
}

static CURRENT: AtomicPtr<Process> = AtomicPtr::new(core::ptr::null_mut());

impl Process {
    /// This process. A forked child gets a new one: the parent's locks may be held by a thread that the
    /// child doesn't have.
    #[inline(always)]
    pub(crate) fn current() -> Result<&'static Self, Error> {
        match Birth::current().and_then(Self::of) {
            Some(process) => Ok(process),
            None => Self::begin(),
        }
    }

    /// This process, if need be a new one.
    #[cold]
    fn begin() -> Result<&'static Self, Error> {
        let birth = Birth::now()?;
        // ORDERING: Acquire pairs with the Release of the exchange below.
        let mut seen = CURRENT.load(Ordering::Acquire);
        loop {
            // SAFETY: null or leaked below, so it lives for ever.
            if let Some(process) = unsafe { seen.as_ref() }
                && process.heap.birth == birth
            {
                return Ok(process);
            }
            let new = Box::into_raw(Box::new(Self::new(birth)?));
            // ORDERING: AcqRel: the new one is published, to the load above, or another thread's is taken.
            match CURRENT.compare_exchange(seen, new, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: leaked above.
                Ok(_) => return Ok(unsafe { &*new }),
                Err(other) => {
                    // SAFETY: made above, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(new) });
                    seen = other;
                }
            }
        }
    }

    /// The process of this `birth`; in a child, that it was copied from, or none.
    #[inline]
    pub(crate) fn of(birth: Birth) -> Option<&'static Self> {
        // ORDERING: Acquire pairs with the Release of the exchange in `current`.
        let current = CURRENT.load(Ordering::Acquire);
        // SAFETY: null or leaked in `current`, so it lives for ever.
        unsafe { current.as_ref() }.filter(|process| process.heap.birth == birth)
    }

    fn new(birth: Birth) -> Result<Self, Error> {
        let (vaults, reprotector) = (Vaults::new(), Reprotector::new());
        Ok(Self { heap: Heap::new(birth)?, vaults, reprotector, counters: Counters::new() })
    }
}

/// Encrypts all encrypted secrets of this process under new root keys. They can be used, created and
/// dropped meanwhile, and none is lost, whatever fails. Of several calls at once, the last key wins.
///
/// Each content is open for a moment, in memory as it is opened in. Of those made with
/// [`OnLockFailure::Degrade`](crate::OnLockFailure::Degrade) that may be unlocked, when no more can be
/// locked, and [`protections`](crate::Secret::protections) doesn't tell: it is about the last access.
///
/// # Errors
///
/// [`Error::Random`], [`Error::LockLimit`] and the like, when no new keys could be made. Nothing has
/// changed then.
pub fn rekey() -> Result<Rekeyed, Error> {
    Process::current()?.vaults.rekey()
}
