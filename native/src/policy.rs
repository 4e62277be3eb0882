//! What the whole process wants, where a single secret doesn't say.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::os;
use crate::protection::{Backing, OnLockFailure};

/// What to do when a write past the end of a secret is found and there is no
/// [`close`](crate::Secret::close) to tell: when the last handle is dropped, or when the last reader
/// of a closed or replaced content leaves. The bytes have been wiped then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnOverrun {
    /// Say so on standard error and end the process: its memory is no longer what it believes.
    #[default]
    Abort,
    /// Only count it, in [`Stats::overruns`](crate::Stats::overruns).
    Count,
}

static DEGRADE: AtomicBool = AtomicBool::new(false);
static COUNT_ONLY: AtomicBool = AtomicBool::new(false);

/// What secrets do from now on when no more memory may be locked, unless their builder says
/// otherwise. [`OnLockFailure::Fail`] if this is never called.
pub fn set_default_on_lock_failure(choice: OnLockFailure) {
    // ORDERING: Relaxed; a choice, which orders nothing.
    DEGRADE.store(choice == OnLockFailure::Degrade, Ordering::Relaxed);
}

pub(crate) fn default_on_lock_failure() -> OnLockFailure {
    // ORDERING: Relaxed; a choice, which orders nothing.
    if DEGRADE.load(Ordering::Relaxed) { OnLockFailure::Degrade } else { OnLockFailure::Fail }
}

static BACKING: OnceLock<Backing> = OnceLock::new();

/// Which kind of memory holds secrets whose builder doesn't say: [`Backing::Anonymous`] where the
/// machine is to hibernate, which it refuses while memory of `memfd_secret` exists. To be called at
/// the start of a program: it can be chosen once.
///
/// ```standalone_crate
/// use strongroom::{Backing, Secret, default_backing, set_default_backing};
///
/// assert_eq!(set_default_backing(Backing::Anonymous), Ok(()));
/// let secret = Secret::random(32)?;
/// assert!(!secret.protections()?.memfd_secret);
/// assert_eq!(set_default_backing(Backing::Auto), Err(Backing::Anonymous)); // too late
/// assert_eq!(default_backing(), Backing::Anonymous);
/// # Ok::<(), strongroom::Error>(())
/// ```
///
/// # Errors
///
/// The one that is in force, if it is another: it was chosen before, or secrets exist that are in
/// its memory, since nobody had chosen.
pub fn set_default_backing(backing: Backing) -> Result<(), Backing> {
    let in_force = *BACKING.get_or_init(|| backing);
    if in_force == backing { Ok(()) } else { Err(in_force) }
}

/// Which kind of memory holds secrets whose builder doesn't say: [`Backing::Auto`] unless
/// [`set_default_backing`] has chosen another.
#[must_use]
pub fn default_backing() -> Backing {
    BACKING.get().copied().unwrap_or_default()
}

/// The same, for a secret that is made now: after that, no other can be chosen.
pub(crate) fn default_backing_for_good() -> Backing {
    *BACKING.get_or_init(Backing::default)
}

/// What happens from now on when an overrun is found that no `close` tells.
pub fn set_on_overrun(choice: OnOverrun) {
    // ORDERING: Relaxed; a choice, which orders nothing.
    COUNT_ONLY.store(choice == OnOverrun::Count, Ordering::Relaxed);
}

/// Does what [`set_on_overrun`] has chosen.
pub(crate) fn untold_overrun() {
    // ORDERING: Relaxed; a choice, which orders nothing.
    if !COUNT_ONLY.load(Ordering::Relaxed) {
        os::end_process(
            "strongroom: somebody has written past the end of a secret; it is wiped, and this \
             process ends, as its memory can't be trusted (strongroom::set_on_overrun)\n",
        );
    }
}
