//! macOS and its relatives: `mlock`, and `minherit` for forks. There is no way to leave memory out
//! of a core dump; those are off by default there.

use core::ptr::NonNull;
use std::sync::atomic::AtomicU32;

use rustix::mm::{self, MapFlags, ProtFlags};

use super::unix::{answered, failed, lock_limit_reached, map_anonymous};
pub(crate) use super::unix::{
    call_in_children, disable_core_files, lock_limit, page_size, protect, reserve, say, spawn,
    unmap, vacate,
};
use crate::Error;
use crate::protection::{Backing, Facts, ForkDetection};

const READ_WRITE: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);

unsafe extern "C" {
    /// <sys/mman.h>; the libc crate doesn't declare it.
    fn minherit(address: *mut libc::c_void, len: libc::size_t, inherit: libc::c_int)
    -> libc::c_int;
}

/// The child has no such pages (VM_INHERIT_NONE, <mach/vm_inherit.h>).
const INHERIT_NONE: libc::c_int = 2;

/// Turns reserved pages into zeroed, writable, protected ones.
///
/// # Safety
///
/// The caller owns these whole pages, which [`reserve`] or [`vacate`] left.
pub(crate) unsafe fn commit(
    at: NonNull<u8>,
    len: usize,
    backing: Backing,
    locked: bool,
) -> Result<Facts, Error> {
    if backing == Backing::MemfdSecret {
        return Err(Error::Unsupported { what: "memfd_secret" });
    }
    // SAFETY: the caller owns the pages, in which there is nothing.
    let committed = unsafe { commit_or_leave_traces(at, len, locked) };
    if committed.is_err() {
        // SAFETY: the caller owns the pages, in which there is nothing yet. If this fails too, they are
        // empty, readable, and the caller's all the same.
        let _ = unsafe { vacate(at, len) };
    }
    committed
}

/// # Safety
///
/// As [`commit`].
unsafe fn commit_or_leave_traces(
    at: NonNull<u8>,
    len: usize,
    locked: bool,
) -> Result<Facts, Error> {
    // SAFETY: the caller owns the pages, in which there is nothing.
    unsafe { map_anonymous(Some(at), len, READ_WRITE, MapFlags::PRIVATE) }?;
    if locked {
        // SAFETY: these are the pages just mapped.
        unsafe { mm::mlock(at.as_ptr().cast(), len) }.map_err(|_| lock_limit_reached(len))?;
    }
    // SAFETY: these are the pages just mapped; how they are inherited changes no content.
    let answer = unsafe { minherit(at.as_ptr().cast(), len, INHERIT_NONE) };
    answered(answer.into()).map_err(|number| failed(number, "minherit", len))?;
    Ok(Facts { memfd_secret: false, locked, excluded_from_dumps: false, excluded_from_forks: true })
}

/// Unknown.
pub(crate) fn available_memory() -> Option<usize> {
    None
}

/// Unknown: there is nothing here that would have to be tried with care.
pub(crate) fn filters_calls() -> bool {
    false
}

/// There is no such call.
pub(crate) fn barrier() -> Result<(), Error> {
    Err(Error::Unsupported { what: "a barrier for all threads" })
}

/// There is none.
pub(crate) fn has_secret_memory() -> bool {
    false
}

/// There is no limit that pages run into when they become writable.
pub(crate) const COUNTS_DATA: bool = false;

/// How [`fork_wiped_page`] tells children.
pub(crate) const FORK_DETECTION: Option<ForkDetection> = Some(ForkDetection::Handler);

/// A page that tells a forked child from its parent.
///
/// Darwin can't hand a child a zeroed page, so a handler that the C library runs in the child
/// zeroes it; a raw `fork` system call is not possible there.
pub(crate) fn fork_wiped_page() -> Result<Option<NonNull<AtomicU32>>, Error> {
    static EPOCH: AtomicU32 = AtomicU32::new(0);

    extern "C" fn in_child() {
        // ORDERING: Relaxed; the child has one thread.
        EPOCH.store(0, std::sync::atomic::Ordering::Relaxed);
    }

    call_in_children(in_child)?;
    Ok(Some(NonNull::from(&EPOCH)))
}

/// There is no such call.
pub(crate) fn deny_inspection() -> Result<(), Error> {
    Err(Error::Unsupported { what: "denying inspection" })
}
