//! Choosing how a secret is protected.

use strongroom_core as core;

use crate::policy::{default_backing_for_good, default_on_lock_failure};
use crate::protection::{Backing, OnLockFailure, Protection};
use crate::source::{self, Rejected, Source};
use crate::storage::Native;
use crate::{Error, Secret};

/// How a secret is to be protected; the defaults are those of [`Secret::new`].
///
/// ```
/// use strongroom::{Backing, Builder, Protection, Secret};
///
/// /// How this program keeps its keys.
/// const KEYS: Builder =
///     Secret::builder().protection(Protection::Locked).backing(Backing::Anonymous);
///
/// let mut key = *b"correct horse battery staple";
/// let secret = KEYS.build(&mut key)?;
/// assert!(!secret.protections()?.memfd_secret);
/// # Ok::<(), strongroom::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "nothing happens before `build`, `init`, `random` or the like"]
pub struct Builder {
    protection: Protection,
    backing: Option<Backing>,
    on_lock_failure: Option<OnLockFailure>,
}

impl Builder {
    /// The defaults.
    pub const fn new() -> Self {
        Self { protection: Protection::Locked, backing: None, on_lock_failure: None }
    }

    /// How it is kept while nobody reads it.
    pub const fn protection(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    /// Which kind of memory holds it; what [`set_default_backing`](crate::set_default_backing) has
    /// chosen if not given.
    pub const fn backing(mut self, backing: Backing) -> Self {
        self.backing = Some(backing);
        self
    }

    /// What to do when no more memory may be locked; what
    /// [`set_default_on_lock_failure`](crate::set_default_on_lock_failure) has chosen if not given.
    pub const fn on_lock_failure(mut self, choice: OnLockFailure) -> Self {
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

    /// A secret with the bytes of a `source` that is given away: a vector, a string, a box. It is
    /// wiped with all its cached room, or given back.
    ///
    /// ```
    /// use strongroom::{Protection, Secret};
    ///
    /// let password = String::from("correct horse battery staple");
    /// let secret = Secret::builder().protection(Protection::Encrypted).build_from(password)?;
    /// # Ok::<(), strongroom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build), with the source.
    pub fn build_from<T: Source>(self, source: T) -> Result<Secret, Rejected<T>> {
        source::take(source, |bytes| self.build(bytes))
    }

    /// A secret of `len` bytes that `init` writes; see [`Secret::init`].
    ///
    /// # Errors
    ///
    /// Those of [`Secret::init`], and [`Error::Unsupported`] for a backing that this system lacks.
    pub fn init(self, len: usize, init: impl FnOnce(&mut [u8])) -> Result<Secret, Error> {
        self.try_init(len, |bytes| {
            init(bytes);
            Ok(())
        })
    }

    /// A secret of `len` bytes that `init` writes, or fails to; see [`Secret::try_init`].
    ///
    /// # Errors
    ///
    /// Those of [`Secret::try_init`], and [`Error::Unsupported`] for a backing that this system
    /// lacks.
    pub fn try_init<E: From<Error>>(
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

    /// How it is kept while nobody reads it.
    pub(crate) fn level(self) -> Protection {
        self.protection
    }

    // Inlined, as is what it calls: a result of this size would come by memory.
    #[inline(always)]
    fn storage(self) -> Result<Native, Error> {
        let backing = self.backing.unwrap_or_else(default_backing_for_good);
        let on_lock_failure = self.on_lock_failure.unwrap_or_else(default_on_lock_failure);
        Native::new(self.protection, backing, on_lock_failure)
    }
}
