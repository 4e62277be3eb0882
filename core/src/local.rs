//! A handle for one thread, and the guard of its accesses.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::slice;

use crate::content;
use crate::hazards::Hazard;
use crate::shared::Shared;
use crate::storage::Storage;
use crate::sync::{Arc, AtomicU64};
use crate::{Error, Exposed, Secret};

/// A handle on a secret for the thread that made it.
///
/// Where the storage has a [barrier](Storage::barrier), an access by it has no atomic read-modify-write and writes
/// no cache line that another thread uses, so that threads which read one secret don't disturb each other;
/// closing and replacing the secret pay for it. Elsewhere, and for an access within another one by the same
/// handle, it is what it is by a [`Secret`]. It is one in all else, too: what it shows, that it keeps the secret,
/// and that accesses may nest, overlap and end in any order.
pub struct LocalSecret<S: Storage> {
    shared: Arc<Shared<S>>,
    /// `None` where each access takes a pin.
    hazard: Option<Hazard>,
    /// What the hazard's cell says is of one thread.
    one_thread: PhantomData<*const ()>,
}

impl<S: Storage> Secret<S> {
    /// A handle for this thread, whose accesses cost the least.
    #[must_use]
    pub fn local(&self) -> LocalSecret<S> {
        let shared = Arc::clone(&self.shared);
        let hazard = shared.enrol();
        LocalSecret { shared, hazard, one_thread: PhantomData }
    }
}

impl<S: Storage> LocalSecret<S> {
    /// Calls `f` with the bytes, as [`Secret::with_bytes`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::expose`]; `f` is not called then.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        match self.enter()? {
            Some(bytes) => Ok(f(&bytes)),
            None => self.with_pinned_bytes(f),
        }
    }

    #[inline(never)]
    fn with_pinned_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        let bytes = self.pin()?;
        Ok(f(&bytes))
    }

    /// A guard that gives the bytes as long as it lives.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::expose`].
    #[inline]
    pub fn expose(&self) -> Result<LocalExposed<'_, S>, Error> {
        Ok(LocalExposed(match self.enter()? {
            Some(bytes) => Kept::ByHazard(bytes),
            None => Kept::ByPin(self.pin()?),
        }))
    }

    /// The host's side of this secret.
    pub fn storage(&self) -> &S {
        self.shared.storage()
    }

    /// Begins an access that takes no pin; `None` if it needs one.
    #[inline]
    fn enter(&self) -> Result<Option<Inside<'_, S>>, Error> {
        let shared = &*self.shared;
        shared.storage().check()?;
        let Some(hazard) = &self.hazard else { return Ok(None) };
        let entered = hazard.enter();
        Ok(entered.map(|(start, len)| Inside { shared, hazard, start, len }))
    }

    /// Begins an access that takes one. The next can do without, unless it is within another.
    fn pin(&self) -> Result<Exposed<'_, S>, Error> {
        let shared = &*self.shared;
        if let Some(hazard) = &self.hazard
            && !hazard.is_inside()
        {
            shared.let_through(hazard);
        }
        Ok(Exposed::new(shared, shared.pin()?))
    }
}

impl<S: Storage> Drop for LocalSecret<S> {
    fn drop(&mut self) {
        if let Some(hazard) = &self.hazard {
            self.shared.strike(hazard);
        }
    }
}

impl<S: Storage> fmt::Debug for LocalSecret<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalSecret([redacted])")
    }
}

/// The bytes of a secret, shown by a [`LocalSecret`], for as long as this lives.
///
/// As with [`Exposed`], the content stays as it is meanwhile. One that is forgotten delays the wipe of what it
/// shows to the end of its handle.
#[must_use = "dropping it ends the access"]
pub struct LocalExposed<'a, S: Storage>(Kept<'a, S>);

/// What keeps the content.
enum Kept<'a, S: Storage> {
    ByHazard(Inside<'a, S>),
    ByPin(Exposed<'a, S>),
}

/// An access that takes no pin.
struct Inside<'a, S: Storage> {
    shared: &'a Shared<S>,
    hazard: &'a Hazard,
    start: *const AtomicU64,
    len: usize,
}

impl<S: Storage> LocalExposed<'_, S> {
    /// Copies all bytes to the front of `out` and says how many there are.
    ///
    /// # Errors
    ///
    /// [`Error::BufferTooSmall`].
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        match &self.0 {
            // SAFETY: as in `deref`; region memory is written by atomic stores only, and nobody has it for `out`.
            Kept::ByHazard(bytes) => unsafe { content::copy(bytes.start, bytes.len, out) },
            Kept::ByPin(bytes) => bytes.copy_into(out),
        }
    }
}

impl<S: Storage> Deref for LocalExposed<'_, S> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kept::ByHazard(bytes) => bytes,
            Kept::ByPin(bytes) => bytes,
        }
    }
}

impl<S: Storage> Deref for Inside<'_, S> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the hazard has entered, and whoever retires the content counts it like a pin: so `len` bytes at
        // `start` stay readable (guarantees 1 and 3 of `Region`) and unwritten: a content is filled before it is
        // published and wiped after it is drained.
        unsafe { slice::from_raw_parts(self.start.cast(), self.len) }
    }
}

impl<S: Storage> Drop for Inside<'_, S> {
    #[inline]
    fn drop(&mut self) {
        if !self.hazard.leave() {
            self.shared.let_through(self.hazard);
        }
    }
}

impl<S: Storage> fmt::Debug for LocalExposed<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalExposed([redacted])")
    }
}
