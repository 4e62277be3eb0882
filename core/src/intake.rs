//! How bytes get into a region.

use core::ptr::NonNull;

use crate::storage::{Region, Storage};
use crate::sync::AtomicU64;
use crate::{Error, content, words};

/// Refuses lengths that no secret has.
pub(crate) fn check_len(len: usize) -> Result<(), Error> {
    const MAX: usize = isize::MAX as usize;
    match len {
        0 => Err(Error::Empty),
        len if len > MAX => Err(Error::TooLarge { len, max: MAX }),
        _ => Ok(()),
    }
}

/// A region of `storage` with the bytes of `source`.
#[inline]
pub(crate) fn filled<S: Storage>(storage: &S, source: &[u8]) -> Result<S::Region, Error> {
    check_len(source.len())?;
    storage.check()?;
    let region = storage.allocate(source.len())?;
    // SAFETY: a new region is writable, and nobody else's (guarantee 1 of `Region`).
    let words = unsafe { content::words(region.start().as_ptr(), source.len()) };
    words::store(words, source);
    Ok(region)
}

/// A region in which a content is put together; released when it goes, however that happens.
pub(crate) struct Scratch<R: Region> {
    region: Option<R>,
    start: NonNull<AtomicU64>,
    len: usize,
}

impl<R: Region> Scratch<R> {
    /// `len` bytes, all zero.
    pub(crate) fn new<S: Storage<Region = R>>(storage: &S, len: usize) -> Result<Self, Error> {
        let region = storage.scratch(len)?;
        Ok(Self { start: region.start(), region: Some(region), len })
    }

    /// The region, which is there as long as this is.
    #[cfg(feature = "sealed")]
    pub(crate) fn region(&self) -> Option<&R> {
        self.region.as_ref()
    }

    /// The bytes.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: guarantee 1 of `Region`, and that of `Storage::scratch`: nobody else looks at
        // this memory, so ordinary stores are fine; it is zeroed or written, so initialised.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.len) }
    }
}

impl<R: Region> Drop for Scratch<R> {
    fn drop(&mut self) {
        if let Some(region) = self.region.take() {
            region.release();
        }
    }
}
