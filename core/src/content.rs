//! Where the two contents of a secret are: what readers need, which they only read, and the regions, which only
//! their owners touch, beside the state word on one cache line.

use core::ptr::{self, NonNull};
use core::slice;

use crate::extra::Extra;
use crate::lazy_box::LazyBox;
use crate::state::State;
use crate::storage::Region;
use crate::sync::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, UnsafeCell, fence};
use crate::word::Entrance;
use crate::{Error, atomic_bytes};

/// What accesses write, and those who come and go with contents: on one cache line, which is, by
/// [`OwnLine`](crate::own_line::OwnLine), nobody else's.
///
/// What readers only read is elsewhere. Between its two writes a reader looks up where the content is: were that
/// on this line, a second thread would take the line away in between, and each access would fetch it twice.
#[repr(C)]
pub(crate) struct Header<R> {
    pub(crate) state: State,
    /// For whoever knows when to look: here is room for it.
    pub(crate) extra: LazyBox<Extra>,
    pub(crate) regions: [RegionCell<R>; 2],
}

impl<R: Region> Header<R> {
    /// That of a new secret, whose first content is in `region` and enters so.
    #[inline(always)]
    pub(crate) fn new(entrance: Entrance, region: R) -> Self {
        let regions = RegionCell::both(region);
        Self { state: State::new(entrance), extra: LazyBox::empty(), regions }
    }
}

#[cfg(all(target_pointer_width = "64", not(strongroom_loom)))]
const _: () = assert!(
    size_of::<Header<(NonNull<u8>, usize)>>() <= crate::own_line::CACHE_LINE,
    "with regions of two words, as a host for threads has them, the header has outgrown its cache line"
);

/// Where the words of a content are.
///
/// Written while the place is vacant or its content unreadable, by the busy party. A reader knows that start
/// and length belong together by its pin, or as it finds the state word unchanged after reading both.
pub(crate) struct Location {
    start: AtomicPtr<AtomicU64>,
    len: AtomicUsize,
}

impl Location {
    /// Of a place without content.
    pub(crate) fn vacant() -> Self {
        Self { start: AtomicPtr::new(ptr::null_mut()), len: AtomicUsize::new(0) }
    }

    /// Of `len` bytes at `start`.
    #[inline]
    pub(crate) fn set(&self, start: NonNull<AtomicU64>, len: usize) {
        // ORDERING: pairs with the Acquire fence of `word_after_reads`: a reader without a pin that
        // sees what is set here also sees that the place was retired before.
        fence(Ordering::Release);
        // ORDERING: Relaxed; the state word's Release (`publish`, `end`) publishes both.
        self.start.store(start.as_ptr(), Ordering::Relaxed);
        // ORDERING: Relaxed, for the same: the Release of `publish` or `end` publishes it.
        self.len.store(len, Ordering::Relaxed);
    }

    /// Has the content, whose length stays, begin at `start`, if it doesn't already. It is not to be read without a
    /// pin. Nothing is written where nothing changes, as nearly always: other secrets' locations are on this line.
    #[inline]
    pub(crate) fn begin_at(&self, start: NonNull<AtomicU64>) {
        let (before, len) = self.get();
        if before != start.as_ptr() {
            self.set(start, len);
        }
    }

    /// Start and length in bytes.
    #[inline]
    pub(crate) fn get(&self) -> (*const AtomicU64, usize) {
        // ORDERING: Relaxed; the Acquire of `pin` or `word` came before, pairing with the
        // Release that published them.
        let start = self.start.load(Ordering::Relaxed);
        // ORDERING: Relaxed, after the Acquire of `pin` or `word`, too; its partner is the store in `set`.
        let len = self.len.load(Ordering::Relaxed);
        (start, len)
    }
}

/// The words of `len` bytes at `start`.
///
/// # Safety
///
/// For as long as `'a`, `start` must be readable for that many words, and written by atomic
/// stores only.
#[inline]
pub(crate) unsafe fn words<'a>(start: *const AtomicU64, len: usize) -> &'a [AtomicU64] {
    // SAFETY: the caller promises that so many words stay readable for `'a` and are written by atomic stores
    // only; that they are aligned is guarantee 1 of `Region`.
    unsafe { slice::from_raw_parts(start, atomic_bytes::count(len)) }
}

/// Copies `len` bytes at `start` to the front of `out` and says how many there are.
///
/// # Errors
///
/// [`Error::BufferTooSmall`].
///
/// # Safety
///
/// As [`words`]; `out` is elsewhere.
pub(crate) unsafe fn copy(
    start: *const AtomicU64,
    len: usize,
    out: &mut [u8],
) -> Result<usize, Error> {
    let Some(out) = out.get_mut(..len) else {
        return Err(Error::BufferTooSmall { needed: len, given: out.len() });
    };
    // SAFETY: what the caller promises.
    let words = unsafe { words(start, len) };
    atomic_bytes::load_apart(words, out);
    Ok(len)
}

/// The region of one of the two places.
///
/// Who may touch it:
///
/// | the place is | `&mut` to the region |
/// | --- | --- |
/// | vacant | the busy party, to fill it |
/// | current | the busy party, to make it readable or unreadable, or to look |
/// | drained | the one party whose count drained it, to release it |
/// | any | the drop of the whole secret |
pub(crate) struct RegionCell<R>(UnsafeCell<Option<R>>);

impl<R: Region> RegionCell<R> {
    /// That of the first place in a new secret, and that of the other.
    #[inline]
    pub(crate) fn both(first: R) -> [Self; 2] {
        [Some(first), None].map(|region| Self(UnsafeCell::new(region)))
    }

    /// Puts `region` there.
    ///
    /// # Safety
    ///
    /// The caller is the busy party and found the place vacant.
    pub(crate) unsafe fn put(&self, region: R) {
        self.0.with_mut(|cell| {
            // SAFETY: row "vacant" of the table above: nobody else touches the cell.
            unsafe { *cell = Some(region) }
        });
    }

    /// Calls `f` with the region, if there is one.
    ///
    /// # Safety
    ///
    /// The caller is the busy party, and the place held the current content when it began.
    #[inline(always)]
    pub(crate) unsafe fn with<T>(&self, f: impl FnOnce(&mut R) -> T) -> Option<T> {
        self.0.with_mut(|cell| {
            // SAFETY: row "current": there is one busy party, and whoever would release the region
            // has counted it as one of those who have to leave before.
            let region = unsafe { &mut *cell };
            region.as_mut().map(f)
        })
    }

    /// Takes the region out.
    ///
    /// # Safety
    ///
    /// The caller drained the place, or holds it before it was published, or has all of the
    /// secret to itself.
    pub(crate) unsafe fn take(&self) -> Option<R> {
        self.0.with_mut(|cell| {
            // SAFETY: rows "drained", "vacant" or "any": nobody else touches the cell.
            let region = unsafe { &mut *cell };
            region.take()
        })
    }
}
