//! Several places for what threads would otherwise share, each on cache lines of its own, and which of them a
//! thread tries first.

use std::array;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use strongroom_core::CACHE_LINE;

/// How many places there are.
const COUNT: usize = 8;

/// What no place has for a number.
const NONE: usize = usize::MAX;

thread_local! {
    /// The place that this thread comes back to. It has no destructor, so that it serves as long as the thread
    /// runs any code.
    static OWN: Cell<usize> = const { Cell::new(NONE) };
}

/// A `T` in each place. They belong to no thread in particular.
pub(crate) struct Places<T>([OnOwnLines<T>; COUNT]);

#[repr(align(64))] // `CACHE_LINE`, which is not allowed here
struct OnOwnLines<T>(T);

const _: () = assert!(align_of::<OnOwnLines<u8>>() == CACHE_LINE, "two would share a line");

impl<T> Places<T> {
    /// What `make` makes of the number of each place.
    pub(crate) fn new(mut make: impl FnMut(usize) -> T) -> Self {
        Self(array::from_fn(|number| OnOwnLines(make(number))))
    }

    /// That of the place that this thread comes back to.
    #[inline]
    pub(crate) fn own(&self) -> &T {
        &self.0[own()].0
    }

    /// All, from the thread's own one on.
    pub(crate) fn own_first(&self) -> impl Iterator<Item = &T> {
        let own = own();
        (own..own + COUNT).map(|number| &self.0[number % COUNT].0)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|place| &place.0)
    }
}

#[inline]
fn own() -> usize {
    OWN.with(|own| if own.get() == NONE { first(own) } else { own.get() }) % COUNT
}

#[cold]
fn first(own: &Cell<usize>) -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    // ORDERING: Relaxed; any spread of threads over the places will do.
    own.set(THREADS.fetch_add(1, Ordering::Relaxed) % COUNT);
    own.get()
}

/// Has this thread come back to the next place from now on, as it has met another in its own.
#[cold]
pub(crate) fn move_on() {
    let next = (own() + 1) % COUNT;
    OWN.with(|own| own.set(next));
}
