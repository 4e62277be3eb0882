//! The guard of an access.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::slice;

use crate::Error;
use crate::content;
use crate::shared::Shared;
use crate::state::Pin;
use crate::storage::Storage;
use crate::sync::AtomicU64;

/// The bytes of a secret, for as long as this lives.
///
/// While one exists, the content it shows stays as it is: `close` and `replace` take effect for
/// all later accesses, and the last guard to go wipes. It can't be sent to another thread, nor be
/// held across an `await` of a task that may move.
#[must_use = "dropping it ends the access"]
pub struct Exposed<'a, S: Storage> {
    shared: &'a Shared<S>,
    pin: Pin,
    start: *const AtomicU64,
    len: usize,
    not_send: PhantomData<*const ()>,
}

impl<'a, S: Storage> Exposed<'a, S> {
    /// A guard over the content that `pin` has pinned, which is readable.
    #[inline]
    pub(crate) fn new(shared: &'a Shared<S>, pin: Pin) -> Self {
        let (start, len) = shared.pinned_at(pin);
        Self { shared, pin, start, len, not_send: PhantomData }
    }

    /// Copies the bytes from `offset` on into `out`, as many as there are and fit, and says how
    /// many.
    #[must_use = "the number of bytes is how one knows what was written"]
    pub fn copy_from(&self, offset: usize, out: &mut [u8]) -> usize {
        let rest = self.len.saturating_sub(offset);
        let n = rest.min(out.len());
        out[..n].copy_from_slice(&self[self.len - rest..][..n]);
        n
    }

    /// Copies all bytes to the front of `out` and says how many there are.
    ///
    /// # Errors
    ///
    /// [`Error::BufferTooSmall`].
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        // SAFETY: the pin keeps the content in place and readable (guarantees 1 and 3 of `Region`),
        // and region memory is written by atomic stores only; nobody has it for `out`.
        unsafe { content::copy(self.start, self.len, out) }
    }

    /// Which content this is: changes with every replace, and comes around after 2^19 of them.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.pin.generation()
    }
}

impl<S: Storage> Deref for Exposed<'_, S> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the pin keeps `len` bytes at `start` readable (guarantees 1 and 3 of `Region`)
        // and unwritten: a content is filled before it is published and wiped after it is drained.
        unsafe { slice::from_raw_parts(self.start.cast(), self.len) }
    }
}

impl<S: Storage> Drop for Exposed<'_, S> {
    #[inline]
    fn drop(&mut self) {
        self.shared.unpin(self.pin);
    }
}

impl<S: Storage> fmt::Debug for Exposed<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exposed([redacted])")
    }
}
