//! A handle that can do less than the secret.

use std::fmt;

use strongroom_core as core;

use crate::secret::Exposed;
use crate::storage::Native;
use crate::{CloseOutcome, Error, Secret, Uses};

/// A handle on a secret that refuses all uses but its own, as [`Error::NotPermitted`]: for code that needs no
/// more. What an operation needs is said by [`Uses`].
///
/// Its uses never become more. A clone has the same, [`restrict`](Self::restrict) makes a handle with fewer, and
/// what is made from the secret by it has [those inherited](Uses::inherited). A handle that
/// [`Secret::restrict`] has made can neither replace nor end the secret: [`close`](Self::close) ends
/// the handle, its clones and what was restricted from it. One that owns its secret can: that is what is made from a
/// secret by a restricted handle, and what [`Secret::into_restricted`] makes.
///
/// ```
/// use strongroom::{Error, Secret, Uses};
///
/// let key = Secret::random(32)?;
/// let verifier = key.restrict(Uses::VERIFY); // for who has to know good tags, and no more
/// let tag = key.hmac_sha256(b"message")?;
/// assert!(verifier.verify_hmac_sha256(b"message", &tag)?);
/// assert_eq!(verifier.hmac_sha256(b"another"), Err(Error::NotPermitted { needed: Uses::MAC }));
/// assert!(verifier.restrict(Uses::all()).hmac_sha256(b"another").is_err()); // there is no way back
///
/// key.close(); // seen by all
/// assert_eq!(verifier.verify_hmac_sha256(b"message", &tag), Err(Error::Closed));
/// # Ok::<(), Error>(())
/// ```
///
/// It keeps code from what it isn't meant to do. It is no border within a process: code that looks for a secret in
/// memory needs no handle.
#[derive(Clone)]
pub struct Restricted(pub(crate) core::Restricted<Native>);

impl Secret {
    /// A handle on this secret that may be used in these ways alone, and can't replace or end it.
    #[must_use]
    pub fn restrict(&self, uses: Uses) -> Restricted {
        Restricted(self.0.restrict(uses))
    }

    /// This handle, to be used in these ways alone. It still owns the secret: it may replace the content, and
    /// closing it ends the secret.
    #[must_use]
    pub fn into_restricted(self, uses: Uses) -> Restricted {
        Restricted(self.0.into_restricted(uses))
    }
}

impl Restricted {
    /// What it may be used for.
    #[must_use]
    pub fn uses(&self) -> Uses {
        self.0.uses()
    }

    /// A handle that may be used in those of these ways that this one has, and can't replace or end the secret,
    /// nor this one. The 65th in a row, of handles that were restricted from each other, ends the one before.
    #[must_use]
    pub fn restrict(&self, uses: Uses) -> Self {
        Self(self.0.restrict(uses))
    }

    /// Whether it may be used in these ways; where these are none, whether in any. That is asked by each operation
    /// for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the secret is closed, or this handle, and [`Error::NotPermitted`].
    #[inline]
    pub fn check(&self, needed: Uses) -> Result<(), Error> {
        self.0.check(needed)
    }

    /// Refuses what any use will do for, as to have another handle, closed or not.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] where there is none.
    pub fn check_any(&self) -> Result<(), Error> {
        self.0.check_any()
    }

    /// As [`Secret::with_bytes`], with [`Uses::REVEAL`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::with_bytes`]; `f` is not called then.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.0.with_bytes(f)
    }

    /// As [`Secret::expose`], with [`Uses::REVEAL`].
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    #[inline]
    pub fn expose(&self) -> Result<Exposed<'_>, Error> {
        self.0.expose().map(Exposed)
    }

    /// As [`Secret::copy_into`], with [`Uses::REVEAL`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), which leave `out` as it is, and of [`Secret::copy_into`].
    #[inline]
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        self.0.copy_into(out)
    }

    /// As [`Secret::ct_eq`], with [`Uses::EQUALS`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::ct_eq`].
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool, Error> {
        self.0.ct_eq(other)
    }

    /// The number of bytes, with any use; never 0.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::len`].
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> Result<usize, Error> {
        self.0.len()
    }

    /// As [`Secret::replace`], by an owner.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] by any other, and those of [`Secret::replace`].
    pub fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        self.0.replace(source)
    }

    /// Refuses what only an owner may do: to replace the content.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], and [`Error::NotPermitted`].
    pub fn check_owner(&self) -> Result<(), Error> {
        self.0.check_owner()
    }

    /// Ends the secret, as [`Secret::close`] does, by an owner. Any other ends this handle, its clones and
    /// what was restricted from it, which is [`CloseOutcome::Deferred`]: the bytes stay with the owner.
    pub fn close(&self) -> CloseOutcome {
        self.0.close()
    }

    /// Whether the secret has been closed, or this handle.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl fmt::Debug for Restricted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
