//! Making unreadable what nobody has used for a while, for hosts that look now and then.
//!
//! There is no clock on the way of an access: a secret is idle if its state word is what it was one
//! look ago, and nobody is inside.

use crate::Secret;
use crate::storage::Storage;
use crate::word::{CLOSED, UNREADABLE, Word};

/// What a host remembers from one look at a secret to the next.
#[derive(Clone, Copy, Default)]
pub struct LastLook(Option<Word>);

/// What a look found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Idleness {
    /// The content is unreadable, by this look or before; no need to look until it has been read.
    Unreadable,
    /// Used since the last look, or in use.
    InUse,
    /// Closed; no need to look again.
    Closed,
}

impl<S: Storage> Secret<S> {
    /// Makes the content unreadable if nobody has used it since the last look.
    pub fn make_unreadable_if_idle(&self, last: &mut LastLook) -> Idleness {
        let state = &self.shared.header().state;
        let word = state.word();
        let unused = last.0.replace(word) == Some(word);
        if unused && !word.has(CLOSED | UNREADABLE) {
            self.shared.make_unreadable();
        }
        let word = state.word();
        if word.has(CLOSED) {
            Idleness::Closed
        } else if word.has(UNREADABLE) {
            Idleness::Unreadable
        } else {
            Idleness::InUse
        }
    }
}
