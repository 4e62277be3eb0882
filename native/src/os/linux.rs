//! Linux: `memfd_secret` where the kernel has it, `mlock` where not.

use core::ptr::{self, NonNull};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, Ordering};

use rustix::fs::ftruncate;
use rustix::io::Errno;
use rustix::mm::{self, Advice, MapFlags, ProtFlags};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{MembarrierCommand, membarrier};

pub(crate) use super::available::available_memory;
pub(crate) use super::filter::filters_calls;
use super::unix::{self, answered, failed, lock_limit_reached, map_anonymous, mapped};
pub(crate) use super::unix::{call_in_children, lock_limit, page_size, protect, say, spawn, unmap};
use crate::Error;
use crate::protection::{Access, Backing, Facts, ForkDetection};

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
        // SAFETY: nobody has seen the new pages yet. Should this fail too, some empty addresses are lost.
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
    // SAFETY: the caller owns the pages, and others at most look at them.
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
    // SAFETY: the new pages are nobody else's, and those at `at` the caller's, where others at most look.
    readable.and_then(|()| unsafe { place(new, at, len) }).inspect_err(|_| {
        // SAFETY: nobody has seen the new pages yet. Should this fail too, some empty addresses are lost.
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
        // ORDERING: Relaxed; whether there is a page is all.
        if SEED.load(Ordering::Relaxed).is_null()
            && let Ok(seed) = unix::reserve(page_size())
        {
            unlock(seed, page_size());
            keep(seed);
        }
        return Ok(at);
    }
    // ORDERING: Relaxed; whoever gets it only passes the address to the kernel.
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
    let _ = unsafe { mm::munlock(at.as_ptr().cast(), len) };
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
    // SAFETY: the caller owns the pages.
    unsafe { advise(new, len, Advice::LinuxDontFork, "madvise(MADV_DONTFORK)") }?;
    if !secret {
        // The kernel leaves secret memory out of dumps anyway.
        // SAFETY: the caller owns the pages.
        unsafe { advise(new, len, Advice::LinuxDontDump, "madvise(MADV_DONTDUMP)") }?;
        // SAFETY: the caller owns the pages.
        unsafe { keep_apart(new, len) }?;
    }
    // SAFETY: the caller owns the pages, and nobody uses what is in them.
    unsafe { protect(new, len, Access::ReadWrite) }?;
    if secret {
        // SAFETY: the caller owns the pages, nobody uses what is in them, and the call above made them writable.
        unsafe { populate(new, len) }?;
    } else if locked {
        // SAFETY: the caller owns the pages, and locking changes no content.
        unsafe { mm::mlock(new.as_ptr().cast(), len) }.map_err(|number| match number {
            // The pages are there and can be locked, so all that can lack is the permission.
            Errno::AGAIN | Errno::PERM | Errno::NOMEM => lock_limit_reached(len),
            number => failed(number, "mlock", len),
        })?;
    }
    // SAFETY: the caller owns the pages at both places, and nobody uses what is in them.
    unsafe { place(new, at, len) }
}

/// Moves pages to where others were, in one step.
///
/// # Safety
///
/// The caller owns these whole pages at both places, and nobody uses what is in them except to look.
unsafe fn place(new: NonNull<u8>, at: NonNull<u8>, len: usize) -> Result<(), Error> {
    const FIXED: libc::c_long = 2;
    // SAFETY: the caller owns the pages at both places, and who looks at those at `at` finds these.
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
    /// `MREMAP_MAYMOVE` (<linux/mman.h>); `MREMAP_FIXED` is 2. For Android, neither rustix nor the libc
    /// crate has them or the function.
    const MAY_MOVE: libc::c_long = 1;
    // SAFETY: the caller owns the pages at both places, and whoever looks there finds pages.
    let answer = unsafe {
        libc::syscall(libc::SYS_mremap, from.as_ptr(), before, after, MAY_MOVE | flags, to)
    };
    let moved = answered(answer).map_err(|number| failed(number, "mremap", after))?;
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
        // SAFETY: the one word that is written is in the caller's pages, where nobody uses it.
        let answer =
            unsafe { libc::syscall(libc::SYS_rt_sigpending, first.as_ptr(), size_of::<u64>()) };
        if answered(answer) == Err(Errno::FAULT) {
            let limit = lock_limit();
            return Err(
                limit.map_or(Error::OutOfMemory { asked: len }, |_| lock_limit_reached(len))
            );
        }
        // Where a filter refuses that call, this is what takes the page.
        // SAFETY: the page is the caller's, writable, and in nobody's use.
        unsafe { first.write_volatile(0) };
    }
    Ok(())
}

/// Keeps the pages from being merged with equal ones of other processes, which a process may have asked for as
/// a whole (`PR_SET_MEMORY_MERGE`, systemd's `MemoryKSM=`): how long a write to a merged page takes tells
/// whoever guesses its content that the guess is right (Suzaki et al., "Memory deduplication as a threat to the
/// guest OS", EuroSec 2011).
///
/// # Safety
///
/// The caller owns these whole pages.
unsafe fn keep_apart(at: NonNull<u8>, len: usize) -> Result<(), Error> {
    // SAFETY: the caller owns the pages, and the advice changes no content now.
    match unsafe { mm::madvise(at.as_ptr().cast(), len, Advice::LinuxUnmergeable) } {
        // So says a kernel that merges nothing.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(number) => Err(failed(number, "madvise(MADV_UNMERGEABLE)", len)),
    }
}

/// Gives advice that changes no content now.
///
/// # Safety
///
/// The caller owns these whole pages.
unsafe fn advise(
    at: NonNull<u8>,
    len: usize,
    advice: Advice,
    call: &'static str,
) -> Result<(), Error> {
    // SAFETY: the caller owns the pages, and the advice changes no content now.
    let answer = unsafe { mm::madvise(at.as_ptr().cast(), len, advice) };
    answer.map_err(|number| failed(number, call, len))
}

/// Maps fresh ordinary pages, inaccessible as yet.
///
/// They are private: a child that is forked before they are kept out of forks, or where no advice is taken, has
/// copies of what they hold then, and not what is written to them later.
fn map_ordinary(len: usize, locked: bool) -> Result<NonNull<u8>, Error> {
    // SAFETY: no address is given.
    let mapped = unsafe { map_anonymous(None, len, ProtFlags::empty(), MapFlags::PRIVATE) };
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
    let max = libc::off_t::MAX as usize;
    if libc::off_t::try_from(len).is_err() {
        return Err(Error::TooLarge { len, max });
    }
    ftruncate(&file, len as u64).map_err(|number| failed(number, "ftruncate", len))?;
    // SAFETY: no address is given.
    let answer =
        unsafe { mm::mmap(ptr::null_mut(), len, ProtFlags::empty(), MapFlags::SHARED, &file, 0) };
    mapped(answer, len)
}

/// A new file of secret memory, if the kernel has it (Linux 5.14, on by default since 6.5) and lets
/// this process use it.
fn memfd_secret() -> Result<Option<OwnedFd>, Error> {
    /// Of all architectures (<asm-generic/unistd.h>); the libc crate has it for some.
    const SYS_MEMFD_SECRET: libc::c_long = 447;
    // SAFETY: the call takes one integer and touches no memory.
    match answered(unsafe { libc::syscall(SYS_MEMFD_SECRET, libc::O_CLOEXEC) }) {
        // SAFETY: the descriptor is new and nobody else's.
        Ok(file) => Ok(Some(unsafe { OwnedFd::from_raw_fd(file as RawFd) })),
        Err(Errno::NOSYS | Errno::PERM | Errno::ACCESS) => Ok(None),
        Err(number) => Err(failed(number, "memfd_secret", 0)),
    }
}

/// Whether the kernel offers `memfd_secret`, and that may be tried.
pub(crate) fn has_secret_memory() -> bool {
    !filters_calls() && matches!(memfd_secret(), Ok(Some(_)))
}

/// Makes all threads of this process run a full memory barrier (Linux 4.14).
pub(crate) fn barrier() -> Result<(), Error> {
    if filters_calls() {
        return Err(Error::Unsupported { what: "membarrier, which a filter may kill for" });
    }
    let refused = |number| match number {
        Errno::NOSYS | Errno::INVAL => Error::Unsupported { what: "membarrier" },
        number => failed(number, "membarrier", 0),
    };
    match membarrier(MembarrierCommand::PrivateExpedited) {
        // The process hasn't said yet that it wants to.
        Err(Errno::PERM) => {
            membarrier(MembarrierCommand::RegisterPrivateExpedited).map_err(refused)?;
            membarrier(MembarrierCommand::PrivateExpedited).map_err(refused)
        }
        answer => answer.map_err(refused),
    }
}

/// Writable private pages count as data (`RLIMIT_DATA`), those that can't be written don't.
pub(crate) const COUNTS_DATA: bool = true;

/// How [`fork_wiped_page`] tells children.
pub(crate) const FORK_DETECTION: Option<ForkDetection> = Some(ForkDetection::WipedPage);

/// A zeroed page, never freed, that a forked child finds zeroed again; `None` where the kernel doesn't
/// know of such pages (before 4.14, gVisor), or isn't believed.
pub(crate) fn fork_wiped_page() -> Result<Option<NonNull<AtomicU32>>, Error> {
    if !takes_advice() {
        return Ok(None);
    }
    const READ_WRITE: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);
    let len = page_size();
    // SAFETY: no address is given.
    let page = unsafe { map_anonymous(None, len, READ_WRITE, MapFlags::PRIVATE) }?;
    // SAFETY: this is the page just mapped.
    let advised = unsafe { advise(page, len, Advice::LinuxWipeOnFork, "madvise(MADV_WIPEONFORK)") };
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
    // ORDERING: Relaxed; every thread finds the same, and nothing else depends on it.
    match TAKES.load(Ordering::Relaxed) {
        UNKNOWN => {}
        known => return known == 1,
    }
    // About a page that is there, so that all that can be refused is the advice.
    let here = (&raw const TAKES).map_addr(|address| address & !(page_size() - 1));
    // SAFETY: no system does anything about a page for what is no advice.
    let answer = unsafe { libc::madvise(here.cast_mut().cast(), page_size(), NONSENSE) };
    let takes = answer != 0;
    // ORDERING: Relaxed, as every thread stores the same.
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
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|number| failed(number, "prctl(PR_SET_DUMPABLE)", 0))
}
