//! Magazines: what is taken and given back all the time is kept in several places, so that two threads share
//! neither a lock nor a cache line. They belong to no thread in particular: one that ends leaves nothing behind,
//! and whoever needs what is in them can have all of it.
//!
//! The idea is that of J. Bonwick and J. Adams, "Magazines and Vmem" (USENIX 2001); theirs are for each processor.

use std::convert::Infallible;
use std::{hint, mem, thread};

use strongroom_core::sync::{Held, Lock};

use crate::places::{self, Places};

/// Rounds in a magazine, at most.
pub(super) const MOST: usize = 8;

/// Attempts at a magazine before a thread gives its time away to the one that has it.
const SPINS: u32 = 32;

/// A magazine in each place.
pub(super) struct Magazines<T>(Places<Lock<Magazine<T>>>);

/// Some of what is kept.
pub(super) struct Magazine<T> {
    len: usize,
    /// Counts what is taken, and tells one magazine from another.
    turn: u64,
    /// The first `len` are there.
    rounds: [Option<T>; MOST],
}

impl<T: Copy> Magazines<T> {
    pub(super) fn new() -> Self {
        let empty = |turn| Lock::new(Magazine { len: 0, turn, rounds: [None; MOST] });
        Self(Places::new(|number| empty((number as u64) << 48)))
    }

    /// That of this thread's own place, or, while another thread has it, one of another place, where this thread
    /// comes back to from then on. `None` if there are threads everywhere.
    #[inline]
    pub(super) fn own(&self) -> Option<Held<'_, Magazine<T>>> {
        at_once(self.0.own()).or_else(|| self.another())
    }

    #[cold]
    fn another(&self) -> Option<Held<'_, Magazine<T>>> {
        places::move_on();
        self.0.own_first().find_map(at_once)
    }

    /// Takes out all that there is, magazine by magazine, waiting for threads that have one, which none has for long.
    pub(super) fn drain(&self) -> impl Iterator<Item = impl Iterator<Item = T>> {
        self.0.all().map(|magazine| wait(magazine).take_first(0))
    }
}

#[inline]
fn at_once<T>(magazine: &Lock<T>) -> Option<Held<'_, T>> {
    magazine.lock(|_| Err(())).ok()
}

fn wait<T>(magazine: &Lock<T>) -> Held<'_, T> {
    let relax = |attempt| {
        if attempt < SPINS {
            hint::spin_loop()
        } else {
            thread::yield_now()
        }
        Ok::<_, Infallible>(())
    };
    magazine.lock(relax).unwrap_or_else(|never| match never {})
}

impl<T: Copy> Magazine<T> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds one, for which there is room.
    #[inline]
    pub(super) fn put(&mut self, round: T) {
        self.rounds[self.len] = Some(round);
        self.len += 1;
    }

    /// Takes one out, which one depending on what `random` makes of a number that is new each time; `None` if it is
    /// empty.
    #[inline]
    pub(super) fn take(&mut self, random: impl FnOnce(u64) -> u64) -> Option<T> {
        let left = self.len.checked_sub(1)?;
        self.turn = self.turn.wrapping_add(1);
        // The upper half of the number, spread over all that there are.
        let upper = random(self.turn) >> 32;
        let chosen = ((upper * self.len as u64) >> 32) as usize;
        self.len = left;
        let last = self.rounds[left];
        mem::replace(&mut self.rounds[chosen], last)
    }

    /// Takes out all but the last `keep`, which have not been there for so long.
    #[cold]
    pub(super) fn take_first(&mut self, keep: usize) -> impl Iterator<Item = T> + use<T> {
        let (rounds, count) = (self.rounds, self.len.saturating_sub(keep));
        self.rounds.copy_within(count..self.len, 0);
        self.len -= count;
        rounds.into_iter().take(count).flatten()
    }
}
