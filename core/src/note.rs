//! What an operation has worked out from a content and wants to find again, beside the state.
//!
//! A note is no secret, so it is no content: it lies where the state lies, and takes nothing of what can be
//! locked. Nothing orders it, either: what is read may be torn, of another content, or overwritten by somebody's
//! stray write. So a note carries a check that only who has the content can work out, and who reads one
//! believes it for that check alone.
//!
//! It is written under a pin on the content that it is of. Whoever releases that content clears it: then all who
//! could write it have left, so nothing of it outlives the content. That may clear the note of the next
//! content, too, which is worked out again.
//!
//! Few secrets ever have one, so all have room for an address only.

#[cfg(feature = "sign")]
mod imp {
    use alloc::boxed::Box;

    use once_cell::race::OnceBox;

    use crate::atomic_bytes;
    use crate::sync::AtomicU64;

    /// Bytes of a note: as many as the one family that makes notes needs.
    pub(crate) const NOTE_LEN: usize = 48;

    /// A place for one note, made with the first.
    pub(crate) struct Note(OnceBox<[AtomicU64; atomic_bytes::count(NOTE_LEN)]>);

    impl Note {
        /// Nothing noted: a check of zeros, which nothing has.
        #[inline]
        pub(crate) fn empty() -> Self {
            Self(OnceBox::new())
        }

        /// What is there now, believed or not.
        pub(crate) fn read(&self) -> [u8; NOTE_LEN] {
            let mut note = [0; NOTE_LEN];
            if let Some(place) = self.0.get() {
                atomic_bytes::load(place, &mut note);
            }
            note
        }

        /// Notes it; the caller has pinned the content that it is of.
        pub(crate) fn write(&self, note: &[u8; NOTE_LEN]) {
            let place = || Box::new(core::array::from_fn(|_| AtomicU64::new(0)));
            atomic_bytes::store(self.0.get_or_init(place), note);
        }

        /// Forgets it.
        #[inline]
        pub(crate) fn clear(&self) {
            if let Some(place) = self.0.get() {
                atomic_bytes::clear(place);
            }
        }
    }
}

#[cfg(not(feature = "sign"))]
mod imp {
    /// Nothing ever makes one.
    pub(crate) struct Note;

    impl Note {
        /// Nothing noted.
        pub(crate) fn empty() -> Self {
            Self
        }

        /// There is nothing to forget.
        #[inline]
        pub(crate) fn clear(&self) {}
    }
}

#[cfg(feature = "sign")]
pub(crate) use imp::NOTE_LEN;
pub(crate) use imp::Note;
