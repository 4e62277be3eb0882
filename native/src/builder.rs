//! Choosing how a secret is protected.

use strongroom_core as core;

use crate::policy::default_on_lock_failure;
use crate::protection::{Backing, OnLockFailure, Protection};
use crate::storage::Native;
use crate::{Error, Secret};

/// How a secret is to be protected; the defaults are those of [`Secret::new`].
///
/// ```
/// use strongroom::{Backing, Protection, Secret};
///
/// let mut key = *b"correct horse battery staple";
/// let secret = Secret::builder()
///     .protection(Protection::Locked)
///     .backing(Backing::Anonymous)
///     .build(&mut key)?;
/// assert!(!secret.protections()?.memfd_secret);
/// # Ok::<(), strongroom::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "nothing happens before `build`, `init`, `random` or `password`"]
pub struct Builder {
    protection: Protection,
    backing: Backing,
    on_lock_failure: Option<OnLockFailure>,
}

impl Builder {
    /// How it is kept while nobody reads it.
    pub fn protection(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    /// Which kind of memory holds it.
    pub fn backing(mut self, backing: Backing) -> Self {
        self.backing = backing;
        self
    }

    /// What to do when no more memory may be locked; what
    /// [`set_default_on_lock_failure`](crate::set_default_on_lock_failure) has chosen if not given.
    pub fn on_lock_failure(mut self, choice: OnLockFailure) -> Self {
        self.on_lock_failure = Some(choice);
        self
    }

    /// A secret with the bytes of `source`, which is wiped on success and untouched on failure.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::new`], and [`Error::Unsupported`] for a backing that this system lacks.
    pub fn build(self, source: &mut [u8]) -> Result<Secret, Error> {
        core::Secret::new_in(self.storage()?, source).map(Secret)
    }

    /// A secret of `len` bytes that `init` writes; see [`Secret::init`].
    ///
    /// # Errors
    ///
    /// Those of [`Secret::init`], and [`Error::Unsupported`] for a backing that this system lacks.
    pub fn init<E: From<Error>>(
        self,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Secret, E> {
        core::Secret::init_in(self.storage()?, len, init).map(Secret)
    }

    /// A secret of `len` random bytes.
    ///
    /// # Errors
    ///
    /// Those of [`init`](Self::init), and [`Error::Random`].
    pub fn random(self, len: usize) -> Result<Secret, Error> {
        core::Secret::random_in(self.storage()?, len).map(Secret)
    }

    /// A password of `len` bytes out of `alphabet`; see [`Secret::password`].
    ///
    /// # Errors
    ///
    /// Those of [`Secret::password`], and [`Error::Unsupported`] for a backing that this system
    /// lacks.
    pub fn password(self, alphabet: &[u8], len: usize) -> Result<Secret, Error> {
        core::Secret::password_in(self.storage()?, alphabet, len).map(Secret)
    }

    fn storage(self) -> Result<Native, Error> {
        let on_lock_failure = self.on_lock_failure.unwrap_or_else(default_on_lock_failure);
        Native::new(self.protection, self.backing, on_lock_failure)
    }
}
