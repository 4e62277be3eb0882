//! The secret: the operations that users see, each a few transitions of the state.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::filling;
use crate::outcome::CloseOutcome;
use crate::shared::Shared;
use crate::storage::{Released, Storage};
use crate::sync::Arc;
use crate::word::{CLOSED, Word};
use crate::{Error, Exposed, Reader};

/// How often `copy_into` looks again without a pin before it takes one.
const OPTIMISTIC_RETRIES: u32 = 3;

/// A handle on a secret that lives in the memory of `S`.
///
/// A clone is a second handle on the same secret: closing or replacing it through one is seen
/// through all. The last handle to be dropped wipes what is left.
pub struct Secret<S: Storage> {
    pub(crate) shared: Arc<Shared<S>>,
}

impl<S: Storage> Secret<S> {
    /// A secret with the bytes of `source`, which is wiped on success and untouched on failure.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], and those of the storage.
    pub fn new_in(storage: S, source: &mut [u8]) -> Result<Self, Error> {
        let region = filling::filled(&storage, source)?;
        let shared = Shared::new(storage, region, source.len())?;
        source.zeroize();
        Ok(Self::announced(shared))
    }

    /// A secret of `len` bytes that `init` writes in place, over zeros.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLarge`], those of the storage, and the one of `init`, after
    /// which nothing is left of what it had written. The same holds if it panics.
    pub fn init_in<E: From<Error>>(
        storage: S,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        filling::check_len(len)?;
        storage.check()?;
        let region = filling::written(&storage, len, init)?;
        Ok(Self::announced(Shared::new(storage, region, len)?))
    }

    fn announced(shared: Arc<Shared<S>>) -> Self {
        let secret = Self { shared };
        secret.shared.storage().on_created(&secret);
        secret
    }

    /// Calls `f` with the bytes.
    ///
    /// Accesses may nest and overlap, and `f` may close or replace the secret: the bytes it sees
    /// stay as they are until it returns. If it panics, the secret stays usable.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose); `f` is not called then.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        let bytes = self.expose()?;
        Ok(f(&bytes))
    }

    /// A guard that gives the bytes as long as it lives.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], [`Error::Poisoned`], [`Error::Forked`], [`Error::Busy`] when more than 2^37
    /// guards have not ended, and those of the storage when a content can't be made readable.
    #[inline(always)]
    pub fn expose(&self) -> Result<Exposed<'_, S>, Error> {
        let shared = &*self.shared;
        Ok(Exposed::new(shared, shared.pin()?))
    }

    /// Copies the bytes to the front of `out` and says how many there are.
    ///
    /// Where the storage allows it, this takes no part in the secret's reference count and writes
    /// to no shared memory at all.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), after which `out` is wiped; and
    /// [`Error::BufferTooSmall`], which leaves it as it is, but for zeros where an attempt was undone.
    #[inline]
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        let Some(word) = self.readable_without_pin() else { return self.copy_pinned(out) };
        match self.shared.copy_optimistically(word, out) {
            Some(copied) => copied,
            None => self.copy_again(out),
        }
    }

    /// The state word, if its content may be read without a pin.
    #[inline]
    pub(crate) fn readable_without_pin(&self) -> Option<Word> {
        let word = self.shared.header().state.word();
        (word.allows_optimism() && self.shared.storage().check().is_ok()).then_some(word)
    }

    /// Copies a content that moved.
    #[cold]
    fn copy_again(&self, out: &mut [u8]) -> Result<usize, Error> {
        for _ in 0..OPTIMISTIC_RETRIES {
            let Some(word) = self.readable_without_pin() else { break };
            if let Some(copied) = self.shared.copy_optimistically(word, out) {
                return copied;
            }
        }
        self.copy_pinned(out)
    }

    /// Copies what may not be read without a pin.
    #[cold]
    fn copy_pinned(&self, out: &mut [u8]) -> Result<usize, Error> {
        match self.expose() {
            Ok(bytes) => bytes.copy_into(out),
            Err(error) => {
                out.zeroize();
                Err(error)
            }
        }
    }

    /// A reader over the bytes; every read is an access of its own.
    #[must_use]
    pub fn reader(&self) -> Reader<S> {
        Reader::new(self.clone())
    }

    /// Gives the secret new content, of any length, wiping `source` on success and leaving it
    /// untouched on failure. Later accesses see the new content, current ones the old, which is
    /// wiped with the last of them.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], [`Error::Poisoned`], [`Error::Forked`], [`Error::Empty`],
    /// [`Error::Busy`] if the content before the current one is still being read, and those of the
    /// storage.
    pub fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        let shared = &*self.shared;
        shared.storage().check()?;
        shared.refuse_closed()?;
        let region = filling::filled(shared.storage(), source)?;
        shared.replace(region, source.len())?;
        source.zeroize();
        Ok(())
    }

    /// Ends the secret: no access that begins after this returns succeeds. Never waits; called
    /// inside an access it returns [`CloseOutcome::Deferred`].
    pub fn close(&self) -> CloseOutcome {
        self.shared.close()
    }

    /// Whether [`close`](Self::close) has been called, through this handle or another.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.header().state.word().has(CLOSED)
    }

    /// What the release of the last content found, once nothing is left of any.
    #[must_use]
    pub fn wiped(&self) -> Option<Released> {
        self.shared.header().state.vacancy()
    }

    /// The number of bytes; never 0.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), but an unreadable content is not made readable.
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> Result<usize, Error> {
        let shared = &*self.shared;
        shared.storage().check()?;
        loop {
            let word = shared.refuse_closed()?;
            let (_, len) = shared.location(word.place()).get();
            if word.generation() == shared.header().state.word_after_reads().generation() {
                return Ok(len);
            }
        }
    }

    /// Whether the secret's bytes are those of `other`, in a time that depends on the lengths
    /// only.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool, Error> {
        self.with_bytes(|bytes| bytes.ct_eq(other).into())
    }

    /// Calls `f` with the host's side of the current content, which is not made readable for it. `f` must
    /// not use the secret: nobody can make the content readable or unreadable, or replace it, meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn inspect<T>(&self, f: impl FnOnce(&S::Region) -> T) -> Result<T, Error> {
        self.shared.storage().check()?;
        self.shared.inspect(f)
    }

    /// The host's side of this secret.
    pub fn storage(&self) -> &S {
        self.shared.storage()
    }
}

impl<S: Storage> Clone for Secret<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S: Storage> fmt::Debug for Secret<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}
