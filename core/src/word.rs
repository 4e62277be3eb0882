//! The bits of the state word and of the egress counters. No atomics here, only arithmetic.
//!
//! ```text
//! word   = [ pins so far : 39 | generation : 19 | LOCAL | BUSY | PIN_ONLY | POISONED | UNREADABLE | CLOSED ]
//! egress = [ unpins so far : 39 | .. | OVERRUN | FREE | EAGER | DRAIN ]
//! ```
//!
//! The counts sit in the high bits, so that an overflow falls off the top and never disturbs a
//! flag. The lowest bit of the generation is the place that holds the current content.
//!
//! The counts are right as long as fewer than 2^39 pins are live at once. A pin that finds the highest bit
//! of its count set, [`HALF`], sees to that: it is not ready yet, by the same test as one that finds the
//! content closed or unreadable. If no more than [`MOST`] pins are live, a quarter of the range, it takes
//! half of the range off both counts; if more are, it takes itself back and is refused. Until the bit is
//! set again, half of the range may be pinned, so fewer than three quarters ever are.
//!
//! | CLOSED | UNREADABLE | POISONED | meaning |
//! | --- | --- | --- | --- |
//! | 0 | 0 | 0 | readable: a pin may read at once |
//! | 0 | 1 | 0 | unreadable: a pin must have the region made readable first |
//! | 1 | any | 0 | closed for good; the count means nothing any more |
//! | 1 | any | 1 | closed because the region could not be made unreadable |
//! | 0 | any | 1 | illegal |
//!
//! BUSY goes with any of them. It is a lock bit, on the regions: whoever sets it is the one party that works
//! on them. Pins don't take it, nor does `close`; `state.rs` tells how they get by. LOCAL, too, goes with any of
//! them: once set it stays.

use crate::storage::AtRest;

/// One pin or one unpin, in the unit of the count. In models the count is so narrow that they come to
/// its end.
pub(crate) const ONE: u64 = if cfg!(strongroom_loom) { 1 << 60 } else { 1 << 25 };
/// Everything that is neither the count nor, in models, unused.
const LOW: u64 = (1 << 25) - 1;
/// Half of the count's range, and its highest bit.
pub(crate) const HALF: u64 = 1 << 63;
/// The most pins that may be live when half of the range is taken off, in units of [`ONE`].
const MOST: u64 = HALF / 2;

/// Closed, for good.
pub(crate) const CLOSED: u64 = 1;
/// The current content is not readable until its region has been made so.
pub(crate) const UNREADABLE: u64 = 1 << 1;
/// Closed because the content could not be made unreadable.
pub(crate) const POISONED: u64 = 1 << 2;
/// The current content may only be read under a pin, never optimistically.
pub(crate) const PIN_ONLY: u64 = 1 << 3;
/// A lock bit: one party makes the current content readable or unreadable, replaces it, or looks at its
/// region. Nobody else does meanwhile; pins come and go, and the secret may be closed.
pub(crate) const BUSY: u64 = 1 << 4;
/// There are local handles, or have been: whoever retires a content shuts them out before; see `hazards.rs`.
pub(crate) const LOCAL: u64 = 1 << 5;
/// One step of the generation; as its lowest bit, also the place.
const GENERATION: u64 = 1 << 6;

/// How a new content enters the state: its flags in the word and in its egress. All others belong to the
/// secret. They are found once, as each creation does it.
#[derive(Clone, Copy)]
pub(crate) struct Entrance {
    word: u64,
    egress: u64,
}

impl Entrance {
    /// That of a content that is reached as `at_rest` says.
    #[inline]
    pub(crate) const fn of(at_rest: AtRest) -> Self {
        let (word, egress) = match at_rest {
            AtRest::Readable => (0, 0),
            AtRest::PinOnly => (PIN_ONLY, 0),
            AtRest::Unreadable { eager: false } => (PIN_ONLY | UNREADABLE, 0),
            AtRest::Unreadable { eager: true } => (PIN_ONLY | UNREADABLE, EAGER),
            // UNREADABLE is never cleared, so that every access comes to enter the region; and every end of
            // one comes to the slow part of the unpin, which tells the host.
            AtRest::Entered => (PIN_ONLY | UNREADABLE, EAGER),
        };
        Self { word, egress }
    }

    /// Whether the content is unreadable until it is made readable.
    pub(crate) const fn is_unreadable(self) -> bool {
        self.word & UNREADABLE != 0
    }
}

/// Which of the two places holds a content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    First = 0,
    Second = 1,
}

impl Place {
    /// Both, for visits of each.
    pub(crate) const BOTH: [Self; 2] = [Self::First, Self::Second];

    /// The place where the next content goes.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// A value of the state word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) u64);

impl Word {
    /// The word of a new secret whose first content enters so.
    pub(crate) const fn first(entrance: Entrance) -> Self {
        Self(entrance.word)
    }

    /// The word after a replace by such a content: no pins yet, next generation, other place.
    pub(crate) const fn next(self, entrance: Entrance) -> Self {
        let flagless = self.0 & LOW & !(GENERATION - 1);
        let next = flagless.wrapping_add(GENERATION) & LOW;
        Self(next | (self.0 & LOCAL) | entrance.word)
    }

    /// Whether any of `flags` is set.
    pub(crate) const fn has(self, flags: u64) -> bool {
        self.0 & flags != 0
    }

    /// Whether the current content may be read without a pin.
    pub(crate) const fn allows_optimism(self) -> bool {
        !self.has(CLOSED | UNREADABLE | PIN_ONLY)
    }

    /// The place of the current content.
    pub(crate) const fn place(self) -> Place {
        if self.has(GENERATION) { Place::Second } else { Place::First }
    }

    /// Pins so far, in units of [`ONE`].
    pub(crate) const fn count(self) -> u64 {
        self.0 & !LOW
    }

    /// The word with one pin more if somebody is busy, who too has to leave before the content goes.
    pub(crate) const fn parties(self) -> Self {
        if self.has(BUSY) { self.pinned() } else { self }
    }

    /// Which content this is, modulo 2^19.
    pub(crate) const fn generation(self) -> u32 {
        ((self.0 & LOW) / GENERATION) as u32
    }

    /// The word with one pin more.
    pub(crate) const fn pinned(self) -> Self {
        Self(self.0.wrapping_add(ONE))
    }

    /// The word with one pin less.
    pub(crate) const fn unpinned(self) -> Self {
        Self(self.0.wrapping_sub(ONE))
    }

    /// The word with half of the count's range taken off, which [`HALF`] says is there.
    pub(crate) const fn halved(self) -> Self {
        Self(self.0 & !HALF)
    }

    /// The word with BUSY.
    pub(crate) const fn busy(self) -> Self {
        Self(self.0 | BUSY)
    }

    /// Whether `later` still names the same content in the same condition; only pins, and whether
    /// somebody is busy or has a local handle, may differ.
    pub(crate) const fn same_content(self, later: Self) -> bool {
        (self.0 ^ later.0) & LOW & !(BUSY | LOCAL) == 0
    }
}

/// Retired: whoever brings the count to zero releases the content.
const DRAIN: u64 = 1;
/// The last reader out makes the content unreadable.
const EAGER: u64 = 1 << 1;
/// No content here.
const FREE: u64 = 1 << 2;
/// With FREE: somebody had written past the content that was here.
const OVERRUN: u64 = 1 << 3;

/// A value of an egress counter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Egress(pub(crate) u64);

impl Egress {
    /// A place without content, or whose content has been released.
    pub(crate) const fn vacant(overrun: bool) -> Self {
        Self(if overrun { FREE | OVERRUN } else { FREE })
    }

    /// A place in which a content that enters so has just been put.
    pub(crate) const fn filled(entrance: Entrance) -> Self {
        Self(entrance.egress)
    }

    /// What to add so that the counter reaches "drained" when all `count` pins have left.
    pub(crate) const fn retirement(count: u64) -> u64 {
        DRAIN.wrapping_sub(count)
    }

    /// Whether an unpin has nothing to do but count. The one question that every access asks at its end.
    pub(crate) const fn is_plain(self) -> bool {
        self.0 & LOW == 0
    }

    /// Retired, and nobody reads any more.
    pub(crate) const fn is_drained(self) -> bool {
        self.0 & !EAGER == DRAIN
    }

    /// Retired, and not yet released.
    pub(crate) const fn is_retired(self) -> bool {
        self.0 & DRAIN != 0
    }

    /// Without content, and somebody had written past the last one.
    pub(crate) const fn was_overrun(self) -> bool {
        self.0 & OVERRUN != 0
    }

    /// Without content.
    pub(crate) const fn is_vacant(self) -> bool {
        self.0 & FREE != 0
    }

    /// The last reader out is to make it unreadable.
    pub(crate) const fn is_eager(self) -> bool {
        self.0 & EAGER != 0
    }

    /// Pins that have not ended, in units of [`ONE`], if `word` is of this content and it has not
    /// been retired.
    pub(crate) const fn live_pins(self, word: Word) -> u64 {
        word.count().wrapping_sub(self.0 & !LOW)
    }

    /// Whether more pins of `word` are live than there may be, under the same conditions.
    pub(crate) const fn is_crowded(self, word: Word) -> bool {
        self.live_pins(word) > MOST
    }

    /// The word of `word`'s content, unreadable, with no pin left.
    pub(crate) const fn unreadable(self, word: Word) -> Word {
        Word((self.0 & !LOW) | (word.0 & LOW) | UNREADABLE)
    }
}
