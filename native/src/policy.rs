//! What the whole process wants, where a single secret doesn't say.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::protection::OnLockFailure;

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
    // ORDERING: Relaxed, as above.
    if DEGRADE.load(Ordering::Relaxed) { OnLockFailure::Degrade } else { OnLockFailure::Fail }
}

/// What happens from now on when an overrun is found that no `close` tells.
pub fn set_on_overrun(choice: OnOverrun) {
    // ORDERING: Relaxed; a choice, which orders nothing.
    COUNT_ONLY.store(choice == OnOverrun::Count, Ordering::Relaxed);
}

/// Does what [`set_on_overrun`] has chosen.
pub(crate) fn untold_overrun() {
    // ORDERING: Relaxed, as above.
    if !COUNT_ONLY.load(Ordering::Relaxed) {
        eprintln!(
            "strongroom: somebody has written past the end of a secret; it is wiped, and this \
             process ends, as its memory can't be trusted (strongroom::set_on_overrun)"
        );
        std::process::abort();
    }
}
