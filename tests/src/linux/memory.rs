//! What the system says about this process's memory.

use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use procfs::process::{MMapPath, MemoryMap, Process, VmFlags};

use super::threads;

/// Never written to swap (`lo`); [`is_locked`] knows more.
pub const LOCKED: VmFlags = VmFlags::LO;

/// Left out of core dumps (`dd`).
pub const NOT_DUMPED: VmFlags = VmFlags::DD;

/// Not present in forked children (`dc`).
pub const NOT_FORKED: VmFlags = VmFlags::DC;

/// The kernel may merge these pages with equal ones.
pub const MERGEABLE: VmFlags = VmFlags::MG;

/// The mappings of this process, in order, with their flags.
#[must_use]
pub fn mappings() -> Vec<MemoryMap> {
    let this = Process::myself().expect("/proc is there");
    this.smaps().expect("smaps can be read").0
}

/// The mapping that `address` is in, if there is one.
#[must_use]
pub fn mapping_at(address: *const u8) -> Option<MemoryMap> {
    mappings().into_iter().find(|mapping| range(mapping).contains(&address.addr()))
}

/// Where a mapping is.
#[must_use]
pub fn range(mapping: &MemoryMap) -> Range<usize> {
    let at = |end| usize::try_from(end).expect("addresses fit");
    at(mapping.address.0)..at(mapping.address.1)
}

/// Whether the kernel lets this process have secret memory.
#[must_use]
pub fn kernel_has_memfd_secret() -> bool {
    // SAFETY: the call takes one integer and touches no memory.
    let file = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let file = file as RawFd;
    if file < 0 {
        return false;
    }
    // SAFETY: the descriptor is new and nobody else's.
    drop(unsafe { OwnedFd::from_raw_fd(file) });
    true
}

/// Whether a mapping is of secret memory.
#[must_use]
pub fn is_memfd_secret(mapping: &MemoryMap) -> bool {
    matches!(&mapping.pathname, MMapPath::Path(path) if path == Path::new("/secretmem (deleted)"))
}

/// Whether this thread can read the byte at `address` now: the kernel tries it with this thread's
/// rights, so protection keys count.
#[must_use]
pub fn can_read(address: *const u8) -> bool {
    let (_there, here) = io::pipe().expect("the system has pipes");
    // SAFETY: the kernel checks the address, which need not be readable.
    let written = unsafe { libc::write(here.as_raw_fd(), address.cast(), 1) };
    if written < 0 {
        let error = io::Error::last_os_error();
        assert_eq!(error.raw_os_error(), Some(libc::EFAULT), "{error}");
    }
    written == 1
}

/// How much of the system a process uses.
#[derive(PartialEq, Eq, Debug)]
pub struct Usage {
    locked: usize,
    mappings: usize,
    mapped: usize,
    files: usize,
}

/// How much of the system this process uses, once its other threads are at rest.
#[must_use]
pub fn usage() -> Usage {
    threads::wait_for_others();
    let mappings = mappings();
    Usage {
        locked: locked_bytes(),
        mapped: mappings.iter().map(|mapping| range(mapping).len()).sum(),
        mappings: mappings.len(),
        files: open_files(),
    }
}

/// Whether a mapping is of pages that the library has taken; nothing else here keeps any out of forks.
#[must_use]
pub fn is_the_librarys(mapping: &MemoryMap) -> bool {
    mapping.extension.vm_flags.contains(NOT_FORKED)
}

/// Whether a mapping is never written to swap. Secret memory never is, and only some kernels say so.
#[must_use]
pub fn is_locked(mapping: &MemoryMap) -> bool {
    is_counted(mapping) || is_memfd_secret(mapping)
}

/// Whether the kernel counts a mapping among what this process has locked.
#[must_use]
pub fn is_counted(mapping: &MemoryMap) -> bool {
    mapping.extension.vm_flags.contains(LOCKED)
}

/// Bytes of locked memory in this process, secret memory included, which only some kernels count.
#[must_use]
pub fn locked_bytes() -> usize {
    let is_uncounted = |mapping: &&MemoryMap| is_memfd_secret(mapping) && !is_counted(mapping);
    let mappings = mappings();
    let uncounted = mappings.iter().filter(is_uncounted).map(|mapping| range(mapping).len());
    counted_locked_bytes() + uncounted.sum::<usize>()
}

fn counted_locked_bytes() -> usize {
    let this = Process::myself().expect("/proc is there");
    let kilobytes = this.status().expect("status can be read").vmlck.expect("a user process");
    usize::try_from(kilobytes).expect("it fits") * 1024
}

/// How many files this process has open.
#[must_use]
pub fn open_files() -> usize {
    let listing = Path::new("/proc/self/fd").read_dir().expect("/proc is there");
    // One is the listing's own.
    listing.count() - 1
}
