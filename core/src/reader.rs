//! Reading a secret piece by piece.

use crate::storage::Storage;
use crate::{Error, Secret};

/// Reads a secret from front to back, pinning it only while bytes are copied.
pub struct Reader<S: Storage> {
    secret: Secret<S>,
    offset: usize,
    generation: Option<u32>,
}

impl<S: Storage> Reader<S> {
    pub(crate) fn new(secret: Secret<S>) -> Self {
        Self { secret, offset: 0, generation: None }
    }

    /// Copies the next bytes into `out` and says how many; 0 at the end.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::expose`], and [`Error::Replaced`] when the content is no longer the one
    /// that the first read saw.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let bytes = self.secret.expose()?;
        if *self.generation.get_or_insert(bytes.generation()) != bytes.generation() {
            return Err(Error::Replaced);
        }
        let n = bytes.copy_from(self.offset, out);
        self.offset += n;
        Ok(n)
    }
}
