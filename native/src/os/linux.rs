//! Linux: `memfd_secret` where the kernel has it, `mlock` where not.

use core::ptr::{self, NonNull};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64, Ordering};

pub(crate) use super::available::available_memory;
pub(crate) use super::filter::filters_calls;
use super::unix::{self, check, last_error, lock_limit_reached, map_anonymous, mapping};
pub(crate) use super::unix::{call_in_children, lock_limit, page_size, protect, say, spawn, unmap};
use crate::Error;
use crate::protection::{Access, Backing, Facts, ForkDetection};

const READ_WRITE: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;

/// Turns reserved or vacated pages into zeroed, writable, protected ones.
///
/// They are made elsewhere and moved into place when all is done: so what fails leaves `at` as it
/// was, and there is no moment at which `at` is not mapped, neither for readers that come too late
/// nor for another thread's `mmap` that looks for a free place.
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
    let file = secret_file(len, backing, locked)?;
    let secret = file.is_some();
    let new = match file {
        Some(file) => map_secret(file, len)?,
        None => map_ordinary(len, locked)?,
    };
    // SAFETY: these are the pages just mapped, in nobody's use.
    let placed = unsafe { protect_and_place(new, at, len, secret, locked) };
    if let Err(error) = placed {
        // SAFETY: as above. Should this fail too, some empty addresses are lost.
        let _ = unsafe { unmap(new, len) };
        return Err(error);
    }
    Ok(Facts {
        memfd_secret: secret,
        locked: secret || locked,
        // The kernel itself leaves secret memory out.
        excluded_from_dumps: secret || takes_advice(),
        excluded_from_forks: takes_advice(),
    })
}

/// Addresses for `len` bytes that fault on every access, and count for no limit on locked memory.
pub(crate) fn reserve(len: usize) -> Result<NonNull<u8>, Error> {
    unlocked(unix::reserve(len), len)
}

/// Gives the pages back; their addresses stay readable, as zeros, and count for no limit.
///
/// # Safety
///
/// The caller owns these whole pages, and nobody uses what is in them except to look.
pub(crate) unsafe fn vacate(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    // SAFETY: the caller's promise.
    match unsafe { unix::vacate(at, len) } {
        // There must be room for new ones before the old ones go.
        Err(Error::LockLimit { .. }) => {}
        vacated => {
            unlock(at, len);
            return vacated;
        }
    }
    let new = reserve(len)?;
    // SAFETY: these are the pages just mapped, in nobody's use.
    let readable = unsafe { protect(new, len, Access::Read) };
    // SAFETY: as above, and the caller's promise.
    readable.and_then(|()| unsafe { place(new, at, len) }).inspect_err(|_| {
        // SAFETY: as above. Should this fail too, some empty addresses are lost.
        let _ = unsafe { unmap(new, len) };
    })
}

/// `mapped`, of which nothing is locked. After `mlockall(MCL_FUTURE)` the kernel locks, and counts,
/// whatever is mapped, whether it can be accessed or not, and at the limit refuses it; but what grows
/// out of a page that isn't locked, isn't either.
fn unlocked(mapped: Result<NonNull<u8>, Error>, len: usize) -> Result<NonNull<u8>, Error> {
    /// Such a page; null before the first call, and while a thread has it grow.
    static SEED: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
    let keep = |seed: NonNull<u8>| {
        // ORDERING: Relaxed; whoever gets it only passes the address to the kernel.
        let kept = SEED.compare_exchange(
            ptr::null_mut(),
            seed.as_ptr(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if kept.is_err() {
            // SAFETY: the page is this thread's, and holds nothing. Should it stay, it is lost.
            let _ = unsafe { unmap(seed, page_size()) };
        }
    };
    let at_limit = matches!(mapped, Err(Error::LockLimit { .. }));
    if !at_limit {
        let at = mapped?;
        unlock(at, len);
        // ORDERING: Relaxed, as above.
        if SEED.load(Ordering::Relaxed).is_null()
            && let Ok(seed) = unix::reserve(page_size())
        {
            unlock(seed, page_size());
            keep(seed);
        }
        return Ok(at);
    }
    // ORDERING: Relaxed, as above.
    let seed = match NonNull::new(SEED.swap(ptr::null_mut(), Ordering::Relaxed)) {
        Some(seed) => seed,
        None => unix::reserve(page_size()).inspect(|seed| unlock(*seed, page_size()))?,
    };
    let lengths = [page_size(), page_size() + len];
    // SAFETY: the page is this thread's, and holds nothing.
    let grown = unsafe { remap(seed, lengths, 0, ptr::null_mut()) };
    let grown = grown.inspect_err(|_| keep(seed))?;
    keep(grown);
    // SAFETY: there are `len` bytes behind the page that is kept.
    Ok(unsafe { grown.add(page_size()) })
}

/// Has pages that hold nothing not be locked. If the system refuses, they are, which harms nobody.
fn unlock(at: NonNull<u8>, len: usize) {
    // SAFETY: the call changes no content, and with pages that nobody has told to be locked no promise.
    unsafe { libc::munlock(at.as_ptr().cast(), len) };
}

/// Gives the inaccessible pages at `new` all their protection and moves them to `at`.
///
/// # Safety
///
/// The caller owns these whole pages at both places, and nobody uses what is in them.
unsafe fn protect_and_place(
    new: NonNull<u8>,
    at: NonNull<u8>,
    len: usize,
    secret: bool,
    locked: bool,
) -> Result<(), Error> {
    // As long as the pages are inaccessible, a child forked just now can't share them by mistake.
    // SAFETY: the caller's promise.
    unsafe { advise(new, len, libc::MADV_DONTFORK, "madvise(MADV_DONTFORK)") }?;
    if !secret {
        // The kernel leaves secret memory out of dumps anyway.
        // SAFETY: the caller's promise.
        unsafe { advise(new, len, libc::MADV_DONTDUMP, "madvise(MADV_DONTDUMP)") }?;
    }
    // SAFETY: the caller's promise.
    unsafe { protect(new, len, Access::ReadWrite) }?;
    if secret {
        // SAFETY: the caller's promise, and writable since the call above.
        unsafe { populate(new, len) }?;
    } else if locked {
        // SAFETY: the caller's promise.
        check(unsafe { libc::mlock(new.as_ptr().cast(), len) }, "mlock", len).map_err(|error| {
            match error {
                // The pages are there and can be locked, so all that can lack is the permission.
                Error::Os { code: libc::EAGAIN | libc::EPERM, .. } | Error::OutOfMemory { .. } => {
                    lock_limit_reached(len)
                }
                error => error,
            }
        })?;
    }
    // SAFETY: the caller's promise.
    unsafe { place(new, at, len) }
}

/// Moves pages to where others were, in one step.
///
/// # Safety
///
/// The caller owns these whole pages at both places, and nobody uses what is in them except to look.
unsafe fn place(new: NonNull<u8>, at: NonNull<u8>, len: usize) -> Result<(), Error> {
    const FIXED: libc::c_long = 2;
    // SAFETY: the caller's promise.
    unsafe { remap(new, [len, len], FIXED, at.as_ptr()) }.map(drop)
}

/// Moves pages, which may change their length with that, and says where they are now.
///
/// # Safety
///
/// The caller owns these whole pages, and, if they go to a fixed place, those there; nobody uses what is
/// in them except to look.
unsafe fn remap(
    from: NonNull<u8>,
    [before, after]: [usize; 2],
    flags: libc::c_long,
    to: *mut u8,
) -> Result<NonNull<u8>, Error> {
    /// `MREMAP_MAYMOVE` (<linux/mman.h>); `MREMAP_FIXED` is 2. For Android, the libc crate has neither them
    /// nor the function.
    const MAY_MOVE: libc::c_long = 1;
    // SAFETY: the caller's promise.
    let moved = unsafe {
        libc::syscall(libc::SYS_mremap, from.as_ptr(), before, after, MAY_MOVE | flags, to)
    };
    check(libc::c_int::from(moved == -1), "mremap", after)?;
    let moved = ptr::with_exposed_provenance_mut(moved.cast_unsigned() as usize);
    NonNull::new(moved).ok_or(Error::Os { call: "mremap", code: 0 })
}

/// Has the kernel take the pages of secret memory now. Later, that there are no more of them could only
/// be told by SIGBUS; and so could the limit, which kernels with "mm/secretmem: properly account locked
/// pages" (Debian's 6.1.192 and 6.12.113) check when a page is first touched, and not in `mmap`.
///
/// # Safety
///
/// The caller owns these whole, writable pages, and nobody uses what is in them.
unsafe fn populate(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    for page in (0..len).step_by(page_size()) {
        // SAFETY: `page` is below `len`, a multiple of a page's size.
        let first = unsafe { at.add(page) }.cast::<u64>();
        // Of the calls that write a word to memory, this one has no other effect. What the kernel can't
        // write to for want of a page is an error then.
        // SAFETY: the caller's promise, for the one word that is written.
        let answer =
            unsafe { libc::syscall(libc::SYS_rt_sigpending, first.as_ptr(), size_of::<u64>()) };
        let written = check(libc::c_int::from(answer != 0), "rt_sigpending", len);
        if let Err(Error::Os { code: libc::EFAULT, .. }) = written {
            let limit = lock_limit();
            return Err(
                limit.map_or(Error::OutOfMemory { asked: len }, |_| lock_limit_reached(len))
            );
        }
        // Where a filter refuses that call, this is what takes the page.
        // SAFETY: the caller's promise.
        unsafe { first.write_volatile(0) };
    }
    Ok(())
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

/// Maps fresh ordinary pages, inaccessible as yet.
///
/// They are shared, though with nobody: private ones count as data (`RLIMIT_DATA`) while they are
/// writable, so that those of a guarded secret might not be made writable any more to wipe them.
fn map_ordinary(len: usize, locked: bool) -> Result<NonNull<u8>, Error> {
    // Where no advice is taken, children get the pages; those shall at least be copies.
    let sharing = if takes_advice() { libc::MAP_SHARED } else { libc::MAP_PRIVATE };
    // SAFETY: no address is given.
    let mapped = unsafe { map_anonymous(None, len, libc::PROT_NONE, sharing) };
    if locked { mapped } else { unlocked(mapped, len) }
}

/// A file of secret memory for `len` bytes, if `backing` wants it and, where it leaves the choice, it is
/// to be had.
fn secret_file(len: usize, backing: Backing, locked: bool) -> Result<Option<OwnedFd>, Error> {
    match backing {
        Backing::Anonymous => Ok(None),
        // Secret memory is always locked, so it can't serve where locking is not wanted.
        Backing::Auto if !locked => Ok(None),
        // To try would be to risk a signal.
        Backing::Auto if exceeds_file_limit(len) || filters_calls() => Ok(None),
        Backing::Auto => match memfd_secret() {
            Err(Error::Os { code: libc::EMFILE | libc::ENFILE, .. }) => Ok(None),
            file => file,
        },
        Backing::MemfdSecret if cfg!(target_os = "android") => {
            Err(Error::Unsupported { what: "memfd_secret, for which Android kills" })
        }
        Backing::MemfdSecret if exceeds_file_limit(len) => Err(Error::Unsupported {
            what: "memfd_secret of a size above RLIMIT_FSIZE; raise that limit (ulimit -f, \
                   LimitFSIZE= in systemd), or use another backing",
        }),
        Backing::MemfdSecret => {
            memfd_secret()?.map(Some).ok_or(Error::Unsupported { what: "memfd_secret" })
        }
    }
}

/// Whether a file of `len` bytes may not be made: the kernel sends SIGXFSZ to who tries.
fn exceeds_file_limit(len: usize) -> bool {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a local that outlives the call, which leaves it alone if it fails.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) };
    limit.rlim_cur < len as libc::rlim_t
}

/// Maps the whole of a new secret file, inaccessible as yet.
fn map_secret(file: OwnedFd, len: usize) -> Result<NonNull<u8>, Error> {
    let size = libc::off_t::try_from(len)
        .map_err(|_| Error::TooLarge { len, max: libc::off_t::MAX as usize })?;
    // SAFETY: ftruncate has no preconditions in memory.
    check(unsafe { libc::ftruncate(file.as_raw_fd(), size) }, "ftruncate", len)?;
    // SAFETY: no address is given.
    let mapped = unsafe {
        libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, libc::MAP_SHARED, file.as_raw_fd(), 0)
    };
    mapping(mapped, len)
}

/// A new file of secret memory, if the kernel has it (Linux 5.14, on by default since 6.5) and lets
/// this process use it.
fn memfd_secret() -> Result<Option<OwnedFd>, Error> {
    /// Of all architectures (<asm-generic/unistd.h>); the libc crate has it for some.
    const SYS_MEMFD_SECRET: libc::c_long = 447;
    // SAFETY: the call takes one integer and touches no memory.
    let file = unsafe { libc::syscall(SYS_MEMFD_SECRET, libc::O_CLOEXEC) };
    match libc::c_int::try_from(file) {
        // SAFETY: the descriptor is new and nobody else's.
        Ok(file) if file >= 0 => Ok(Some(unsafe { OwnedFd::from_raw_fd(file) })),
        _ => match last_error("memfd_secret", 0) {
            Error::Os { code: libc::ENOSYS | libc::EPERM | libc::EACCES, .. } => Ok(None),
            error => Err(error),
        },
    }
}

/// Whether the kernel offers `memfd_secret`, and that may be tried.
pub(crate) fn has_secret_memory() -> bool {
    !filters_calls() && matches!(memfd_secret(), Ok(Some(_)))
}

/// How [`fork_wiped_page`] tells children.
pub(crate) const FORK_DETECTION: Option<ForkDetection> = Some(ForkDetection::WipedPage);

/// A zeroed page, never freed, that a forked child finds zeroed again; `None` where the kernel doesn't
/// know of such pages (before 4.14, gVisor), or isn't believed.
pub(crate) fn fork_wiped_page() -> Result<Option<NonNull<AtomicU64>>, Error> {
    if !takes_advice() {
        return Ok(None);
    }
    let len = page_size();
    // SAFETY: no address is given.
    let page = unsafe { map_anonymous(None, len, READ_WRITE, libc::MAP_PRIVATE) }?;
    // SAFETY: this is the page just mapped.
    let advised = unsafe { advise(page, len, libc::MADV_WIPEONFORK, "madvise(MADV_WIPEONFORK)") };
    if advised.is_ok() {
        return Ok(Some(page.cast()));
    }
    // SAFETY: nobody has seen the page yet.
    let _ = unsafe { unmap(page, len) };
    match advised {
        Err(Error::Os { .. }) => Ok(None),
        other => other.map(|()| None),
    }
}

/// Whether advice about memory is taken, and not only accepted: what isn't advice must be refused. QEMU's
/// user mode accepts everything.
fn takes_advice() -> bool {
    /// No advice (<asm-generic/mman-common.h>), and far from all that may come.
    const NONSENSE: libc::c_int = 0x7FFF_4E4F;
    static TAKES: AtomicU8 = AtomicU8::new(UNKNOWN);
    const UNKNOWN: u8 = 2;
    // ORDERING: Relaxed, here and below; every thread finds the same, and nothing depends on it.
    match TAKES.load(Ordering::Relaxed) {
        UNKNOWN => {}
        known => return known == 1,
    }
    // About a page that is there, so that all that can be refused is the advice.
    let here = (&raw const TAKES).map_addr(|address| address & !(page_size() - 1));
    // SAFETY: no system does anything about a page for what is no advice.
    let answer = unsafe { libc::madvise(here.cast_mut().cast(), page_size(), NONSENSE) };
    let takes = answer != 0;
    // ORDERING: as above.
    TAKES.store(u8::from(takes), Ordering::Relaxed);
    takes
}

/// Sees to it that no core is dumped, neither to a file nor to whatever takes dumps instead.
pub(crate) fn disable_core_files() -> Result<(), Error> {
    unix::disable_core_files()?;
    // See core(5). What can't be read may be anything.
    let pattern = std::fs::read("/proc/sys/kernel/core_pattern").unwrap_or_default();
    match pattern.first() {
        None | Some(b'|' | b'@') => deny_inspection(),
        Some(_) => Ok(()),
    }
}

/// Makes the process one that others of the same user can't inspect.
pub(crate) fn deny_inspection() -> Result<(), Error> {
    // SAFETY: the call takes integers and touches no memory.
    check(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) }, "prctl(PR_SET_DUMPABLE)", 0)
}
