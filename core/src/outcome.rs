//! What ending a secret comes to.

use crate::storage::Released;

/// What became of a `close`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CloseOutcome {
    /// The bytes are gone: those of the last content, and of every one before it.
    Wiped,
    /// Somebody had written past the end of the bytes, which are gone. So are those of every content
    /// before, unless somebody still reads one: then the last reader wipes it.
    Overrun,
    /// Somebody still reads bytes, of the last content or of the one before it; the last reader wipes
    /// them.
    Deferred,
    /// The secret had been closed before.
    Already,
}

impl From<Released> for CloseOutcome {
    fn from(released: Released) -> Self {
        match released {
            Released::Intact => Self::Wiped,
            Released::Overrun => Self::Overrun,
        }
    }
}
