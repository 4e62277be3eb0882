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
//! Few secrets ever have one: it is in their `Extra`.

#[cfg(feature = "sign")]
mod imp {
    use crate::atomic_bytes;
    use crate::sync::AtomicU64;

    /// Bytes of a note: as many as the one family that makes notes needs.
    pub(crate) const NOTE_LEN: usize = 48;

    /// A place for one note.
    pub(crate) struct Note([AtomicU64; atomic_bytes::count(NOTE_LEN)]);

    impl Note {
        /// Nothing noted: a check of zeros, which nothing has.
        pub(crate) fn empty() -> Self {
            Self(core::array::from_fn(|_| AtomicU64::new(0)))
        }

        /// What is there now, believed or not.
        pub(crate) fn read(&self) -> [u8; NOTE_LEN] {
            let mut note = [0; NOTE_LEN];
            atomic_bytes::load(&self.0, &mut note);
            note
        }

        /// Notes it; the caller has pinned the content that it is of.
        pub(crate) fn write(&self, note: &[u8; NOTE_LEN]) {
            atomic_bytes::store(&self.0, note);
        }

        /// Forgets it.
        pub(crate) fn clear(&self) {
            atomic_bytes::clear(&self.0);
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
