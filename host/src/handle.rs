//! What stands behind a component's handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use strongroom::Secret;
use zeroize::Zeroizing;

use crate::quota::{Budget, Charge};
use crate::{Closed, Error};

bitflags::bitflags! {
    /// What a component may do with a secret.
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
    pub(crate) fn of_offspring(self) -> Self {
        Self::all().difference(Self::LEAVE).union(self.intersection(Self::LEAVE))
    }
}

/// A component's hold on a secret; a clone is another on the same.
///
/// Each call clones the handle. That is counted in what this store has for itself, and not in what
/// it may share with others, the secret.
#[derive(Clone)]
pub struct Handle(Arc<Hold>);

/// What the clones of a handle share.
struct Hold {
    secret: Secret,
    /// The name of a secret that is the host's; one of the component's own has none.
    name: Option<Box<str>>,
    uses: Uses,
    /// Whether the component has closed a secret that is the host's.
    ended: AtomicBool,
    charge: Charge,
}

impl Handle {
    /// A handle to a secret of the component's own, or, with a `name`, of the host's.
    pub(crate) fn new(
        secret: Secret,
        name: Option<&str>,
        uses: Uses,
        budget: &Arc<Budget>,
    ) -> Result<Self, Error> {
        let charge = budget.charge(secret.len()?)?;
        let ended = AtomicBool::new(false);
        Ok(Self(Arc::new(Hold { secret, name: name.map(Into::into), uses, ended, charge })))
    }

    /// The secret, if it may be used in these ways.
    pub(crate) fn secret(&self, uses: Uses) -> Result<&Secret, Error> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        if !self.0.uses.contains(uses) {
            return Err(Error::NotPermitted);
        }
        Ok(&self.0.secret)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    pub(crate) fn uses(&self) -> Uses {
        self.0.uses
    }

    pub(crate) fn is_closed(&self) -> bool {
        // ORDERING: Relaxed; a flag of one store, which orders nothing.
        self.0.ended.load(Ordering::Relaxed) || self.0.secret.is_closed()
    }

    /// Ends the secret, or, if it is the host's, these handles to it.
    pub(crate) fn close(&self) -> Closed {
        let closed = if self.0.name.is_none() {
            self.0.secret.close().into()
        // ORDERING: Relaxed, as in `is_closed`.
        } else if self.0.secret.is_closed() || self.0.ended.swap(true, Ordering::Relaxed) {
            Closed::Already
        } else {
            Closed::Wiped
        };
        self.0.charge.refund();
        closed
    }

    /// Gives a secret of the component's own new content.
    pub(crate) fn replace(&self, bytes: &[u8], budget: &Arc<Budget>) -> Result<(), Error> {
        let secret = self.secret(Uses::empty())?;
        if self.0.name.is_some() {
            return Err(Error::NotPermitted);
        }
        let charge = budget.charge(bytes.len())?;
        secret.replace(&mut Zeroizing::new(bytes.to_vec()))?;
        self.0.charge.take_over(&charge);
        Ok(())
    }
}
