//! What Linux and Apple's systems have in common.

use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use crate::Error;
use crate::protection::Access;

/// Pages in which nothing is ever written.
const NOTHING: libc::c_int = libc::MAP_PRIVATE | libc::MAP_NORESERVE;

/// The error of the last system call, as an [`Error`] about `call`.
#[cold]
#[inline(never)]
pub(super) fn last_error(call: &'static str, asked: usize) -> Error {
    match std::io::Error::last_os_error().raw_os_error().unwrap_or(0) {
        libc::ENOMEM => Error::OutOfMemory { asked },
        code => Error::Os { call, code },
    }
}

/// Turns a system call's answer into a result.
#[inline]
pub(super) fn check(answer: libc::c_int, call: &'static str, asked: usize) -> Result<(), Error> {
    if answer == 0 { Ok(()) } else { Err(last_error(call, asked)) }
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
    protection: libc::c_int,
    flags: libc::c_int,
) -> Result<NonNull<u8>, Error> {
    let (address, fixed) = match at {
        Some(at) => (at.as_ptr().cast(), libc::MAP_FIXED),
        None => (ptr::null_mut(), 0),
    };
    // SAFETY: without MAP_FIXED nothing that exists is touched; with it, only what the caller owns.
    let mapped =
        unsafe { libc::mmap(address, len, protection, libc::MAP_ANONYMOUS | fixed | flags, -1, 0) };
    mapping(mapped, len)
}

/// The answer of `mmap` as a result.
pub(super) fn mapping(mapped: *mut libc::c_void, len: usize) -> Result<NonNull<u8>, Error> {
    if mapped == libc::MAP_FAILED {
        return Err(match last_error("mmap", len) {
            // After `mlockall(MCL_FUTURE)` all that is mapped is locked, and secret memory always is.
            Error::Os { code: libc::EAGAIN, .. } => lock_limit_reached(len),
            error => error,
        });
    }
    NonNull::new(mapped.cast()).ok_or(Error::Os { call: "mmap", code: 0 })
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
    Error::LockLimit { asked, locked: super::locked::locked_bytes(), limit: lock_limit() }
}

/// Addresses for `len` bytes that fault on every access.
pub(crate) fn reserve(len: usize) -> Result<NonNull<u8>, Error> {
    // SAFETY: no address is given.
    unsafe { map_anonymous(None, len, libc::PROT_NONE, NOTHING) }
}

/// Gives the pages back; their addresses stay readable, as zeros.
///
/// # Safety
///
/// The caller owns these whole pages, and nobody uses what is in them except to look.
pub(crate) unsafe fn vacate(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    // One call replaces the pages, so a reader finds the old ones or zeros, and never a gap.
    // SAFETY: the caller's promise.
    unsafe { map_anonymous(Some(at), len, libc::PROT_READ, NOTHING) }.map(drop)
}

/// Changes what may be done with the pages.
///
/// # Safety
///
/// The caller owns these whole, committed pages, and nobody relies on more than `access`.
#[inline]
pub(crate) unsafe fn protect(at: NonNull<u8>, len: usize, access: Access) -> Result<(), Error> {
    let protection = match access {
        Access::None => libc::PROT_NONE,
        Access::Read => libc::PROT_READ,
        Access::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
    };
    // SAFETY: the caller's promise.
    check(unsafe { libc::mprotect(at.as_ptr().cast(), len, protection) }, "mprotect", len)
}

/// Writes `text` to standard error, if that takes it at once. It doesn't wait for who doesn't read, nor
/// raise SIGPIPE where nobody will.
pub(crate) fn say(text: &str) {
    let mut stderr = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
    // SAFETY: the pointer is to one local, which outlives the call.
    unsafe { libc::poll(&raw mut stderr, 1, 0) };
    if stderr.revents == libc::POLLOUT {
        // SAFETY: these are the bytes of `text`.
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
    }
}

/// A thread that no signal handler of the application runs on.
pub(crate) fn spawn(name: &str, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the pointer is to a local that outlives the call, which initialises it.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    // SAFETY: `all` was initialised, `before` will be; a new thread inherits the mask.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
    let spawned = super::thread::spawn(name, f);
    // SAFETY: `before` was initialised above; this thread gets its own mask back.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut()) };
    spawned
}

/// Sets the soft limit of core files to 0.
pub(crate) fn disable_core_files() -> Result<(), Error> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a local that outlives the call.
    check(unsafe { libc::getrlimit(libc::RLIMIT_CORE, &raw mut limit) }, "getrlimit", 0)?;
    limit.rlim_cur = 0;
    // SAFETY: as above.
    check(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const limit) }, "setrlimit", 0)
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
    // SAFETY: the caller's promise.
    check(unsafe { libc::munmap(at.as_ptr().cast(), len) }, "munmap", len)
}
