//! A handle that can do less than the secret: attenuation.

use core::fmt;

use crate::storage::Storage;
use crate::sync::{Arc, AtomicBool, Ordering};
use crate::uses::Uses;
use crate::{CloseOutcome, Error, Exposed, Secret};

/// A handle on a secret of `S` that refuses all uses but its own: an operation needs those that
/// [`Uses`] names for it, or is [`Error::NotPermitted`].
///
/// Its uses never become more. A clone has the same, [`restrict`](Self::restrict) makes a handle with
/// fewer, and what is made from the secret by it has [those inherited](Uses::inherited).
///
/// **Whose secret it is.** What [`Secret::restrict`] makes is a handle on what stays another's: it
/// can't replace the content, and [`close`](Self::close) ends this handle alone. Closing the secret
/// by a handle that owns it is seen by all. Owners are every [`Secret`], what is made from a secret
/// by a restricted handle, and what [`Secret::into_restricted`] makes.
pub struct Restricted<S: Storage> {
    secret: Secret<S>,
    uses: Uses,
    /// Until when it is lent; what owns its secret has none.
    loan: Option<Arc<Loan>>,
}

/// The most loans of which each is part of the one before: an access looks at all, and all stay as long as
/// the last.
const DEEPEST: u32 = 64;

/// What a handle, its clones and those that were restricted from them are lent for.
struct Loan {
    ended: AtomicBool,
    /// The one that this is part of.
    from: Option<Arc<Self>>,
    /// How many stand before it.
    depth: u32,
}

impl Loan {
    fn new() -> Arc<Self> {
        Arc::new(Self { ended: AtomicBool::new(false), from: None, depth: 0 })
    }

    /// A part of `whole`; or `whole`, where there are too many.
    fn part(whole: &Arc<Self>) -> Arc<Self> {
        if whole.depth == DEEPEST {
            return Arc::clone(whole);
        }
        let from = Some(Arc::clone(whole));
        Arc::new(Self { ended: AtomicBool::new(false), from, depth: whole.depth + 1 })
    }

    fn has_ended(&self) -> bool {
        // ORDERING: Relaxed pairs with the swap in `end`: a flag that orders nothing. Whoever comes
        // after the end by whatever else orders the two sees it, by coherence.
        self.ended.load(Ordering::Relaxed)
            || self.from.as_ref().is_some_and(|from| from.has_ended())
    }

    /// Ends it, and says whether it had ended before.
    fn end(&self) -> bool {
        // ORDERING: Relaxed, as in `has_ended`.
        let before = self.has_ended();
        self.ended.swap(true, Ordering::Relaxed) || before
    }
}

impl<S: Storage> Secret<S> {
    /// A handle on this secret that may be used in these ways alone, and can't replace or end it.
    #[must_use]
    pub fn restrict(&self, uses: Uses) -> Restricted<S> {
        Restricted { secret: self.clone(), uses, loan: Some(Loan::new()) }
    }

    /// This handle, to be used in these ways alone. It still owns the secret: it may replace the
    /// content, and closing it ends the secret.
    #[must_use]
    pub fn into_restricted(self, uses: Uses) -> Restricted<S> {
        Restricted { secret: self, uses, loan: None }
    }
}

impl<S: Storage> Restricted<S> {
    /// What it may be used for.
    #[must_use]
    pub fn uses(&self) -> Uses {
        self.uses
    }

    /// A handle that may be used in those of these ways that this one has, and can't replace or end the secret,
    /// nor this one. The 65th in a row, of handles that were restricted from each other, ends the one before.
    #[must_use]
    pub fn restrict(&self, uses: Uses) -> Self {
        let loan = self.loan.as_ref().map_or_else(Loan::new, Loan::part);
        Self { secret: self.secret.clone(), uses: self.uses.intersection(uses), loan: Some(loan) }
    }

    /// The check: all that is done by this handle passes here.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the secret is closed, or this handle, and [`Error::NotPermitted`] unless
    /// it has these uses; where these are none, unless it has any.
    #[inline]
    pub fn check(&self, needed: Uses) -> Result<(), Error> {
        if self.loan.as_ref().is_some_and(|loan| loan.has_ended()) {
            return Err(Error::Closed);
        }
        if self.uses.contains(needed) && !self.uses.is_empty() {
            return Ok(());
        }
        // A closed secret is told as such, whatever else speaks against the use. What is permitted
        // finds that out itself.
        Err(if self.secret.is_closed() { Error::Closed } else { Error::NotPermitted { needed } })
    }

    /// Refuses what any use will do for, as to have another handle, closed or not.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] where there is none.
    pub fn check_any(&self) -> Result<(), Error> {
        match self.uses.is_empty() {
            true => Err(Error::NotPermitted { needed: Uses::empty() }),
            false => Ok(()),
        }
    }

    /// As [`Secret::with_bytes`], with [`Uses::REVEAL`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::with_bytes`].
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        self.check(Uses::REVEAL)?;
        self.secret.with_bytes(f)
    }

    /// As [`Secret::expose`], with [`Uses::REVEAL`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::expose`].
    #[inline]
    pub fn expose(&self) -> Result<Exposed<'_, S>, Error> {
        self.check(Uses::REVEAL)?;
        self.secret.expose()
    }

    /// As [`Secret::copy_into`], with [`Uses::REVEAL`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check), which leave `out` as it is, and of [`Secret::copy_into`].
    #[inline]
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        self.check(Uses::REVEAL)?;
        self.secret.copy_into(out)
    }

    /// As [`Secret::ct_eq`], with [`Uses::EQUALS`].
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::ct_eq`].
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool, Error> {
        self.check(Uses::EQUALS)?;
        self.secret.ct_eq(other)
    }

    /// As [`Secret::len`], with any use.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) and of [`Secret::len`].
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> Result<usize, Error> {
        self.check(Uses::empty())?;
        self.secret.len()
    }

    /// As [`Secret::replace`], by an owner.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] by any other, and those of [`Secret::replace`].
    pub fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        self.check_owner()?;
        self.secret.replace(source)
    }

    /// Refuses what only an owner may do: to replace the content.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], and [`Error::NotPermitted`].
    pub fn check_owner(&self) -> Result<(), Error> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        match self.loan {
            Some(_) => Err(Error::NotPermitted { needed: Uses::empty() }),
            None => Ok(()),
        }
    }

    /// Ends the secret, as [`Secret::close`] does, by an owner. Any other ends this handle, its clones and
    /// what was restricted from it, which is [`CloseOutcome::Deferred`]: the bytes stay with the owner.
    pub fn close(&self) -> CloseOutcome {
        match &self.loan {
            None => self.secret.close(),
            Some(loan) if loan.end() || self.secret.is_closed() => CloseOutcome::Already,
            Some(_) => CloseOutcome::Deferred,
        }
    }

    /// Whether the secret has been closed, or this handle.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.loan.as_ref().is_some_and(|loan| loan.has_ended()) || self.secret.is_closed()
    }

    /// A number that the handles on one secret have in common, and no others as long as one of them is there.
    #[must_use]
    pub fn identity(&self) -> usize {
        core::ptr::from_ref(&*self.secret.shared).addr()
    }

    /// As [`Secret::inspect`].
    ///
    /// # Errors
    ///
    /// Those of [`Secret::inspect`].
    pub fn inspect<T>(&self, f: impl FnOnce(&S::Region) -> T) -> Result<T, Error> {
        self.secret.inspect(f)
    }

    /// The host's side of the secret.
    pub fn storage(&self) -> &S {
        self.secret.storage()
    }

    /// The secret, which may be used for anything: for hosts, after [`check`](Self::check), or to move it. They
    /// don't pass it on.
    #[inline]
    pub fn unrestricted(&self) -> &Secret<S> {
        &self.secret
    }
}

impl<S: Storage> Clone for Restricted<S> {
    fn clone(&self) -> Self {
        Self { secret: self.secret.clone(), uses: self.uses, loan: self.loan.clone() }
    }
}

impl<S: Storage> fmt::Debug for Restricted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Restricted([redacted], {})", self.uses)
    }
}
