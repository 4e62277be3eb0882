//! Hazard cells: how a local handle keeps a content without a pin, and how whoever retires that learns of it.
//!
//! Each local handle has a *cell*, which only its own thread writes: while that reads, the cell says through which
//! *gate* it came. The gate of a secret is a number that changes with every content. Both are on lines of their
//! own. So an access of a local handle writes no line that another thread uses, but for whoever retires a
//! content, and has no read-modify-write.
//!
//! ```text
//!   the reader                               whoever retires the content, G being its gate
//!
//!   enter:  cell = G                         shut_out:  gate = G + 1
//!           light barrier                               the state word names another content, or CLOSED
//!           gate is G? then read                        the host's barrier
//!   leave:  cell = NONE                      count:     which cells are G?
//!           light barrier
//!           gate is G? then that was all
//! ```
//!
//! The reader stores and then loads, the other stores and then loads what the first has stored. On no
//! processor does a load wait for a store before it, unless a fence stands between; so both might see nothing of
//! each other. Instead of a fence for each access there is one barrier for each retirement, which makes *all*
//! threads of the process run a fence, wherever they are (`membarrier` on Linux; "Asymmetric Fences" in C++'s
//! P1202). That fence comes before a reader's store, and then its load finds the new gate; or after the store, and
//! then whoever retires finds the cell as it was stored. Or both: so that nobody is counted who doesn't know of it,
//! counting is done under a lock, and written down there. A reader that finds another gate than its own takes
//! the lock and looks whether it has been counted; if so it has a pin, to be ended like any other.
//!
//! # A race in full: a reader against `close`
//!
//! ```text
//!   B, the reader                      C, the closer                          gate   B's cell   B is
//!                                                                             7      -          through 7
//!   enter: cell = 7                                                                  7
//!     gate is 7: reads
//!                                      shut_out: gate = 8; CLOSED             8
//!                                        barrier
//!                                      count: the cell is 7                                     counted
//!                                      retire: one party more than pins
//!   leave: cell = NONE                                                               -
//!     gate isn't 7: looks, is counted                                                           through none
//!     unpins: drained, B releases
//! ```
//!
//! Had B left before C looked, C would have found NONE, counted nobody, and released the content itself. B, which
//! finds the gate changed, would find under the lock that it isn't counted. Had B come between the new gate and
//! C's look, it would have been counted without reading; it finds the gate changed in `enter`, looks, and unpins.
//!
//! # Why the gate is not the state word
//!
//! Pins change the word with every access, so that a handle would wait for the line of the word, as they do. The
//! gate changes before the word does: whoever has seen the new word can't see the old content by a local handle
//! after that. Both changes are made under the lock, under which handles also look what is current now: so a
//! handle has the gate and the location of one content.
//!
//! Gates are never used again: 2^64 replaces take longer than any process lives.

use alloc::vec::Vec;
use core::cell::Cell;
use core::convert::Infallible;
use core::panic::RefUnwindSafe;
use core::ptr;

use crate::state::Pin;
use crate::sync::{Arc, AtomicU64, Held, Lock, Ordering, arc, light_barrier};

/// A number on a cache line of its own.
#[repr(align(64))]
struct Line(AtomicU64);

const _: () = assert!(align_of::<Line>() == crate::own_line::CACHE_LINE, "a line is a cache line");

/// In a cell: its handle reads nothing. No gate has this number.
const NONE: u64 = 0;

/// The local handles of a secret.
pub(crate) struct Hazards {
    /// Changed under the lock only.
    gate: Arc<Line>,
    entries: Lock<Vec<Entry>>,
}

/// A local handle, as others see it.
struct Entry {
    cell: Arc<Line>,
    /// The gate that it was let through last.
    through: u64,
    /// What it has been counted for, and has to unpin when it finds that it has been shut out.
    counted: Option<Pin>,
}

/// A content from which local handles have been shut out.
pub(crate) struct ShutOut {
    gate: u64,
    /// Whether there were any.
    pub(crate) any: bool,
}

impl Hazards {
    /// Of a secret without one as yet.
    pub(crate) fn new() -> Self {
        let gate = arc(Line(AtomicU64::new(NONE + 1)));
        Self { gate, entries: Lock::new(Vec::new()) }
    }

    /// A new local handle, shut out as yet.
    pub(crate) fn enrol(&self, wait: impl FnMut(u32)) -> Hazard {
        let cell = arc(Line(AtomicU64::new(NONE)));
        self.lock(wait).push(Entry { cell: Arc::clone(&cell), through: NONE, counted: None });
        let gate = Arc::clone(&self.gate);
        Hazard { cell, gate, through: Cell::new(NONE), location: Cell::new((ptr::null(), 0)) }
    }

    /// Lets no handle begin to read the current content any more, and then calls `change`, which makes another
    /// the current one, or none.
    pub(crate) fn shut_out<T>(
        &self,
        wait: impl FnMut(u32),
        change: impl FnOnce() -> T,
    ) -> (ShutOut, T) {
        let entries = self.lock(wait);
        // ORDERING: Relaxed, under the lock, for the load; for the store: the exchange of `change`, a Release,
        // publishes it to whoever sees what that changes, and the host's barrier to whoever has a cell.
        let gate = self.gate.0.load(Ordering::Relaxed);
        self.gate.0.store(gate.wrapping_add(1), Ordering::Relaxed);
        let changed = change();
        (ShutOut { gate, any: !entries.is_empty() }, changed)
    }

    /// Counts the handles that still read the content that they have been `shut_out` from, since when the host's
    /// barrier has run; unless that is `certain`, all that may read it. Each is given `pin`, to unpin it.
    pub(crate) fn count(
        &self,
        wait: impl FnMut(u32),
        shut_out: &ShutOut,
        pin: Pin,
        certain: bool,
    ) -> u64 {
        let mut readers = 0;
        for entry in self.lock(wait).iter_mut().filter(|entry| entry.through == shut_out.gate) {
            // ORDERING: Acquire pairs with the Release of `leave`: if the gate isn't in the cell any more, what was
            // read comes before the release of the content.
            let inside = entry.cell.0.load(Ordering::Acquire) == shut_out.gate;
            if inside || !certain {
                entry.counted = Some(pin);
                readers += 1;
            }
        }
        readers
    }

    /// Lets `hazard` through the gate to what is current now, of which `location` says where it is, if there is
    /// something; and gives the pin that it has to end, if it has been counted.
    pub(crate) fn let_through(
        &self,
        wait: impl FnMut(u32),
        hazard: &Hazard,
        location: impl FnOnce() -> Option<(*const AtomicU64, usize)>,
    ) -> Option<Pin> {
        let mut entries = self.lock(wait);
        // ORDERING: Relaxed, under the lock.
        let gate = self.gate.0.load(Ordering::Relaxed);
        let through = match location() {
            Some(location) => {
                hazard.location.set(location);
                gate
            }
            None => NONE,
        };
        hazard.through.set(through);
        let entry = entries.iter_mut().find(|entry| hazard.is_of(entry))?;
        entry.through = through;
        entry.counted.take()
    }

    /// Ends a handle, and gives the pin that it has to end, if it has been counted.
    pub(crate) fn strike(&self, wait: impl FnMut(u32), hazard: &Hazard) -> Option<Pin> {
        let mut entries = self.lock(wait);
        let index = entries.iter().position(|entry| hazard.is_of(entry))?;
        entries.swap_remove(index).counted
    }

    fn lock(&self, mut wait: impl FnMut(u32)) -> Held<'_, Vec<Entry>> {
        let Ok(held) = self.entries.lock(|attempt| {
            wait(attempt);
            Ok::<(), Infallible>(())
        });
        held
    }
}

/// A local handle, as its thread sees it.
pub(crate) struct Hazard {
    cell: Arc<Line>,
    gate: Arc<Line>,
    /// The gate through which it reads; NONE if it is shut out in any case.
    through: Cell<u64>,
    /// Where what it reads is.
    location: Cell<(*const AtomicU64, usize)>,
}

/// A panic inside an access ends that access, and nothing here is left half done.
impl RefUnwindSafe for Hazard {}

impl Hazard {
    /// Whether the handle reads.
    #[inline]
    pub(crate) fn is_inside(&self) -> bool {
        // ORDERING: Relaxed; only this thread stores to it.
        self.cell.0.load(Ordering::Relaxed) != NONE
    }

    /// Begins to read: gives start and length of what may be read until [`leave`](Self::leave), unless the handle
    /// reads already or is shut out.
    #[inline]
    pub(crate) fn enter(&self) -> Option<(*const AtomicU64, usize)> {
        if self.is_inside() {
            return None;
        }
        // ORDERING: Relaxed, before the barrier, whose other side is the host's: if the load below finds the gate
        // as it was, `count` finds this. What is read was published to this thread in `let_through`.
        self.cell.0.store(self.through.get(), Ordering::Relaxed);
        light_barrier();
        if self.is_shut_out() {
            // ORDERING: Relaxed; nothing was read.
            self.cell.0.store(NONE, Ordering::Relaxed);
            return None;
        }
        Some(self.location.get())
    }

    /// Ends what [`enter`](Self::enter) began. Says whether that was all; if not, the handle has to be
    /// [let through](Hazards::let_through) again.
    #[inline]
    #[must_use = "the content would never be released"]
    pub(crate) fn leave(&self) -> bool {
        // ORDERING: Release pairs with the Acquire of `count`: what was read comes before the release of the
        // content. Before the barrier, whose other side is the host's: if the load below finds the gate as it was,
        // `count` doesn't find the handle inside any more.
        self.cell.0.store(NONE, Ordering::Release);
        light_barrier();
        !self.is_shut_out()
    }

    #[inline]
    fn is_shut_out(&self) -> bool {
        // ORDERING: Relaxed, after the barrier; its partner is the store of `shut_out`. Whoever finds it changed
        // takes the lock.
        self.gate.0.load(Ordering::Relaxed) != self.through.get()
    }

    fn is_of(&self, entry: &Entry) -> bool {
        Arc::ptr_eq(&self.cell, &entry.cell)
    }
}
