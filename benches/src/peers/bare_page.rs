//! The floor of page protection: the system calls alone, on one locked page.
//!
//! The page is what a secret's own is: `memfd_secret` memory where the kernel has it, otherwise
//! anonymous memory under `mlock`. One pair of `mprotect` calls around each borrow makes it readable
//! and inaccessible again. Nothing is counted, checked or shared.

use std::io::Error;
use std::{ptr, slice};

use zeroize::Zeroize;

use crate::{LEN, Mutexed, Peer};

/// Bytes mapped: one page on x86-64.
const PAGE: usize = 4096;

/// A page of its own, by bare system calls.
pub struct BarePage(*mut u8);

/// The same, always of anonymous memory: created by `mmap` and `mlock`, dropped by `munmap`.
pub struct BareMapping(BarePage);

// SAFETY: `BarePage` is the only owner of its page, and system calls know no threads.
unsafe impl Send for BarePage {}

impl BarePage {
    fn secret() -> Option<Self> {
        // SAFETY: the call takes integers and touches no memory.
        let file = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
        let file = i32::try_from(file).ok().filter(|file| *file >= 0)?;
        // SAFETY: ftruncate has no preconditions in memory.
        let answer = unsafe { libc::ftruncate(file, PAGE as libc::off_t) };
        assert_eq!(answer, 0, "ftruncate: {}", Error::last_os_error());
        let page = Self::map(libc::MAP_SHARED, file);
        // SAFETY: the descriptor is ours, and the mapping doesn't need it.
        unsafe { libc::close(file) };
        Some(page)
    }

    #[inline]
    fn anonymous() -> Self {
        let page = Self::map(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1);
        // SAFETY: locking what has just been mapped changes no content.
        let answer = unsafe { libc::mlock(page.0.cast(), PAGE) };
        assert_eq!(answer, 0, "mlock: {}", Error::last_os_error());
        page
    }

    #[inline]
    fn map(kind: libc::c_int, file: libc::c_int) -> Self {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: without an address, nothing that exists is touched.
        let page = unsafe { libc::mmap(ptr::null_mut(), PAGE, access, kind, file, 0) };
        assert_ne!(page, libc::MAP_FAILED, "mmap: {}", Error::last_os_error());
        Self(page.cast())
    }

    #[inline]
    fn filled(self, source: &mut [u8]) -> Self {
        // SAFETY: the page is new, writable and longer than the secret.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr(), self.0, LEN) };
        source.zeroize();
        self
    }

    #[inline]
    fn protect(&self, access: libc::c_int) {
        // SAFETY: the page is ours; nobody has a reference into it outside of `borrow`, which
        // ends before access does.
        let answer = unsafe { libc::mprotect(self.0.cast(), PAGE, access) };
        assert_eq!(answer, 0, "mprotect: {}", Error::last_os_error());
    }
}

impl Peer for BarePage {
    const NAME: &'static str = "bare mprotect pair";
    type Shared = Mutexed<Self>;

    fn create(source: &mut [u8]) -> Self {
        Self::secret().unwrap_or_else(Self::anonymous).filled(source)
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.protect(libc::PROT_READ);
        // SAFETY: readable since the call above, and `create` has written it.
        let result = f(unsafe { slice::from_raw_parts(self.0, LEN) });
        self.protect(libc::PROT_NONE);
        result
    }
}

impl Peer for BareMapping {
    const NAME: &'static str = "bare mmap, mlock, munmap";
    type Shared = Mutexed<Self>;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        Self(BarePage::anonymous().filled(source))
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.0.borrow(f)
    }
}

impl Drop for BarePage {
    fn drop(&mut self) {
        // SAFETY: the page is ours, and nobody uses it any more.
        let answer = unsafe { libc::munmap(self.0.cast(), PAGE) };
        assert_eq!(answer, 0, "munmap: {}", Error::last_os_error());
    }
}
