//! What stands behind a component's handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use strongroom::{Restricted, Uses};
use zeroize::Zeroizing;

use crate::CloseOutcome;
use crate::error::Refused;
use crate::quota::Charge;

/// A handle of a component's on a secret. Its clones share its grant; what is restricted from it has one
/// of its own.
///
/// Each call takes a share. That is counted in what this store has for itself, and not in what it
/// may have in common with others, the secret.
pub struct Handle(Arc<Grant>);

/// A secret, and what a component may do with it by these handles.
struct Grant {
    secret: Restricted,
    holding: Holding,
}

/// On whose account a secret is.
enum Holding {
    /// On that of these handles, which were the component's first ones to it.
    First {
        /// The name of a secret that is the host's; one of the component's own has none.
        name: Option<Box<str>>,
        /// Bytes of content that are charged to the component, with what they cost.
        charged: AtomicUsize,
    },
    /// On that of the first ones, which these were restricted from.
    Further(Handle),
}

// ORDERING: Relaxed throughout: figures that only one store changes, and that order nothing.

impl Handle {
    /// The first handle to a secret of the component's own, or, with a `name`, of the host's. Its `len`
    /// bytes are charged to the component, which is its caller's to do.
    #[inline]
    pub(crate) fn new(secret: Restricted, len: usize, name: Option<&str>) -> Self {
        let holding = Holding::First { name: name.map(Into::into), charged: AtomicUsize::new(len) };
        Self(Arc::new(Grant { secret, holding }))
    }

    /// Another one.
    #[inline]
    pub(crate) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// One with fewer uses.
    pub(crate) fn restrict(&self, uses: Uses) -> Self {
        let first = match &self.0.holding {
            Holding::First { .. } => self.share(),
            Holding::Further(first) => first.share(),
        };
        let secret = self.0.secret.restrict(uses);
        Self(Arc::new(Grant { secret, holding: Holding::Further(first) }))
    }

    /// The end of a handle. Returns what is charged to nobody any more.
    #[inline]
    pub(crate) fn end(self) -> Charge {
        Arc::into_inner(self.0).map_or(Charge::default(), |grant| match grant.holding {
            Holding::First { charged, .. } => charge_of(&grant.secret, charged.into_inner()),
            Holding::Further(first) => first.end(),
        })
    }

    /// The secret, to be used in the ways that are granted.
    #[inline]
    pub(crate) fn secret(&self) -> &Restricted {
        &self.0.secret
    }

    /// Whose name it has, and on whose account it is.
    #[inline]
    fn account(&self) -> (Option<&str>, &AtomicUsize) {
        match &self.0.holding {
            Holding::First { name, charged } => (name.as_deref(), charged),
            Holding::Further(first) => first.account(),
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.account().0
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.secret.is_closed()
    }

    /// Ends the secret, or, if it is the host's or these handles were restricted, these handles to it. Returns
    /// also what is charged to nobody any more.
    pub(crate) fn close(&self) -> (CloseOutcome, Charge) {
        let closed = self.0.secret.close().into();
        match (&self.0.holding, closed) {
            (Holding::Further(_), _) => (closed, Charge::default()),
            // The component has no more of it, and what the host has is not its business.
            (Holding::First { name: Some(_), .. }, CloseOutcome::Deferred) => {
                (CloseOutcome::Wiped, self.recharge(0))
            }
            (Holding::First { .. }, _) => (closed, self.recharge(0)),
        }
    }

    /// Gives a secret of the component's own new content.
    pub(crate) fn replace(&self, bytes: &[u8]) -> Result<(), Refused> {
        Ok(self.0.secret.replace(&mut Zeroizing::new(bytes.to_vec()))?)
    }

    /// What a content of so many bytes takes in this secret.
    #[inline]
    pub(crate) fn charge_of(&self, bytes: usize) -> Charge {
        charge_of(&self.0.secret, bytes)
    }

    /// What is charged.
    #[inline]
    pub(crate) fn charged(&self) -> Charge {
        // ORDERING: see above.
        self.charge_of(self.account().1.load(Ordering::Relaxed))
    }

    /// Charges so many bytes from now on, and returns what was charged before.
    pub(crate) fn recharge(&self, bytes: usize) -> Charge {
        // ORDERING: see above.
        self.charge_of(self.account().1.swap(bytes, Ordering::Relaxed))
    }
}

#[inline]
fn charge_of(secret: &Restricted, bytes: usize) -> Charge {
    match bytes {
        0 => Charge::default(),
        bytes => Charge::new(bytes, secret.cost(bytes)),
    }
}
