//! The atomic transitions of a secret. Only this file changes the state word and the counters.
//!
//! A split reference count: `word` counts who came in, `egress[slot]` who left. A pin is
//! attributed to a content by the same instruction that counts it, and retiring a content fixes
//! how many pins it has had, so exactly one party sees its egress reach "drained": that party,
//! and nobody else, releases the region. There is no undo, no claim and no second chance.

use crate::storage::Released;
use crate::sync::{AtomicU64, Held, Lock, Ordering};
use crate::word::{CLOSED, Egress, ONE, POISONED, SEALED, Slot, Word};

/// What may happen to one secret, and the order in which it does.
pub(crate) struct State {
    word: AtomicU64,
    egress: [AtomicU64; 2],
    lock: Lock<()>,
}

/// A content that must stay as it is until [`State::unpin`] is called, once.
#[must_use = "a pin that is not undone delays the wipe until the secret is dropped"]
#[derive(Clone, Copy)]
pub(crate) struct Pin {
    word: Word,
}

impl Pin {
    /// Where the pinned content is.
    #[inline]
    pub(crate) fn slot(self) -> Slot {
        self.word.slot()
    }

    /// Which content is pinned, modulo 2^20.
    #[inline]
    pub(crate) fn generation(self) -> u32 {
        self.word.generation()
    }

    /// Whether the content was sealed when it was pinned.
    #[inline]
    pub(crate) fn met_seal(self) -> bool {
        self.word.has(SEALED)
    }
}

/// What came of [`State::pin`].
pub(crate) enum Pinned {
    /// Pinned and readable.
    Ready(Pin),
    /// Pinned, but its region has to be opened before it is read.
    Sealed(Pin),
    /// Not pinned: the secret is closed.
    Closed,
    /// Not pinned: the secret is closed because sealing failed.
    Poisoned,
}

/// What an unpin leaves to be done by whoever did it.
#[must_use = "the content would be neither released nor sealed"]
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Unpinned {
    /// Nothing.
    Plain,
    /// Nothing here; but the content was not readable at rest.
    Inside,
    /// Release the content: it is retired and this was its last reader.
    Last(Slot),
    /// Try to seal: nobody seems to read any more and this content wants to be sealed at once.
    Idle,
}

/// What a retirement leaves to be done by whoever did it.
#[must_use = "the content would never be released"]
pub(crate) enum Retired {
    /// Release the content: nobody reads it.
    Drained(Slot),
    /// Nothing: the last reader will see that it is the last.
    Deferred,
}

/// What a pinned party finds when it has the lock and looks whether its content is still sealed.
pub(crate) enum Sealing {
    /// Still sealed: open the region, then call [`State::unseal`].
    Sealed,
    /// Somebody else has opened it.
    Open,
    /// The content has been replaced meanwhile: unpin and start over.
    Replaced,
    /// The secret has been closed meanwhile: unpin and give up.
    Closed,
}

/// Why a new content was not published.
pub(crate) enum Refused {
    /// The place for it still holds a content that somebody reads.
    Busy,
    /// The secret is closed.
    Closed,
}

impl State {
    /// The state of a new secret whose first content, in [`Slot::First`], has `flags`.
    pub(crate) fn new(flags: u64, eager: bool) -> Self {
        Self {
            word: AtomicU64::new(Word::first(flags).0),
            egress: [
                AtomicU64::new(Egress::filled(eager).0),
                AtomicU64::new(Egress::left(false).0),
            ],
            lock: Lock::new(()),
        }
    }

    /// The lock that orders replacing, sealing and opening among each other. Neither pins nor
    /// `close` take it.
    pub(crate) fn lock(&self) -> &Lock<()> {
        &self.lock
    }

    /// The state word now.
    #[inline]
    pub(crate) fn word(&self) -> Word {
        // ORDERING: Acquire pairs with the Release of `publish` and `unseal`, so that who reads
        // the content after this sees it as it was filled in.
        Word(self.word.load(Ordering::Acquire))
    }

    /// The state word after everything that has been read so far.
    #[inline]
    pub(crate) fn word_after_reads(&self) -> Word {
        // ORDERING: Acquire fence pairs with the Release fences of `View::set`, `words::store` and
        // `words::clear`: who has read what they wrote sees the retirement that came before.
        crate::sync::fence(Ordering::Acquire);
        // ORDERING: Relaxed, under the fence above.
        Word(self.word.load(Ordering::Relaxed))
    }

    /// Takes part in the current content, whichever it is, in one instruction.
    #[inline]
    pub(crate) fn pin(&self) -> Pinned {
        // ORDERING: Acquire pairs with the Release of `publish` and `unseal`: a pin that succeeds
        // sees the whole content. It needs no Release, for it publishes nothing.
        let word = Word(self.word.fetch_add(ONE, Ordering::Acquire));
        if word.has(CLOSED | SEALED) {
            return Self::pinned_slow(word);
        }
        Pinned::Ready(Pin { word })
    }

    #[cold]
    fn pinned_slow(word: Word) -> Pinned {
        // The count of a closed secret means nothing, so it isn't taken back.
        if word.has(POISONED) {
            Pinned::Poisoned
        } else if word.has(CLOSED) {
            Pinned::Closed
        } else {
            Pinned::Sealed(Pin { word })
        }
    }

    /// Ends a pin.
    #[inline]
    pub(crate) fn unpin(&self, pin: Pin) -> Unpinned {
        let egress = self.leave(pin);
        if egress.is_plain() { Unpinned::Plain } else { self.unpinned_slow(pin.slot(), egress) }
    }

    #[inline]
    fn leave(&self, pin: Pin) -> Egress {
        // ORDERING: AcqRel. Release: what this party read comes before the release of the region
        // and before a seal; pairs with the Acquire here, in `retire` and in `begin_seal`.
        // Acquire: if this is the last party, all others' reads come before its release.
        let before = self.egress[pin.slot() as usize].fetch_add(ONE, Ordering::AcqRel);
        Egress(before.wrapping_add(ONE))
    }

    #[cold]
    fn unpinned_slow(&self, slot: Slot, egress: Egress) -> Unpinned {
        if egress.is_drained() {
            return Unpinned::Last(slot);
        }
        // ORDERING: Relaxed; a hint only, `begin_seal` looks again under the lock. If a pin came
        // in since, its own unpin will ask again.
        let word = Word(self.word.load(Ordering::Relaxed));
        if !egress.is_retired() && egress.left_inside(word) == 0 {
            Unpinned::Idle
        } else {
            Unpinned::Inside
        }
    }

    /// Fixes how many pins the content of `old` has had.
    fn retire(&self, old: Word) -> Retired {
        let slot = old.slot();
        let delta = Egress::retirement(old.count());
        // ORDERING: AcqRel. Acquire: all reads of those who have left come before the release of
        // the region; pairs with `unpin`. Release: the last reader, who may release instead, sees
        // everything done to the region so far, and the closing of the word.
        let before = self.egress[slot as usize].fetch_add(delta, Ordering::AcqRel);
        if Egress(before.wrapping_add(delta)).is_drained() {
            Retired::Drained(slot)
        } else {
            Retired::Deferred
        }
    }

    /// Ends the secret; `None` if somebody did so before.
    pub(crate) fn close(&self) -> Option<Retired> {
        // ORDERING: AcqRel. Acquire pairs with the Release of `publish`: the closer may release the
        // content. Release: who sees CLOSED sees what the closer did before.
        let old = Word(self.word.fetch_or(CLOSED, Ordering::AcqRel));
        if old.has(CLOSED) { None } else { Some(self.retire(old)) }
    }

    /// Ends the secret because its content, pinned by the caller, could not be sealed. The
    /// caller's unpin, or that of a later reader, will be the last. Says whether this ended it.
    pub(crate) fn poison(&self) -> bool {
        let Some(retired) = self.close() else { return false };
        debug_assert!(matches!(retired, Retired::Deferred), "the caller has no pin");
        // ORDERING: Relaxed; it only changes the reason that later accesses are given.
        self.word.fetch_or(POISONED, Ordering::Relaxed);
        true
    }

    /// What the release of the current content found; `None` while anything of any is left.
    pub(crate) fn vacancy(&self) -> Option<Released> {
        // ORDERING: Acquire pairs with the Release of `vacate`: who sees both places vacant may
        // rely on the bytes being gone.
        let egress =
            Slot::BOTH.map(|slot| Egress(self.egress[slot as usize].load(Ordering::Acquire)));
        if !egress.iter().all(|egress| egress.is_vacant()) {
            return None;
        }
        let last = egress[self.word().slot() as usize];
        Some(if last.was_overrun() { Released::Overrun } else { Released::Intact })
    }

    /// Says that the region of `slot` has been taken out and released.
    pub(crate) fn vacate(&self, slot: Slot, released: Released) {
        let left = Egress::left(released == Released::Overrun);
        // ORDERING: Release pairs with the Acquire of `vacant_slot` and `vacancy`: who sees the
        // place vacant sees the region gone. Nobody else changes a drained counter.
        self.egress[slot as usize].store(left.0, Ordering::Release);
    }

    /// The place for the next content.
    pub(crate) fn vacant_slot(&self, _: &Held<'_, ()>) -> Result<Slot, Refused> {
        // ORDERING: Relaxed; only `publish` changes the slot, and it ran under the same lock.
        let word = Word(self.word.load(Ordering::Relaxed));
        if word.has(CLOSED) {
            return Err(Refused::Closed);
        }
        let slot = word.slot().other();
        // ORDERING: Acquire pairs with the Release of `vacate`.
        let egress = Egress(self.egress[slot as usize].load(Ordering::Acquire));
        if egress.is_vacant() { Ok(slot) } else { Err(Refused::Busy) }
    }

    /// Makes the content in `slot`, which [`vacant_slot`](Self::vacant_slot) named under the same
    /// lock, the current one, and retires the one before.
    ///
    /// When the secret is closed at this moment, the place stays the caller's to release.
    pub(crate) fn publish(
        &self,
        _: &Held<'_, ()>,
        slot: Slot,
        flags: u64,
        eager: bool,
    ) -> Result<Retired, Refused> {
        // ORDERING: Relaxed; nobody looks at this counter before the word names its slot, and the
        // exchange below publishes both.
        self.egress[slot as usize].store(Egress::filled(eager).0, Ordering::Relaxed);
        // ORDERING: Relaxed; the exchange below decides whether this was right.
        let mut old = Word(self.word.load(Ordering::Relaxed));
        loop {
            if old.has(CLOSED) {
                return Err(Refused::Closed);
            }
            let new = old.next(flags);
            debug_assert!(new.slot() == slot);
            // ORDERING: AcqRel. Release pairs with the Acquire of `pin`, `word` and `close`: who
            // sees the new word sees the new content. Acquire: its retirement may release the old
            // content here. Relaxed on failure: the value is only used to try again.
            match self.word.compare_exchange_weak(old.0, new.0, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return Ok(self.retire(old)),
                Err(now) => old = Word(now),
            }
        }
    }

    /// Under the lock: what has become of the seal that `pin` met.
    #[inline]
    pub(crate) fn sealing(&self, _: &Held<'_, ()>, pin: Pin) -> Sealing {
        // ORDERING: Acquire pairs with the Release of `unseal`, if somebody else opened it.
        let word = Word(self.word.load(Ordering::Acquire));
        if word.has(CLOSED) {
            Sealing::Closed
        } else if word.generation() != pin.generation() {
            Sealing::Replaced
        } else if word.has(SEALED) {
            Sealing::Sealed
        } else {
            Sealing::Open
        }
    }

    /// Says that the region of the current content is readable again. Under the lock, by a party
    /// that has pinned it.
    #[inline]
    pub(crate) fn unseal(&self, _: &Held<'_, ()>) {
        // ORDERING: Release pairs with the Acquire of `pin`: who no longer sees SEALED sees the
        // opened region.
        self.word.fetch_and(!SEALED, Ordering::Release);
    }

    /// Whether the end of `pin` is the time to seal: its content wants to be sealed at once, and
    /// nobody else seems to read it.
    #[inline]
    pub(crate) fn is_last_of_eager(&self, pin: Pin) -> bool {
        // ORDERING: Relaxed; a hint only, `begin_seal` looks again under the lock. If others are
        // leaving just now, the last of them finds the content idle in `unpin`.
        let egress = Egress(self.egress[pin.slot() as usize].load(Ordering::Relaxed));
        // ORDERING: Relaxed, as above.
        let word = Word(self.word.load(Ordering::Relaxed));
        egress.is_eager() && egress.left_inside(word) == ONE
    }

    /// Marks the current content as sealed if nobody reads it but `reader`, who has it pinned, if
    /// anybody. The sealer then seals the region and ends the pin that this returns, still under the
    /// lock: the reader's, or a new one. While it does so, whoever closes the secret finds one reader
    /// left and doesn't touch the region.
    #[inline]
    pub(crate) fn begin_seal(&self, _: &Held<'_, ()>, reader: Option<Pin>) -> Option<Pin> {
        // ORDERING: Acquire pairs with `publish` and `unseal`: the sealer will touch the region.
        let word = Word(self.word.load(Ordering::Acquire));
        let replaced = reader.is_some_and(|pin| pin.generation() != word.generation());
        if replaced || word.has(CLOSED | SEALED) {
            return None;
        }
        // ORDERING: Acquire pairs with the Release of `unpin`: reads come before the seal. Loaded
        // after the word: should the counts agree and the exchange succeed, nobody else is inside.
        let egress = Egress(self.egress[word.slot() as usize].load(Ordering::Acquire));
        let own = if reader.is_some() { ONE } else { 0 };
        if egress.left_inside(word) != own {
            return None;
        }
        let sealing = egress.sealing(word);
        // ORDERING: AcqRel. Acquire as above; Release: who sees SEALED and takes the lock opens a
        // region whose fillings and openings all came before. Relaxed on failure: nothing follows.
        self.word
            .compare_exchange(word.0, sealing.0, Ordering::AcqRel, Ordering::Relaxed)
            .ok()
            .map(|_| Pin { word })
    }

    /// Ends the pin of a sealer. The content is sealed, so all that this can be is the last pin of a
    /// secret that was closed meanwhile: its place is to be released then.
    #[must_use = "the content would never be released"]
    #[inline]
    pub(crate) fn end_seal(&self, _: &Held<'_, ()>, pin: Pin) -> Option<Slot> {
        self.leave(pin).is_drained().then(|| pin.slot())
    }

    /// Whether a content in `slot` was never released, for the drop of the whole secret.
    pub(crate) fn is_occupied(&mut self, slot: Slot) -> bool {
        !self.egress_alone(slot).is_vacant()
    }

    /// Whether a content in `slot` was retired and never released, for the same.
    pub(crate) fn is_retired(&mut self, slot: Slot) -> bool {
        self.egress_alone(slot).is_retired()
    }

    fn egress_alone(&mut self, slot: Slot) -> Egress {
        // ORDERING: Relaxed; `&mut self` means that all others are gone, and the reference count
        // ordered their accesses before this.
        Egress(self.egress[slot as usize].load(Ordering::Relaxed))
    }
}
