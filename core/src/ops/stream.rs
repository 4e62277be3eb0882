//! The key of a stream: an operation on a message that comes piece by piece.
//!
//! A stream keeps nothing between two pieces for which its key isn't needed once more. So whatever ends the key ends
//! the stream, and there is nothing of it then that could be found: no list of streams that `close` would have to
//! go through, and no locked memory that a stream takes.

use crate::storage::Storage;
use crate::{Error, Secret};

/// The content of a secret that a stream began with.
pub(super) struct StreamKey<S: Storage> {
    secret: Secret<S>,
    generation: u32,
    /// Why the stream has ended.
    failed: Option<Error>,
}

impl<S: Storage> StreamKey<S> {
    /// The present content of `secret`, if `check` finds that it will do.
    pub(super) fn new(
        secret: &Secret<S>,
        check: impl FnOnce(&[u8]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let bytes = secret.expose()?;
        check(&bytes)?;
        Ok(Self { secret: secret.clone(), generation: bytes.generation(), failed: None })
    }

    /// Calls `f` with the key. An error ends the stream: whatever is tried after it fails with the same one.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::expose`] and of `f`, and [`Error::Replaced`].
    pub(super) fn with<R>(
        &mut self,
        f: impl FnOnce(&[u8]) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let result = match self.failed {
            Some(error) => Err(error),
            None => self.same_content(f),
        };
        self.failed = result.as_ref().err().copied();
        result
    }

    /// Ends the stream.
    #[cfg(feature = "aead")]
    pub(super) fn fail(&mut self, error: Error) {
        self.failed = Some(error);
    }

    fn same_content<R>(&self, f: impl FnOnce(&[u8]) -> Result<R, Error>) -> Result<R, Error> {
        let bytes = self.secret.expose()?;
        if bytes.generation() != self.generation {
            return Err(Error::Replaced);
        }
        f(&bytes)
    }
}
