//! The atomic transitions of a secret. Only this file changes the state word and the counters.
//!
//! # Counting
//!
//! A split reference count: `word` counts who came in, `egress[place]` who has left the content in
//! that place. One addition to the word both counts a pin and says which content it is on, since the
//! word names the current place. To *retire* a content, which `replace` and `close` do, is to add
//! "drained minus the pins that there have been" to its egress: so the egress comes to "drained" when as
//! many have left as came in, and one party sees it do so. That party releases the region.
//!
//! # The states of the current content
//!
//! ```text
//!                          to_make_unreadable, then BUSY until `end`
//!             +----------+ ---------------------------------------> +------------+
//!   `new` --> | readable |                                          | unreadable | <-- `new`
//!             +----------+ <--------------------------------------- +------------+
//!                  |       to_make_readable, then BUSY until `end`        |
//!                  |                                                      |
//!                  +------------------------+-----------------------------+
//!                                           | `close`; `poison`, if it can't be made unreadable
//!                                           v
//!                                       +--------+
//!                                       | closed |
//!                                       +--------+
//! ```
//!
//! `publish` goes from any state that isn't closed to "readable" or "unreadable" of the next
//! generation. With `AtRest::Entered`, "unreadable" never ends: every access lets its own thread in.
//!
//! # The states of a place, and who may touch what
//!
//! ```text
//!   vacant --`publish`--> current --`retire`--> retired --last party leaves--> drained --`vacate`--> vacant
//! ```
//!
//! | the place is | its bytes are read by | its region is changed by | its location is set by | its egress is changed by |
//! | --- | --- | --- | --- | --- |
//! | vacant | nobody | the busy party, to fill it | the busy party | the busy party, in `publish` |
//! | current, readable | whoever has a pin | the busy party | nobody | whoever ends a pin, or retires it |
//! | current, unreadable | nobody | the busy party | the busy party | the same |
//! | retired | whoever has a pin from before | nobody | nobody | whoever ends a pin, and the busy party |
//! | drained | nobody | the party that drained it | nobody | that party, in `vacate` |
//!
//! Whoever copies without a pin may look at bytes and locations in any of them, and throws away what it
//! saw unless the word shows that the place was current and readable all the while.
//!
//! # The lock bit
//!
//! BUSY is a lock bit, and its holder is the *busy party*. [`State::begin`] takes it, in the exchange that
//! also changes the word as the work demands; [`State::end`] or [`State::publish`] gives it back. Two things
//! set it apart from a lock: pins don't take it, so that accesses to what is readable never wait; and
//! neither does `close`, which counts the holder as one more pin instead. The holder then finds CLOSED when
//! it gives the bit back, and leaves as a reader does.
//!
//! # A race in full: the last reader against `close`
//!
//! Two have come in, one has left, B still reads; C closes. The count in the word of a closed secret means
//! nothing any more, so C goes by the one that its exchange gave it: 2.
//!
//! ```text
//!   B, the reader                  C, the closer                       word          egress
//!                                                                      2 in          1 out
//!                                  close: exchange, it was 2 in        CLOSED
//!   unpin: fetch_add(ONE)                                                            2 out
//!     no DRAIN: nothing to do
//!                                  retire: fetch_add(DRAIN - 2)                      0 out, DRAIN
//!                                    drained: C releases
//! ```
//!
//! or, if C's second step comes before B's:
//!
//! ```text
//!                                  retire: fetch_add(DRAIN - 2)                      -1 out, DRAIN
//!                                    not drained: nothing to do
//!   unpin: fetch_add(ONE)                                                            0 out, DRAIN
//!     drained: B releases
//! ```
//!
//! Both add to one counter, so one of them is the second, and only the second finds "0 out, DRAIN". It
//! sees all that the first did to the region, as both additions are AcqRel. There is no third order, no
//! undo, and no way to release twice. Whoever pins after C's first step finds CLOSED, and touches nothing.
//! Had somebody been busy, C would have gone by 3: then it is B's `unpin`, C's `retire` or the busy party's
//! `end`, whichever comes last, that releases.
//!
//! # Local handles
//!
//! A local handle reads without a pin, by a hazard cell of its own; `hazards.rs` tells how. The word only says,
//! by LOCAL, that there are some, and then `close` and `publish` change nothing before they have been shut
//! out. Those that read at that moment are counted when the content is retired, like pins, and unpin it.

use crate::storage::Released;
use crate::sync::{AtomicU64, Ordering, WaitPoint};
use crate::word::{
    BUSY, CLOSED, Egress, Entrance, HALF, LOCAL, ONE, POISONED, Place, UNREADABLE, Word,
};

/// What may happen to one secret, and the order in which it does.
pub(crate) struct State {
    word: AtomicU64,
    egress: [AtomicU64; 2],
    wait_point: WaitPoint,
}

/// A content that must stay as it is until [`State::unpin`] is called, once.
#[must_use = "a pin that is not undone delays the wipe until the secret is dropped"]
#[derive(Clone, Copy)]
pub(crate) struct Pin {
    word: Word,
}

impl Pin {
    /// The pin of whoever has changed `word` to [`Word::pinned`].
    pub(crate) fn of(word: Word) -> Self {
        Self { word }
    }

    /// Where the pinned content is.
    #[inline]
    pub(crate) fn place(self) -> Place {
        self.word.place()
    }

    /// Which content is pinned, modulo 2^19.
    #[inline]
    pub(crate) fn generation(self) -> u32 {
        self.word.generation()
    }

    /// The state word with this pin, when it was pinned.
    #[inline]
    pub(crate) fn word(self) -> Word {
        self.word.pinned()
    }

    /// Whether the pinned content is the current one of `word`, which isn't closed.
    #[inline]
    pub(crate) fn is_current(self, word: Word) -> bool {
        !word.has(CLOSED) && word.generation() == self.generation()
    }

    /// Whether the content was unreadable when it was pinned.
    #[inline]
    pub(crate) fn met_unreadable(self) -> bool {
        self.word.has(UNREADABLE)
    }

    /// Whether the count of pins had come to half of its range.
    pub(crate) fn met_half(self) -> bool {
        self.word.has(HALF)
    }
}

/// What came of [`State::pin`].
pub(crate) enum Pinned {
    /// Pinned and readable.
    Ready(Pin),
    /// Pinned, but before it is read its region has to be made readable, or half of the range has to be
    /// taken off the counts, or both.
    Unready(Pin),
    /// Not pinned: the secret is closed.
    Closed,
    /// Not pinned: the secret is closed because its content could not be made unreadable.
    Poisoned,
}

/// What an unpin leaves to be done by whoever did it.
#[must_use = "the content would be neither released nor made unreadable"]
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Unpinned {
    /// Nothing.
    Plain,
    /// Nothing: the content is not readable at rest, or retired, but others are still inside.
    OthersInside,
    /// Release the content: it is retired and this was its last reader.
    Last(Place),
    /// Try to make it unreadable: nobody seems to read any more, and this content is to be unreadable at
    /// once.
    Idle,
}

/// What came of [`State::begin`].
#[must_use = "whoever is busy has to say when it is done"]
pub(crate) enum Begun<B> {
    /// The caller is the busy party; with the word from before, or with what stands for it.
    Busy(B),
    /// Nothing has changed: for this word, which there is now, there was nothing to do.
    NothingToDo(Word),
}

/// Whether local handles may be reading the current content without a pin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalReads {
    /// They may, if there are any.
    Possible,
    /// They can't begin to, and those that have begun will be counted.
    ShutOut,
}

/// What came of [`State::close`] or [`State::publish`].
#[must_use = "a content that is no longer current has to be retired"]
pub(crate) enum Removal {
    /// The content is no longer current.
    Done(Former),
    /// Nothing has changed: the secret was closed before.
    Closed,
    /// Nothing has changed: there are local handles, which have to be shut out before.
    LocalReads,
}

/// A content that is no longer current, and has still to be retired: its word, with a pin for each party to it.
#[must_use = "the content would never be released"]
pub(crate) struct Former(Word);

impl Former {
    /// The pin of a party that has none yet, and that [`joined_by`](Self::joined_by) counts.
    pub(crate) fn joining(&self) -> Pin {
        Pin { word: self.0 }
    }

    /// The same, with so many parties more, each of which has to unpin it.
    pub(crate) fn joined_by(self, readers: u64) -> Self {
        Self(Word(self.0.0.wrapping_add(readers.wrapping_mul(ONE))))
    }
}

/// What a retirement leaves to be done by whoever did it.
#[must_use = "the content would never be released"]
pub(crate) enum Retired {
    /// Release the content: nobody reads it.
    Drained(Place),
    /// Nothing: the last reader will see that it is the last.
    Deferred,
}

impl State {
    /// The state of a new secret whose first content, in [`Place::First`], enters so.
    pub(crate) fn new(entrance: Entrance) -> Self {
        Self {
            word: AtomicU64::new(Word::first(entrance).0),
            egress: [
                AtomicU64::new(Egress::filled(entrance).0),
                AtomicU64::new(Egress::vacant(false).0),
            ],
            wait_point: WaitPoint::default(),
        }
    }

    /// The state word now.
    #[inline]
    pub(crate) fn word(&self) -> Word {
        // ORDERING: Acquire pairs with the Release of `publish` and `end`, so that who reads the
        // content after this sees it as it was filled in.
        Word(self.word.load(Ordering::Acquire))
    }

    /// The state word after everything that has been read so far.
    #[inline]
    pub(crate) fn word_after_reads(&self) -> Word {
        // ORDERING: Acquire fence pairs with the Release fences of `Location::set`, `atomic_bytes::store` and
        // `atomic_bytes::clear`: who has read what they wrote sees the retirement that came before.
        crate::sync::fence(Ordering::Acquire);
        // ORDERING: Relaxed, under the fence above.
        Word(self.word.load(Ordering::Relaxed))
    }

    /// Takes part in the current content, whichever it is, in one instruction.
    #[inline]
    pub(crate) fn pin(&self) -> Pinned {
        // ORDERING: Acquire pairs with the Release of `publish` and `end`: a pin that succeeds sees
        // the whole content. It needs no Release, for it publishes nothing.
        let word = Word(self.word.fetch_add(ONE, Ordering::Acquire));
        if word.has(CLOSED | UNREADABLE | HALF) {
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
            Pinned::Unready(Pin { word })
        }
    }

    /// Ends a pin.
    #[inline]
    pub(crate) fn unpin(&self, pin: Pin) -> Unpinned {
        let egress = self.leave(pin.place());
        if egress.is_plain() { Unpinned::Plain } else { self.unpinned_slow(pin.place(), egress) }
    }

    #[inline]
    fn leave(&self, place: Place) -> Egress {
        // ORDERING: AcqRel. Release: what this party did with the region comes before its release and
        // before it is made unreadable; pairs with the Acquire here, in `retire` and in
        // `to_make_unreadable_but_for`. Acquire: if this is the last party, what all others did comes
        // before its release.
        let before = self.egress[place as usize].fetch_add(ONE, Ordering::AcqRel);
        Egress(before.wrapping_add(ONE))
    }

    #[cold]
    fn unpinned_slow(&self, place: Place, egress: Egress) -> Unpinned {
        if egress.is_drained() {
            return Unpinned::Last(place);
        }
        // ORDERING: Relaxed; a hint only, `to_make_unreadable_but_for` looks again. If a pin came in
        // since, its own unpin will ask again.
        let word = Word(self.word.load(Ordering::Relaxed));
        if !egress.is_retired() && egress.live_pins(word) == 0 {
            Unpinned::Idle
        } else {
            Unpinned::OthersInside
        }
    }

    /// Fixes how many parties there have been to a content that is no longer current.
    pub(crate) fn retire(&self, former: Former) -> Retired {
        let (place, delta) = (former.0.place(), Egress::retirement(former.0.count()));
        // ORDERING: AcqRel. Acquire: all reads of those who have left come before the release of
        // the region; pairs with `leave`. Release: the last reader, who may release instead, sees
        // everything done to the region so far, and the closing of the word.
        let before = self.egress[place as usize].fetch_add(delta, Ordering::AcqRel);
        if Egress(before.wrapping_add(delta)).is_drained() {
            Retired::Drained(place)
        } else {
            Retired::Deferred
        }
    }

    /// Says, from now on, that there are local handles.
    pub(crate) fn has_local_handles(&self) {
        if !self.word().has(LOCAL) {
            // ORDERING: Release pairs with the Acquire of `close` and `publish`, and of `word` for other local
            // handles: who finds LOCAL finds the secret's hazards.
            self.word.fetch_or(LOCAL, Ordering::Release);
        }
    }

    /// Ends the secret.
    pub(crate) fn close(&self, local_reads: LocalReads) -> Removal {
        let mut old = self.word();
        loop {
            if old.has(CLOSED | LOCAL) {
                if old.has(CLOSED) {
                    return Removal::Closed;
                }
                if local_reads == LocalReads::Possible {
                    return Removal::LocalReads;
                }
            }
            // ORDERING: AcqRel. Acquire pairs with the Release of `publish` and `end`: the closer may release
            // the content. Release: who sees CLOSED sees what the closer did before; local handles were shut
            // out, if there are any. On failure, as in `word`.
            match self.word.compare_exchange_weak(
                old.0,
                old.0 | CLOSED,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return Removal::Done(Former(old.parties())),
                Err(now) => old = Word(now),
            }
        }
    }

    /// Ends the secret because the caller, who is busy with that, could not make its content
    /// unreadable. The caller's `end`, or the unpin of a later reader, will be the last. Says whether
    /// this ended it.
    pub(crate) fn poison(&self) -> bool {
        // Local handles have pins on contents that rest unreadable.
        let Removal::Done(former) = self.close(LocalReads::ShutOut) else { return false };
        let retired = self.retire(former);
        debug_assert!(matches!(retired, Retired::Deferred), "the caller is not busy");
        // ORDERING: Relaxed; it only changes the reason that later accesses are given.
        self.word.fetch_or(POISONED, Ordering::Relaxed);
        true
    }

    /// What the release of the last content found; `None` while anything of any content is left.
    pub(crate) fn vacancy(&self) -> Option<Released> {
        // ORDERING: Acquire pairs with the Release of `vacate`: who sees both places vacant may
        // rely on the bytes being gone.
        let egress =
            Place::BOTH.map(|place| Egress(self.egress[place as usize].load(Ordering::Acquire)));
        if !egress.iter().all(|egress| egress.is_vacant()) {
            return None;
        }
        let last = egress[self.word().place() as usize];
        Some(if last.was_overrun() { Released::Overrun } else { Released::Intact })
    }

    /// Says that the region of `place` has been taken out and released.
    pub(crate) fn vacate(&self, place: Place, released: Released) {
        let vacant = Egress::vacant(released == Released::Overrun);
        // ORDERING: Release pairs with the Acquire of `is_vacant` and `vacancy`: who sees the
        // place vacant sees the region gone. Nobody else changes a drained counter.
        self.egress[place as usize].store(vacant.0, Ordering::Release);
    }

    /// Makes the caller the busy party: takes the lock bit, and in the same exchange changes the word as
    /// `transition` says.
    ///
    /// `transition`, one of the `to_..` below, gives the word to come for the one that there is, or
    /// nothing if nothing is to be done. It is asked again for each new word that is met on the way. `word`
    /// is the word that the caller has read, which saves this reading it.
    ///
    /// # Errors
    ///
    /// The one of `relax`, which is called between two attempts while another party is busy.
    #[inline]
    pub(crate) fn begin<E>(
        &self,
        word: Word,
        transition: impl Fn(Word) -> Option<Word>,
        relax: impl FnMut(u32) -> Result<(), E>,
    ) -> Result<Begun<Word>, E> {
        let Some(next) = transition(word) else { return Ok(Begun::NothingToDo(word)) };
        if word.has(BUSY) {
            return self.begin_later(word, transition, relax);
        }
        match self.make_busy(word, next) {
            Ok(()) => Ok(Begun::Busy(word)),
            Err(now) => self.begin_later(now, transition, relax),
        }
    }

    /// [`begin`](Self::begin) for whoever has met another busy party, or a word that has changed.
    #[cold]
    fn begin_later<E>(
        &self,
        mut word: Word,
        transition: impl Fn(Word) -> Option<Word>,
        mut relax: impl FnMut(u32) -> Result<(), E>,
    ) -> Result<Begun<Word>, E> {
        let mut attempt = 0;
        loop {
            let Some(next) = transition(word) else { return Ok(Begun::NothingToDo(word)) };
            if word.has(BUSY) {
                word = Word(self.wait_point.wait(&self.word, BUSY, || relax(attempt))?);
                attempt = attempt.saturating_add(1);
                continue;
            }
            match self.make_busy(word, next) {
                Ok(()) => return Ok(Begun::Busy(word)),
                Err(now) => word = now,
            }
        }
    }

    /// Takes the lock bit, unless the word is no longer `word`: then gives what it is.
    #[inline]
    fn make_busy(&self, word: Word, next: Word) -> Result<(), Word> {
        let busy = next.busy().0;
        // ORDERING: Acquire pairs with the Release of `end` and `publish`: the caller finds the
        // regions, and both places, as the last busy party left them; on failure, as in `word`. It
        // needs no Release: `end` publishes what is done.
        let made = self.word.compare_exchange(word.0, busy, Ordering::Acquire, Ordering::Acquire);
        made.map(|_| ()).map_err(Word)
    }

    /// Gives the lock bit back, which the caller holds; `made_readable` if the content, which was
    /// unreadable, is readable now. If the secret was closed meanwhile and nobody reads it any more, the
    /// caller has to release the content in the place that this gives.
    #[must_use = "the content would never be released"]
    #[inline]
    pub(crate) fn end(&self, made_readable: bool) -> Option<Place> {
        let done = if made_readable { BUSY | UNREADABLE } else { BUSY };
        // ORDERING: Release pairs with the Acquire of `begin`, and of `pin` for who no longer sees
        // UNREADABLE. What a closer did is of no interest before `leave`. It is a subtraction, as
        // processors have one that gives the old value, which they haven't for clearing bits; the
        // flags taken off are all set.
        let old = Word(self.word.fetch_sub(done, Ordering::Release));
        self.wait_point.wake_all();
        if old.has(CLOSED) { self.end_closed(old.place()) } else { None }
    }

    #[cold]
    fn end_closed(&self, place: Place) -> Option<Place> {
        // The closer has counted the busy party as one more pin.
        self.leave(place).is_drained().then_some(place)
    }

    /// Whether nothing is in `place`. Only the busy party may rely on the answer, or whoever closed the
    /// secret and found nobody busy.
    pub(crate) fn is_vacant(&self, place: Place) -> bool {
        // ORDERING: Acquire pairs with the Release of `vacate`: the region that was here is gone.
        Egress(self.egress[place as usize].load(Ordering::Acquire)).is_vacant()
    }

    /// Makes the content that the busy party, the caller, has put into the other place since the word
    /// was `begun`, and that enters so, the current one, and gives the lock bit back.
    ///
    /// If nothing has changed, as when the secret is closed at this moment, the other place stays the
    /// caller's to release, and the caller has still to `end`.
    pub(crate) fn publish(
        &self,
        begun: Word,
        entrance: Entrance,
        local_reads: LocalReads,
    ) -> Removal {
        let mut old = begun.busy();
        // ORDERING: Relaxed; nobody looks at this counter before the word names its place, and the
        // exchange below publishes both.
        let other = &self.egress[old.place().other() as usize];
        other.store(Egress::filled(entrance).0, Ordering::Relaxed);
        loop {
            if old.has(CLOSED | LOCAL) {
                if old.has(CLOSED) {
                    return Removal::Closed;
                }
                if local_reads == LocalReads::Possible {
                    return Removal::LocalReads;
                }
            }
            let new = old.next(entrance);
            // ORDERING: AcqRel. Release pairs with the Acquire of `pin`, `word`, `begin` and
            // `close`: who sees the new word sees the new content, and local handles shut out from the old
            // one. Acquire: its retirement may release the old content. Acquire on failure pairs with the
            // Release of `has_local_handles`.
            match self.word.compare_exchange_weak(old.0, new.0, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => {
                    self.wait_point.wake_all();
                    return Removal::Done(Former(old));
                }
                Err(now) => old = Word(now),
            }
        }
    }

    /// To keep the current content as it is, and to look at its region or to replace it.
    pub(crate) fn to_hold(word: Word) -> Option<Word> {
        (!word.has(CLOSED)).then_some(word)
    }

    /// To pin the current content and make it readable, if it is unreadable.
    #[inline]
    pub(crate) fn to_pin_and_make_readable(word: Word) -> Option<Word> {
        (word.has(UNREADABLE) && !word.has(CLOSED | HALF)).then(|| word.pinned())
    }

    /// To make the content of `pin` readable, if it is still current and unreadable.
    #[inline]
    pub(crate) fn to_make_readable(pin: Pin, word: Word) -> Option<Word> {
        (pin.is_current(word) && word.has(UNREADABLE)).then_some(word)
    }

    /// To make the current content unreadable, if nobody reads it.
    #[inline]
    pub(crate) fn to_make_unreadable(&self, word: Word) -> Option<Word> {
        self.to_make_unreadable_but_for(word, 0, |_| true)
    }

    /// To end `pin` and make its content unreadable, if that is to be so at once and nobody else reads it.
    #[inline]
    pub(crate) fn to_make_unreadable_at_end_of(&self, pin: Pin, word: Word) -> Option<Word> {
        if !pin.is_current(word) {
            return None;
        }
        self.to_make_unreadable_but_for(word, ONE, Egress::is_eager)
    }

    #[inline]
    fn to_make_unreadable_but_for(
        &self,
        word: Word,
        live: u64,
        is_due: impl Fn(Egress) -> bool,
    ) -> Option<Word> {
        if word.has(CLOSED | UNREADABLE) {
            return None;
        }
        // ORDERING: Acquire pairs with the Release of `leave`: reads come before the bytes are made
        // unreadable. Loaded after the word: should the counts agree and the exchange of `make_busy`
        // succeed, nobody has pinned the content since, and nobody else is inside.
        let egress = Egress(self.egress[word.place() as usize].load(Ordering::Acquire));
        (egress.live_pins(word) == live && is_due(egress)).then(|| egress.unreadable(word))
    }

    /// Whether the count of the content of `pin`, if `word` is of it, has come to half of its range.
    pub(crate) fn is_half_counted(&self, pin: Pin, word: Word) -> bool {
        pin.is_current(word) && word.has(HALF)
    }

    /// To take that half off both counts, if fewer pins are live than there may be. `pin`, the caller's,
    /// keeps the content while this is done.
    pub(crate) fn to_halve(&self, pin: Pin, word: Word) -> Option<Word> {
        (self.is_half_counted(pin, word) && !self.is_crowded(word)).then(|| word.halved())
    }

    /// To take `pin` back, if there are too many others.
    pub(crate) fn to_refuse(&self, pin: Pin, word: Word) -> Option<Word> {
        (self.is_half_counted(pin, word) && self.is_crowded(word)).then(|| word.unpinned())
    }

    /// Whether the content of `word`, the current one, has more live pins than there may be. The answer
    /// means nothing while somebody is busy, who may be between taking half of the range off the word and
    /// off the egress.
    fn is_crowded(&self, word: Word) -> bool {
        // ORDERING: Acquire pairs with the Release of `leave`, as few pins as possible are counted that have
        // ended. Some may be: the limit is far from what the counter can't tell.
        let egress = self.egress[word.place() as usize].load(Ordering::Acquire);
        Egress(egress).is_crowded(word)
    }

    /// Takes half of its range off the egress, as the busy party, the caller, has just taken it off the
    /// word. In between the two differ by half of the range too much, so nobody finds the content drained
    /// or idle; nor is it, as the caller has pinned it.
    pub(crate) fn halve(&self, place: Place) {
        // ORDERING: Relaxed; an addition is part of the release sequence of each `leave` before it, so who
        // acquires this value acquires theirs. The caller's own `leave` comes later.
        self.egress[place as usize].fetch_add(HALF, Ordering::Relaxed);
    }

    /// Whether a content is in `place`, for the drop of the whole secret.
    pub(crate) fn is_occupied(&mut self, place: Place) -> bool {
        !self.egress_alone(place).is_vacant()
    }

    /// Whether that content is retired, as somebody forgot a guard on it, for the same.
    pub(crate) fn is_retired(&mut self, place: Place) -> bool {
        self.egress_alone(place).is_retired()
    }

    fn egress_alone(&mut self, place: Place) -> Egress {
        // ORDERING: Relaxed; `&mut self` means that all others are gone, and the reference count
        // ordered their accesses before this.
        Egress(self.egress[place as usize].load(Ordering::Relaxed))
    }
}
