//! Ways of making an access, and how each is run: one after another, beside a reader that stays, on two
//! threads.

use std::time::{Duration, Instant};

use strongroom_measure::Peer;
use strongroom_measure::peers::{Encrypted, Guarded, RwLocked, Strongroom, TwoRmws, Windowed};
use strongroom_measure::threads::{alone, side_by_side};
use strongroom_measure::workload::{borrow, secret};

use crate::correct::Correct;
use crate::racy::Racy;

/// Makes so many accesses and says how long they took.
pub type Run = Box<dyn FnMut(u64) -> Duration>;

/// How many secrets take turns on two threads: how long a cache line takes from one processor to the other
/// depends on its address.
const PLACES: usize = 16;

/// One way of making an access.
pub struct Way {
    /// What the tables call it.
    pub name: &'static str,
    /// One after another, on one thread.
    pub alone: fn() -> Run,
    /// Makes so many of them, and nothing else: to be counted.
    pub accesses: fn(u64),
}

/// One that two threads can share.
pub struct Version {
    /// On one thread.
    pub way: Way,
    /// On one thread, while another access to the same secret lasts.
    pub overlapping: fn() -> Run,
    /// On two threads, while a third access lasts: the time of the slower thread.
    pub two_overlapping: fn() -> Run,
    /// On two threads and nothing else.
    pub two: fn() -> Run,
}

impl Way {
    /// That of a peer.
    #[must_use]
    pub fn of<P: Peer + 'static>(name: &'static str) -> Self {
        Self {
            name,
            alone: || Box::new(alone::<P>(borrow)),
            accesses: |n| borrow(&mut secret::<P>(), n),
        }
    }
}

impl Version {
    fn of<P: Peer + Clone + 'static>(name: &'static str) -> Self {
        Self {
            way: Way::of::<P>(name),
            overlapping: || {
                let [mut stays, mut comes] = handles::<P, 2>();
                Box::new(move |n| stays.borrow(|_| elapsed(|| borrow(&mut comes, n))))
            },
            two_overlapping: || {
                in_places(|[stays, here, there]: &mut [P; 3], n| {
                    stays.borrow(|_| side_by_side(|| borrow(here, n), || borrow(there, n)))
                })
            },
            two: || {
                in_places(|[here, there]: &mut [P; 2], n| {
                    side_by_side(|| borrow(here, n), || borrow(there, n))
                })
            },
        }
    }
}

/// The two versions of the report, strongroom at each level, and two floors.
#[must_use]
pub fn versions() -> [Version; 8] {
    [
        Version::of::<Racy>("fast and racy"),
        Version::of::<Correct>("correct"),
        Version::of::<Strongroom>("strongroom Locked"),
        Version::of::<Strongroom<Windowed>>("strongroom Guarded, within its window"),
        Version::of::<Strongroom<Guarded>>("strongroom Guarded, eager"),
        Version::of::<Strongroom<Encrypted>>("strongroom Encrypted"),
        Version::of::<RwLocked>("unprotected bytes in a RwLock"),
        Version::of::<TwoRmws>("two atomic operations, nothing else"),
    ]
}

fn handles<P: Peer + Clone, const N: usize>() -> [P; N] {
    let first = secret::<P>();
    std::array::from_fn(|_| first.clone())
}

fn in_places<P: Peer + Clone + 'static, const N: usize>(
    mut run: impl FnMut(&mut [P; N], u64) -> Duration + 'static,
) -> Run {
    let mut places: Vec<[P; N]> = (0..PLACES).map(|_| handles()).collect();
    let mut turn = 0;
    Box::new(move |n| {
        turn = (turn + 1) % PLACES;
        run(&mut places[turn], n)
    })
}

fn elapsed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}
