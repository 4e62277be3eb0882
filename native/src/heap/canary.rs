//! Canaries: keyed marks before and behind every content, which tell a write past either end.

use core::ptr::NonNull;
use core::slice;

use strongroom_core::sync::{AtomicU64, AtomicUsize, Ordering, fence};
use strongroom_core::{Released, atomic_bytes};

use crate::Error;

/// Words that one content takes for its marks.
pub(crate) const MARKS: usize = 2;

/// The marks of one heap: their key, and how many were found changed.
pub(crate) struct Canaries {
    pub(super) key: Key,
    overruns: AtomicUsize,
}

impl Canaries {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self { key: Key::random()?, overruns: AtomicUsize::new(0) })
    }

    /// Wipes a content with its marks, and tells, and counts, whether they were as they had been put.
    ///
    /// # Safety
    ///
    /// As [`Canaried::wipe`].
    #[inline]
    pub(crate) unsafe fn wipe(&self, canaried: Canaried) -> Released {
        // SAFETY: the caller promises what `wipe` asks for.
        let released = unsafe { canaried.wipe(&self.key) };
        if released == Released::Overrun {
            // ORDERING: Relaxed; a figure, which nothing depends on.
            self.overruns.fetch_add(1, Ordering::Relaxed);
        }
        released
    }

    /// Contents past whose end somebody had written, found so far.
    pub(crate) fn overruns(&self) -> usize {
        // ORDERING: Relaxed; a figure, which nothing depends on.
        self.overruns.load(Ordering::Relaxed)
    }
}

/// The key of all marks of one heap; also what makes the choice of slots unpredictable.
pub(super) struct Key([u64; 2]);

impl Key {
    /// A random key.
    fn random() -> Result<Self, Error> {
        let first = getrandom::u64().map_err(|_| Error::Random)?;
        let second = getrandom::u64().map_err(|_| Error::Random)?;
        Ok(Self([first, second]))
    }

    /// A number that looks random to who doesn't know the key: the finaliser of SplitMix64
    /// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
    #[inline]
    pub(super) fn mix(&self, x: u64) -> u64 {
        let mut z = x ^ self.0[0];
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) ^ self.0[1]
    }

    fn mark(&self, at: &AtomicU64) -> u64 {
        self.mix(core::ptr::from_ref(at).addr() as u64)
    }
}

/// A content with its marks: `[mark][words of the content][mark]`.
#[derive(Clone, Copy)]
pub(crate) struct Canaried {
    content: NonNull<AtomicU64>,
    len: usize,
}

// SAFETY: the memory belongs to whoever has made this value, wherever that goes; using it is
// unsafe anyway.
unsafe impl Send for Canaried {}

impl Canaried {
    /// Bytes that a content of `len` bytes takes with its marks; `None` if there are not so many.
    pub(crate) const fn size(len: usize) -> Option<usize> {
        match atomic_bytes::count(len).checked_add(MARKS) {
            Some(words) => words.checked_mul(atomic_bytes::WORD),
            None => None,
        }
    }

    /// Puts the marks around `len` bytes for a content, the first mark at `at`.
    ///
    /// # Safety
    ///
    /// [`size`](Self::size)`(len)` bytes at `at` are aligned for words, writable, and the caller's.
    #[inline]
    pub(crate) unsafe fn new(at: NonNull<u8>, len: usize, canaries: &Canaries) -> Self {
        // SAFETY: the caller promises that so many bytes are there.
        let canaried = unsafe { Self::at(at, len) };
        let key = &canaries.key;
        // SAFETY: the caller promises that there are as many bytes as the content and its marks take; they
        // were made for that, so all writers of what is there store atomically.
        let (before, _, after) = unsafe { canaried.parts() };
        // ORDERING: pairs with the Acquire fence in `Secret::copy_into`: a reader that comes too
        // late and sees a mark also sees that its content was retired.
        fence(Ordering::Release);
        for mark in [before, after] {
            // ORDERING: Relaxed, under the fence above.
            mark.store(key.mark(mark), Ordering::Relaxed);
        }
        canaried
    }

    /// The content of `len` bytes whose first mark is, or is to be, at `at`.
    ///
    /// # Safety
    ///
    /// [`size`](Self::size)`(len)` bytes are there.
    #[inline]
    pub(crate) unsafe fn at(at: NonNull<u8>, len: usize) -> Self {
        // SAFETY: the content begins one word behind `at`.
        let content = unsafe { at.cast::<AtomicU64>().add(1) };
        Self { content, len }
    }

    /// The first word of the content.
    #[inline]
    pub(crate) fn content(&self) -> NonNull<AtomicU64> {
        self.content
    }

    /// The mark, the content's words, the mark.
    ///
    /// # Safety
    ///
    /// The memory that `new` was given is still there and written by atomic stores only.
    unsafe fn parts<'a>(&self) -> (&'a AtomicU64, &'a [AtomicU64], &'a AtomicU64) {
        // SAFETY: the first mark stands one word before the content.
        let start = unsafe { self.content.sub(1) };
        let count = atomic_bytes::count(self.len) + MARKS;
        // SAFETY: the caller promises that the memory is still there, and only atomic stores write to it.
        let all = unsafe { slice::from_raw_parts(start.as_ptr(), count) };
        (&all[0], &all[1..count - 1], &all[count - 1])
    }

    /// Wipes content and marks, and tells whether the marks were as they had been put.
    ///
    /// # Safety
    ///
    /// The memory that `new` was given is still writable, and nobody uses the content except to
    /// look.
    #[inline]
    unsafe fn wipe(self, key: &Key) -> Released {
        // SAFETY: the caller promises that the memory is still there, and that others at most look.
        let (before, content, after) = unsafe { self.parts() };
        // ORDERING: Relaxed, as all loads here: whoever wrote past an end did so in this thread's
        // past, or in a race of its own making.
        let marks =
            [before, after].iter().all(|mark| mark.load(Ordering::Relaxed) == key.mark(mark));
        // The last word of a content is filled up with zeros. They alone are looked at: what is loaded
        // may stay on the stack.
        let filling = content.len() * atomic_bytes::WORD - self.len;
        // SAFETY: the content's words go on behind its bytes, to where the filling ends.
        let end = unsafe { content.as_ptr().cast::<u8>().add(self.len) };
        // SAFETY: they are the rest of the content's last word, and the caller promises that nobody writes there.
        let filling = unsafe { slice::from_raw_parts(end, filling) };
        let intact = marks && filling.iter().all(|byte| *byte == 0);
        atomic_bytes::clear(content);
        atomic_bytes::clear(slice::from_ref(before));
        atomic_bytes::clear(slice::from_ref(after));
        if intact { Released::Intact } else { Released::Overrun }
    }
}
