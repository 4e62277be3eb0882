//! A handle for one thread, whose accesses cost the least.

use std::fmt;
use std::ops::Deref;

use strongroom_core as core;

use crate::storage::Native;
use crate::{Error, Secret};

/// A handle on a secret for the thread that made it: threads which read one secret by handles of their own
/// don't disturb each other.
///
/// An access of a [`Locked`](crate::Protection::Locked) secret by it has no atomic read-modify-write and writes no
/// cache line that another thread uses. What that takes is paid by [`close`](Secret::close) and
/// [`replace`](Secret::replace), which make all threads of the process run a memory barrier: some microseconds,
/// where there are such handles. Where there is no such barrier ([`capabilities`](crate::capabilities) tells), for
/// secrets of the other levels, and within another access by the same handle, an access is what it is by a
/// [`Secret`].
///
/// It is a handle like any other in all else: it keeps the secret, and `close` and `replace` by whichever handle
/// are seen through it.
///
/// ```
/// use std::thread;
/// use strongroom::{Error, Secret};
///
/// let secret = Secret::random(32)?;
/// thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let local = secret.local(); // once for each thread
///             while let Ok(first) = local.with_bytes(|bytes| bytes[0]) {
///                 assert_eq!(local.expose()?[0], first); // for as long as the guard lives
///             }
///             Ok::<(), Error>(())
///         });
///     }
///     secret.close(); // seen by all
/// });
/// # Ok::<(), Error>(())
/// ```
///
/// It stays with its thread:
///
/// ```compile_fail,E0277
/// # let secret = strongroom::Secret::random(32)?;
/// let local = secret.local();
/// std::thread::spawn(move || local.with_bytes(|bytes| bytes[0]));
/// # Ok::<(), strongroom::Error>(())
/// ```
///
/// So does what it shows, and neither can be shared:
///
/// ```compile_fail,E0277
/// # let secret = strongroom::Secret::random(32)?;
/// let local = secret.local();
/// let guard = local.expose()?;
/// std::thread::scope(|scope| scope.spawn(move || guard[0]).join()).unwrap();
/// # Ok::<(), strongroom::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// # let secret = strongroom::Secret::random(32)?;
/// let local = secret.local();
/// std::thread::scope(|scope| scope.spawn(|| local.expose().map(drop)).join()).unwrap()?;
/// # Ok::<(), strongroom::Error>(())
/// ```
pub struct LocalSecret(core::LocalSecret<Native>);

impl Secret {
    /// A handle for this thread, whose accesses cost the least.
    #[must_use]
    pub fn local(&self) -> LocalSecret {
        LocalSecret(self.0.local())
    }
}

impl LocalSecret {
    /// Calls `f` with the bytes, as [`Secret::with_bytes`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::with_bytes`]; `f` is not called then.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.0.with_bytes(f)
    }

    /// A guard that gives the bytes as long as it lives.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::with_bytes`].
    #[inline]
    pub fn expose(&self) -> Result<LocalExposed<'_>, Error> {
        self.0.expose().map(LocalExposed)
    }
}

impl fmt::Debug for LocalSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The bytes of a secret, shown by a [`LocalSecret`], for as long as this lives.
///
/// As with [`Exposed`](crate::Exposed), the content stays as it is meanwhile, and in a child that was forked while
/// it existed the bytes are not there. It stays with its thread.
#[must_use = "dropping it ends the access"]
pub struct LocalExposed<'a>(core::LocalExposed<'a, Native>);

impl Deref for LocalExposed<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for LocalExposed<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for LocalExposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
