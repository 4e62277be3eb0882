//! Room for data that is kept, so that pages which can't be accessed, and don't count as data then, can always be
//! made writable again.

use core::ptr::NonNull;

use crate::mutex::Mutex;
use crate::protection::Access;
use crate::{Error, os};

/// Writable pages that nobody writes to: they take no memory, and count as data (`RLIMIT_DATA` of Linux).
pub(crate) struct DataReserve(Mutex<Option<Kept>>);

struct Kept {
    at: NonNull<u8>,
    len: usize,
    /// Whether they are writable, and so count.
    counts: bool,
}

// SAFETY: the pages belong to this value, wherever it goes.
unsafe impl Send for Kept {}

impl Kept {
    fn new(len: usize) -> Result<Self, Error> {
        let mut new = Self { at: os::reserve(len)?, len, counts: false };
        match new.set(true) {
            Ok(()) => Ok(new),
            Err(error) => {
                new.unmap();
                Err(error)
            }
        }
    }

    fn set(&mut self, counts: bool) -> Result<(), Error> {
        if self.counts != counts {
            let access = if counts { Access::ReadWrite } else { Access::None };
            // SAFETY: the pages are this value's, and nobody uses them.
            unsafe { os::protect(self.at, self.len, access) }?;
            self.counts = counts;
        }
        Ok(())
    }

    fn unmap(self) {
        // SAFETY: as above. Should it fail, some empty addresses are lost.
        let _ = unsafe { os::unmap(self.at, self.len) };
    }
}

impl DataReserve {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Sees to it that `len` bytes are kept, at least, for as long as this process lives.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] if so much more data is not to be had.
    pub(crate) fn cover(&self, len: usize) -> Result<(), Error> {
        if !os::COUNTS_DATA {
            return Ok(());
        }
        let mut kept = self.0.lock();
        match &mut *kept {
            Some(enough) if enough.len >= len => enough.set(true),
            _ => {
                let before = kept.replace(Kept::new(len)?);
                if let Some(before) = before {
                    before.unmap();
                }
                Ok(())
            }
        }
    }

    /// Calls `f` while what is kept doesn't count. When it returns, no more counts than before.
    #[cold]
    pub(crate) fn lend<T>(&self, f: impl FnOnce() -> T) -> T {
        let mut kept = self.0.lock();
        // If the system refuses that, `f` finds no room.
        let _ = kept.as_mut().map(|kept| kept.set(false));
        let result = f();
        // Should another thread have been quicker, `cover` tries again.
        let _ = kept.as_mut().map(|kept| kept.set(true));
        result
    }
}
