//! Linux: `memfd_secret` where the kernel has it, `mlock` where not.

use core::ptr::NonNull;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use super::Facts;
pub(crate) use super::unix::{
    decommit, lock_limit, page_size, protect, reserve, spawn, unmap, vacate,
};
use super::unix::{check, last_error, map_anonymous, mapping};
use crate::Error;
use crate::protection::Backing;

const READ_WRITE: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;

/// Turns reserved pages into zeroed, writable, protected ones.
///
/// # Safety
///
/// The caller owns these whole pages, which [`reserve`] or [`decommit`] left.
pub(crate) unsafe fn commit(
    at: NonNull<u8>,
    len: usize,
    backing: Backing,
    locked: bool,
) -> Result<Facts, Error> {
    // SAFETY: the caller's promise.
    let committed = unsafe { commit_or_leave_traces(at, len, backing, locked) };
    if committed.is_err() {
        // SAFETY: the caller's promise; nothing is in these pages yet. If this fails too, they stay
        // what they are: the caller's, and empty.
        let _ = unsafe { decommit(at, len) };
    }
    committed
}

/// # Safety
///
/// As [`commit`].
unsafe fn commit_or_leave_traces(
    at: NonNull<u8>,
    len: usize,
    backing: Backing,
    locked: bool,
) -> Result<Facts, Error> {
    let secret = match backing {
        Backing::Anonymous => false,
        // Secret memory is always locked, so it can't serve where locking is not wanted.
        Backing::Auto => locked && has_secret_memory(),
        Backing::MemfdSecret if has_secret_memory() => true,
        Backing::MemfdSecret => return Err(Error::Unsupported { what: "memfd_secret" }),
    };
    if secret {
        // SAFETY: the caller's promise.
        unsafe { map_secret(at, len) }?;
    } else {
        // SAFETY: the caller's promise.
        unsafe { map_anonymous(Some(at), len, READ_WRITE, 0) }?;
        if locked {
            // SAFETY: these are the pages just mapped.
            check(unsafe { libc::mlock(at.as_ptr().cast(), len) }, "mlock", len)
                .map_err(|error| lock_failure(error, len))?;
        }
        // SAFETY: these are the pages just mapped.
        unsafe { advise(at, len, libc::MADV_DONTDUMP, "madvise(MADV_DONTDUMP)") }?;
    }
    // SAFETY: these are the pages just mapped.
    unsafe { advise(at, len, libc::MADV_DONTFORK, "madvise(MADV_DONTFORK)") }?;
    Ok(Facts {
        memfd_secret: secret,
        locked: secret || locked,
        excluded_from_dumps: true,
        excluded_from_forks: true,
    })
}

/// Gives advice that changes no content now.
///
/// # Safety
///
/// The caller owns these whole pages.
unsafe fn advise(
    at: NonNull<u8>,
    len: usize,
    advice: libc::c_int,
    call: &'static str,
) -> Result<(), Error> {
    // SAFETY: the caller's promise.
    check(unsafe { libc::madvise(at.as_ptr().cast(), len, advice) }, call, len)
}

/// Maps pages that even the kernel can't read over `at`.
///
/// # Safety
///
/// As [`commit`].
unsafe fn map_secret(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    let file = memfd_secret().ok_or_else(|| last_error("memfd_secret", len))?;
    let size = libc::off_t::try_from(len)
        .map_err(|_| Error::TooLarge { len, max: libc::off_t::MAX as usize })?;
    // SAFETY: ftruncate has no preconditions in memory.
    check(unsafe { libc::ftruncate(file.as_raw_fd(), size) }, "ftruncate", len)?;
    // SAFETY: the caller owns the addresses; the file was just made for them.
    let mapped = unsafe {
        libc::mmap(
            at.as_ptr().cast(),
            len,
            READ_WRITE,
            libc::MAP_SHARED | libc::MAP_FIXED,
            file.as_raw_fd(),
            0,
        )
    };
    mapping(mapped, len).map_err(|error| lock_failure(error, len))?;
    for page in (0..len).step_by(page_size()) {
        // Have the page now: later, "out of memory" could only be told by a signal.
        // SAFETY: `page` is below `len`, within the pages just mapped.
        let first = unsafe { at.add(page) };
        // SAFETY: as above; writable, and zero already.
        unsafe { first.write_volatile(0) };
    }
    Ok(())
}

/// What a failure of locking means, from the page locking calls' manual pages: EAGAIN and EPERM
/// are the limit; so is ENOMEM from `mlock` when the limit is what stands in the way.
fn lock_failure(error: Error, asked: usize) -> Error {
    let locked = crate::pages::locked_bytes();
    let limit = lock_limit();
    let limited = match error {
        Error::Os { code: libc::EAGAIN | libc::EPERM, .. } => true,
        Error::OutOfMemory { .. } => limit.is_some_and(|limit| locked + asked > limit),
        _ => false,
    };
    if limited { Error::LockLimit { asked, locked, limit } } else { error }
}

/// A new file of secret memory, if the kernel has it (Linux 5.14, on by default since 6.5).
fn memfd_secret() -> Option<OwnedFd> {
    // SAFETY: the call takes one integer and touches no memory.
    let file = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let file = libc::c_int::try_from(file).ok().filter(|file| *file >= 0)?;
    // SAFETY: the descriptor is new and nobody else's.
    Some(unsafe { OwnedFd::from_raw_fd(file) })
}

/// Whether the kernel offers `memfd_secret`; asked once.
pub(crate) fn has_secret_memory() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| memfd_secret().is_some())
}

/// A zeroed page, never freed, that a forked child finds zeroed again.
pub(crate) fn fork_wiped_page() -> Result<NonNull<AtomicU64>, Error> {
    let len = page_size();
    // SAFETY: no address is given.
    let page = unsafe { map_anonymous(None, len, READ_WRITE, 0) }?;
    // SAFETY: this is the page just mapped.
    let advised = unsafe { advise(page, len, libc::MADV_WIPEONFORK, "madvise(MADV_WIPEONFORK)") };
    if let Err(error) = advised {
        // SAFETY: nobody has seen the page yet.
        let _ = unsafe { unmap(page, len) };
        return Err(error);
    }
    Ok(page.cast())
}
