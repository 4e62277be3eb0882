//! What protection this machine and process offer.

use crate::os;
use crate::pages::{ProtectionKey, fork};
use crate::protection::ForkDetection;

/// What this machine and process offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether the kernel has `memfd_secret`; false where [`filtered_calls`](Self::filtered_calls) is
    /// true, as it isn't tried then.
    pub memfd_secret: bool,
    /// Whether a filter (seccomp) decides which system calls this thread may make, or nothing tells
    /// that none does. One may kill for a call that it doesn't know; so [`Backing::Auto`](crate::Backing::Auto) doesn't try
    /// `memfd_secret` then, nor are protection keys asked for.
    pub filtered_calls: bool,
    /// Bytes that this process may lock; `None` if unlimited or unknown. A process with
    /// `CAP_IPC_LOCK` may exceed it.
    pub lock_limit: Option<usize>,
    /// Whether the processor and the kernel have memory protection keys; [`Reprotect::Eager`](crate::Reprotect::Eager) then uses
    /// them instead of `mprotect`.
    pub protection_keys: bool,
    /// Whether one call makes all threads of the process run a memory barrier (`membarrier` on Linux), with which
    /// [`Secret::local`](crate::Secret::local) makes handles that read without atomic operations. False where
    /// [`filtered_calls`](Self::filtered_calls) is true, as the call isn't tried then.
    pub process_barrier: bool,
    /// How a forked child is told from its parent; `None` where there are no forked children, or no
    /// secret can be made.
    pub fork_detection: Option<ForkDetection>,
    /// Bytes per page, the unit in which memory is locked.
    pub page_size: usize,
}

/// What this machine and process offer, asked now.
#[must_use]
pub fn capabilities() -> Capabilities {
    Capabilities {
        memfd_secret: os::has_secret_memory(),
        filtered_calls: os::filters_calls(),
        lock_limit: os::lock_limit(),
        protection_keys: ProtectionKey::get().is_some(),
        process_barrier: os::barrier().is_ok(),
        fork_detection: fork::detection(),
        page_size: os::page_size(),
    }
}
