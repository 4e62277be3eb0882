//! What Linux and Apple's systems have in common.
//!
//! Calls go through rustix, but for those that it lacks, and those that it takes for granted: a filter may
//! refuse `getrlimit`, and files may lack that would tell the size of a page.

use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::mm::{self, MapFlags, MprotectFlags, ProtFlags};

use super::locked::locked_bytes;
use crate::Error;
use crate::protection::Access;

/// Pages in which nothing is ever written.
const NOTHING: MapFlags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);

/// That `call`, for `asked` bytes, has failed.
#[cold]
#[inline(never)]
pub(super) fn failed(number: Errno, call: &'static str, asked: usize) -> Error {
    match number {
        Errno::NOMEM => Error::OutOfMemory { asked },
        number => Error::Os { call, code: number.raw_os_error() },
    }
}

/// The answer of a call that rustix lacks, which is -1 if it has failed.
pub(super) fn answered(answer: libc::c_long) -> Result<libc::c_long, Errno> {
    if answer != -1 {
        return Ok(answer);
    }
    Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::INVAL))
}

/// Maps `len` fresh bytes with `protection`: at `at`, replacing what is there, or anywhere. `flags` say
/// whether they are private or shared.
///
/// # Safety
///
/// If `at` is given, the caller owns those `len` bytes of address space.
pub(super) unsafe fn map_anonymous(
    at: Option<NonNull<u8>>,
    len: usize,
    protection: ProtFlags,
    flags: MapFlags,
) -> Result<NonNull<u8>, Error> {
    let (address, fixed) = match at {
        Some(at) => (at.as_ptr().cast(), MapFlags::FIXED),
        None => (ptr::null_mut(), MapFlags::empty()),
    };
    // SAFETY: without MAP_FIXED nothing that exists is touched; with it, only what the caller owns.
    mapped(unsafe { mm::mmap_anonymous(address, len, protection, fixed | flags) }, len)
}

/// The answer of `mmap` for `len` bytes.
pub(super) fn mapped(
    answer: Result<*mut libc::c_void, Errno>,
    len: usize,
) -> Result<NonNull<u8>, Error> {
    match answer {
        Ok(at) => NonNull::new(at.cast()).ok_or(Error::Os { call: "mmap", code: 0 }),
        // After `mlockall(MCL_FUTURE)` all that is mapped is locked, and secret memory always is.
        Err(Errno::AGAIN) => Err(lock_limit_reached(len)),
        Err(number) => Err(failed(number, "mmap", len)),
    }
}

/// Bytes per page.
pub(crate) fn page_size() -> usize {
    // SAFETY: sysconf has no preconditions.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// Bytes that this process may lock, unless that is unlimited.
pub(crate) fn lock_limit() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a local that outlives the call.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) };
    if answer != 0 || limit.rlim_cur == libc::RLIM_INFINITY {
        return None;
    }
    usize::try_from(limit.rlim_cur).ok()
}

/// The error that `asked` bytes more can't be locked.
pub(super) fn lock_limit_reached(asked: usize) -> Error {
    Error::LockLimit { asked, locked: locked_bytes(), limit: lock_limit() }
}

/// Addresses for `len` bytes that fault on every access.
pub(crate) fn reserve(len: usize) -> Result<NonNull<u8>, Error> {
    // SAFETY: no address is given.
    unsafe { map_anonymous(None, len, ProtFlags::empty(), NOTHING) }
}

/// Gives the pages back; their addresses stay readable, as zeros.
///
/// # Safety
///
/// The caller owns these whole pages, and nobody uses what is in them except to look.
pub(crate) unsafe fn vacate(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    // One call replaces the pages, so a reader finds the old ones or zeros, and never a gap.
    // SAFETY: the caller owns the pages, and who still looks finds zeros.
    unsafe { map_anonymous(Some(at), len, ProtFlags::READ, NOTHING) }.map(drop)
}

/// Changes what may be done with the pages.
///
/// # Safety
///
/// The caller owns these whole, committed pages, and nobody relies on more than `access`.
#[inline]
pub(crate) unsafe fn protect(at: NonNull<u8>, len: usize, access: Access) -> Result<(), Error> {
    let protection = match access {
        Access::None => MprotectFlags::empty(),
        Access::Read => MprotectFlags::READ,
        Access::ReadWrite => MprotectFlags::READ.union(MprotectFlags::WRITE),
    };
    // SAFETY: the caller owns the pages, and nobody relies on more than they may do from now on.
    let answer = unsafe { mm::mprotect(at.as_ptr().cast(), len, protection) };
    answer.map_err(|number| failed(number, "mprotect", len))
}

/// Writes `text` to standard error, if that takes it at once. It doesn't wait for who doesn't read, nor
/// raise SIGPIPE where nobody will.
pub(crate) fn say(text: &str) {
    const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let stderr = io::stderr();
    let mut wanted = [PollFd::new(&stderr, PollFlags::OUT)];
    let asked = poll(&mut wanted, Some(&AT_ONCE));
    if asked.is_ok() && wanted[0].revents() == PollFlags::OUT {
        let _ = rustix::io::write(&stderr, text.as_bytes());
    }
}

/// A thread that no signal handler of the application runs on.
pub(crate) fn spawn(name: &'static CStr, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the pointer is to a local that outlives the call, which initialises it.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    // SAFETY: `all` was initialised, `before` will be; a new thread inherits the mask.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
    let spawned = super::pthread::spawn(name, f);
    // SAFETY: `before` was initialised above; this thread gets its own mask back.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut()) };
    spawned
}

/// Sets the soft limit of core files to 0.
pub(crate) fn disable_core_files() -> Result<(), Error> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a local that outlives the call.
    let got = unsafe { libc::getrlimit(libc::RLIMIT_CORE, &raw mut limit) };
    answered(got.into()).map_err(|number| failed(number, "getrlimit", 0))?;
    limit.rlim_cur = 0;
    // SAFETY: the pointer is to a local that outlives the call.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const limit) };
    answered(set.into()).map(drop).map_err(|number| failed(number, "setrlimit", 0))
}

/// Has every child that is made by `fork` call `handler` before anything else.
pub(crate) fn call_in_children(handler: extern "C" fn()) -> Result<(), Error> {
    // SAFETY: `handler` is safe to call at any time, and stays.
    let code = unsafe { libc::pthread_atfork(None, None, Some(handler)) };
    if code == 0 { Ok(()) } else { Err(Error::Os { call: "pthread_atfork", code }) }
}

/// Gives the addresses back.
///
/// # Safety
///
/// The caller owns these whole pages and nobody uses the addresses any more.
pub(crate) unsafe fn unmap(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    // SAFETY: the caller owns the pages, and nobody uses their addresses any more.
    let answer = unsafe { mm::munmap(at.as_ptr().cast(), len) };
    answer.map_err(|number| failed(number, "munmap", len))
}
