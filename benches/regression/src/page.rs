//! Where both versions keep a secret: a page of its own, locked, and inaccessible until it is opened.
//!
//! It lies between two guard pages, as such libraries have it. That isn't only for protection: without
//! them, the kernel joins the page with another one beside it while both are inaccessible, and `mprotect`
//! has to part and join them again at every access.

use std::io::Error;
use std::ptr::{self, NonNull};
use std::slice;

use zeroize::Zeroize;

/// Bytes of a page on x86-64.
const PAGE: usize = 4096;

/// Bytes mapped: the page between its guards.
const MAPPED: usize = 3 * PAGE;

/// A mark behind the content, which a write past its end would change.
const CANARY: u64 = 0x5bd1_e995_9e37_79b9;

/// A page with a secret in it.
pub struct Page {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: `Page` is the only owner of its mapping, and system calls know no threads.
unsafe impl Send for Page {}
// SAFETY: as above; what is shared is only read, once `of` has written it.
unsafe impl Sync for Page {}

impl Page {
    /// A page with the bytes of `source`, which is wiped.
    ///
    /// # Panics
    ///
    /// If the system has no page to map or to lock, or the bytes and a mark don't fit into one.
    #[must_use]
    pub fn of(source: &mut [u8]) -> Self {
        assert!(source.len() <= PAGE - size_of::<u64>(), "a page has {PAGE} bytes");
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: without an address, nothing that exists is touched.
        let guard = unsafe { libc::mmap(ptr::null_mut(), MAPPED, libc::PROT_NONE, kind, -1, 0) };
        assert_ne!(guard, libc::MAP_FAILED, "mmap: {}", Error::last_os_error());
        let start = NonNull::new(guard.cast::<u8>().wrapping_add(PAGE));
        let page = Self { start: start.expect("a mapping isn't at zero"), len: source.len() };
        page.protect(libc::PROT_READ | libc::PROT_WRITE);
        let start = page.start;
        // SAFETY: locking what has just been mapped changes no content.
        let answer = unsafe { libc::mlock(start.as_ptr().cast(), PAGE) };
        assert_eq!(answer, 0, "mlock: {}", Error::last_os_error());
        // SAFETY: the page is new, writable, and has room for the bytes, as checked above.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr(), start.as_ptr(), source.len()) };
        // SAFETY: as above, and for the mark behind them.
        unsafe { page.mark().write_unaligned(CANARY) };
        source.zeroize();
        page.shut();
        page
    }

    /// Makes it readable.
    #[inline]
    pub fn open(&self) {
        self.protect(libc::PROT_READ);
    }

    /// Makes it inaccessible.
    #[inline]
    pub fn shut(&self) {
        self.protect(libc::PROT_NONE);
    }

    /// The secret.
    ///
    /// # Safety
    ///
    /// The page is open until the bytes are no longer used.
    #[inline]
    #[must_use]
    pub unsafe fn bytes(&self) -> &[u8] {
        // SAFETY: `of` has written so many bytes, and nobody writes any more; they are readable by the
        // caller's promise.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// Whether the mark behind the secret is as it was.
    ///
    /// # Safety
    ///
    /// The page is open.
    #[inline]
    #[must_use]
    pub unsafe fn is_intact(&self) -> bool {
        // SAFETY: `of` has written the mark there; it is readable by the caller's promise.
        let mark = unsafe { self.mark().read_unaligned() };
        mark == CANARY
    }

    fn mark(&self) -> *mut u64 {
        self.start.as_ptr().wrapping_add(self.len).cast()
    }

    #[inline]
    fn protect(&self, access: libc::c_int) {
        // SAFETY: the page is ours; who has a reference into it keeps it open, by the promise to `bytes`.
        let answer = unsafe { libc::mprotect(self.start.as_ptr().cast(), PAGE, access) };
        assert_eq!(answer, 0, "mprotect: {}", Error::last_os_error());
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let guard = self.start.as_ptr().wrapping_sub(PAGE);
        // SAFETY: the pages are ours, and nobody uses them any more.
        let answer = unsafe { libc::munmap(guard.cast(), MAPPED) };
        assert_eq!(answer, 0, "munmap: {}", Error::last_os_error());
    }
}
