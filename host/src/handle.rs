//! What stands behind a component's handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use strongroom::Secret;
use zeroize::Zeroizing;

use crate::error::Refused;
use crate::quota::Charge;
use crate::{CloseOutcome, Error};

bitflags::bitflags! {
    /// What a component may do with a secret.
    ///
    /// Each use lets it try guesses at the bytes. So for a secret that can be guessed, as a password
    /// that people have chosen, each of them is as good as [`REVEAL`](Self::REVEAL).
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Uses: u8 {
        /// Be the key of message authentication.
        const MAC = 1;
        /// Be the key of authenticated encryption.
        const AEAD = 1 << 1;
        /// Derive other secrets.
        const KDF = 1 << 2;
        /// Be the seed of signatures.
        const SIGN = 1 << 3;
        /// Wrap other secrets, and unwrap them. Not for a key that is granted for [`AEAD`], too:
        /// what the one wraps, the other opens.
        ///
        /// [`AEAD`]: Self::AEAD
        const WRAP = 1 << 4;
        /// Leave as ciphertext, wrapped by a key that the component may have chosen itself: as good
        /// as [`REVEAL`](Self::REVEAL), unless it can't know that key.
        const EXPORT = 1 << 5;
        /// Be read.
        const REVEAL = 1 << 6;
        /// Be compared with another, of the component's own choice: what is easy to guess can be
        /// found out so.
        const EQUALS = 1 << 7;
    }
}

impl Uses {
    /// What lets bytes out. A secret that is made from another never has more of it.
    const LEAVE: Self = Self::EXPORT.union(Self::REVEAL);

    /// What may be done with what is made from a secret with these uses.
    pub(crate) fn inherited(self) -> Self {
        Self::all().difference(Self::LEAVE).union(self.intersection(Self::LEAVE))
    }
}

/// A handle of a component's on a secret. All of its handles on one secret share one grant.
///
/// Each call takes a share. That is counted in what this store has for itself, and not in what it
/// may have in common with others, the secret.
pub struct Handle(Arc<Grant>);

/// A secret, and what a component may do with it.
struct Grant {
    secret: Secret,
    /// The name of a secret that is the host's; one of the component's own has none.
    name: Option<Box<str>>,
    uses: Uses,
    /// Whether the component has closed a secret that is the host's.
    ended: AtomicBool,
    /// Bytes of content that are charged to the component, with what they cost.
    charged: AtomicUsize,
}

// ORDERING: Relaxed throughout: flags and figures that only one store changes, and that order
// nothing.

impl Handle {
    /// A handle to a secret of the component's own, or, with a `name`, of the host's. The secret's
    /// bytes are charged to the component, which is its caller's to do.
    #[inline]
    pub(crate) fn new(secret: Secret, name: Option<&str>, uses: Uses) -> Result<Self, Error> {
        let charged = AtomicUsize::new(secret.len()?);
        let ended = AtomicBool::new(false);
        Ok(Self(Arc::new(Grant { secret, name: name.map(Into::into), uses, ended, charged })))
    }

    /// Another one.
    #[inline]
    pub(crate) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// The end of a handle. Returns what is charged to nobody any more.
    #[inline]
    pub(crate) fn end(self) -> Charge {
        Arc::into_inner(self.0).map_or(Charge::default(), |mut grant| {
            let bytes = std::mem::take(grant.charged.get_mut());
            grant.charge_of(bytes)
        })
    }

    /// The secret, if it may be used in these ways; any grant will do where that is none. It may have
    /// been closed by others.
    #[inline]
    pub(crate) fn secret(&self, uses: Uses) -> Result<&Secret, Error> {
        // ORDERING: see above.
        if self.0.ended.load(Ordering::Relaxed) {
            return Err(Error::Closed);
        }
        self.refuse_without_grant()?;
        if !self.0.uses.contains(uses) {
            return Err(Error::NotPermitted);
        }
        Ok(&self.0.secret)
    }

    /// Refuses what any grant would do for, where there is none.
    #[inline]
    pub(crate) fn refuse_without_grant(&self) -> Result<(), Error> {
        if self.0.uses.is_empty() { Err(Error::NotPermitted) } else { Ok(()) }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    pub(crate) fn uses(&self) -> Uses {
        self.0.uses
    }

    pub(crate) fn is_closed(&self) -> bool {
        // ORDERING: see above.
        self.0.ended.load(Ordering::Relaxed) || self.0.secret.is_closed()
    }

    /// Ends the secret, or, if it is the host's, these handles to it.
    pub(crate) fn close(&self) -> CloseOutcome {
        if self.0.name.is_none() {
            return self.0.secret.close().into();
        }
        // ORDERING: see above.
        if self.0.secret.is_closed() || self.0.ended.swap(true, Ordering::Relaxed) {
            return CloseOutcome::Already;
        }
        CloseOutcome::Wiped
    }

    /// Gives a secret of the component's own new content.
    pub(crate) fn replace(&self, bytes: &[u8]) -> Result<(), Refused> {
        Ok(self.0.secret.replace(&mut Zeroizing::new(bytes.to_vec()))?)
    }

    /// Refuses to replace what is the host's.
    pub(crate) fn refuse_to_replace(&self) -> Result<(), Error> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        if self.0.name.is_some() {
            return Err(Error::NotPermitted);
        }
        Ok(())
    }

    /// What a content of so many bytes takes in this secret.
    #[inline]
    pub(crate) fn charge_of(&self, bytes: usize) -> Charge {
        self.0.charge_of(bytes)
    }

    /// What is charged.
    #[inline]
    pub(crate) fn charged(&self) -> Charge {
        // ORDERING: see above.
        self.0.charge_of(self.0.charged.load(Ordering::Relaxed))
    }

    /// Charges so many bytes from now on, and returns what was charged before.
    pub(crate) fn recharge(&self, bytes: usize) -> Charge {
        // ORDERING: see above.
        self.0.charge_of(self.0.charged.swap(bytes, Ordering::Relaxed))
    }

    /// Charges nothing from now on, and returns what was charged before.
    pub(crate) fn discharge(&self) -> Charge {
        self.recharge(0)
    }
}

impl Grant {
    #[inline]
    fn charge_of(&self, bytes: usize) -> Charge {
        match bytes {
            0 => Charge::default(),
            bytes => Charge::new(bytes, self.secret.cost(bytes)),
        }
    }
}
