//! What few secrets need, beside the state: it is there with the first of it, and all have room for an address only.

use crate::hazards::Hazards;
use crate::lazy_box::LazyBox;
use crate::note::Note;

/// A note, and what local handles need.
pub(crate) struct Extra {
    pub(crate) note: Note,
    pub(crate) hazards: LazyBox<Hazards>,
}

impl Extra {
    /// Nothing of either.
    pub(crate) fn empty() -> Self {
        Self { note: Note::empty(), hazards: LazyBox::empty() }
    }
}
