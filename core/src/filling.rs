//! How bytes get into a region.

use core::ptr::NonNull;

use crate::storage::{AtRest, Region, Released, Storage};
use crate::sync::AtomicU64;
use crate::{Error, atomic_bytes, content};

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
#[inline(always)]
pub(crate) fn filled<S: Storage>(storage: &S, source: &[u8]) -> Result<S::Region, Error> {
    check_len(source.len())?;
    storage.check()?;
    let region = storage.allocate(source.len())?;
    // SAFETY: a new region is writable, and nobody else's (guarantee 1 of `Region`).
    let words = unsafe { content::words(region.start().as_ptr(), source.len()) };
    atomic_bytes::store_apart(words, source);
    Ok(region)
}

/// A region of `storage` with the `len` bytes that `init` writes over zeros: in the region itself, unless
/// somebody may look at it without a pin.
pub(crate) fn written<S: Storage, E: From<Error>>(
    storage: &S,
    len: usize,
    init: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<S::Region, E> {
    let mut content = Scratch::<S>::of(storage.allocate(len)?, len);
    if content.is_readable() {
        let mut scratch = Scratch::new(storage, len)?;
        init(scratch.bytes())?;
        // SAFETY: a new region is writable, and nobody else's (guarantee 1 of `Region`).
        let words = unsafe { content::words(content.start.as_ptr(), len) };
        atomic_bytes::store_apart(words, scratch.bytes());
    } else {
        init(content.bytes())?;
    }
    Ok(content.into_region())
}

/// A region in which a content is put together; released when it goes, however that happens.
pub(crate) struct Scratch<S: Storage> {
    region: Option<S::Region>,
    start: NonNull<AtomicU64>,
    len: usize,
}

impl<S: Storage> Scratch<S> {
    /// `len` bytes, all zero.
    pub(crate) fn new(storage: &S, len: usize) -> Result<Self, Error> {
        Ok(Self::of(storage.scratch(len)?, len))
    }

    /// `len` bytes for a root key, all zero.
    #[cfg(feature = "encrypted")]
    pub(crate) fn for_key(storage: &S, len: usize) -> Result<Self, Error> {
        Ok(Self::of(storage.key_memory(len)?, len))
    }

    /// `len` bytes in `region`, which is new.
    fn of(region: S::Region, len: usize) -> Self {
        Self { start: region.start(), region: Some(region), len }
    }

    /// The region, with what has been written to it.
    fn into_region(mut self) -> S::Region {
        self.region.take().expect("it is there until this goes")
    }

    /// Whether somebody may look at it without a pin, so that it is to be written with atomic stores.
    fn is_readable(&self) -> bool {
        self.region.as_ref().is_some_and(|region| region.at_rest() == AtRest::Readable)
    }

    /// The region, which is there as long as this is.
    #[cfg(feature = "encrypted")]
    pub(crate) fn region(&self) -> Option<&S::Region> {
        self.region.as_ref()
    }

    /// The bytes.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: guarantee 1 of `Region`, and that of `Storage::scratch`, or that it isn't
        // `Readable`: nobody else looks at this memory, so ordinary stores are fine; it is zeroed or
        // written, so initialised.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.len) }
    }
}

impl<S: Storage> Drop for Scratch<S> {
    fn drop(&mut self) {
        if let Some(region) = self.region.take()
            && region.release() == Released::Overrun
        {
            S::on_overrun();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_empty_or_longer_than_any_block_of_memory() {
        let max = isize::MAX as usize;
        assert_eq!(check_len(0), Err(Error::Empty));
        assert_eq!((check_len(1), check_len(max)), (Ok(()), Ok(())));
        for len in [max + 1, usize::MAX] {
            assert_eq!(check_len(len), Err(Error::TooLarge { len, max }));
        }
    }
}
