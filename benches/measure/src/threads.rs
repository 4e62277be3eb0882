//! How long a workload takes on one thread and on two.

use std::hint;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Peer;
use crate::workload::secret;

/// How many pairs of handles take turns: how long a cache line takes from one processor to the
/// other depends on its address.
const PLACES: usize = 64;

/// A batch that ends sooner is one of those by which the size of batches is found; it can't be
/// expected to begin on both threads at once, nor to hide what a new thread's first allocation costs.
const MOMENT: Duration = Duration::from_micros(100);

/// How often two threads are tried to be run side by side on a machine that is busy.
const ATTEMPTS: usize = 10_000;

/// How long to wait before the next attempt: after a rest, the kernel gives a thread time at once.
const REST: Duration = Duration::from_millis(1);

/// How long `work` takes on a secret of its own, `n` times.
pub fn alone<P: Peer>(work: impl Fn(&mut P, u64)) -> impl FnMut(u64) -> Duration {
    let mut peer = secret::<P>();
    move |n| elapsed(|| work(&mut peer, n))
}

/// How long `work` takes on one secret shared by two threads, `n` times on each: the time
/// of the slower.
pub fn together<P: Peer>(work: impl Fn(&mut P::Shared, u64) + Sync) -> impl FnMut(u64) -> Duration {
    let pair = || {
        let peer: P::Shared = secret();
        [peer.clone(), peer]
    };
    on_two_threads(pair, work)
}

/// How long `work` takes on two threads that use a secret each, likewise.
pub fn apart<P: Peer>(work: impl Fn(&mut P, u64) + Sync) -> impl FnMut(u64) -> Duration {
    on_two_threads(|| [secret(), secret()], work)
}

/// How long `work` takes, `n` times, while another thread uses the same secret as `other` does.
///
/// # Panics
///
/// As [`side_by_side`] does.
pub fn beside<P: Peer>(
    work: impl Fn(&mut P::Shared, u64),
    other: impl Fn(&mut P::Shared, u64) + Sync,
) -> impl FnMut(u64) -> Duration {
    /// So many times before the other thread looks whether the first is done.
    const A_FEW: u64 = 1000;
    let mut here: P::Shared = secret();
    let mut there = here.clone();
    move |n| {
        assert!(processors() > 1, "needs two processors; there is one");
        let (arrived, done) = (AtomicUsize::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                meet(&arrived);
                // ORDERING: Relaxed; it only says when to end.
                while !done.load(Ordering::Relaxed) {
                    other(&mut there, A_FEW);
                }
            });
            let (start, end) = timed(&arrived, || work(&mut here, n));
            // ORDERING: Relaxed, as above.
            done.store(true, Ordering::Relaxed);
            end - start
        })
    }
}

fn on_two_threads<H: Send>(
    pair: impl Fn() -> [H; 2],
    work: impl Fn(&mut H, u64) + Sync,
) -> impl FnMut(u64) -> Duration {
    let mut pairs: Vec<[H; 2]> = (0..PLACES).map(|_| pair()).collect();
    let mut turn = 0;
    move |n| {
        turn = (turn + 1) % PLACES;
        let [here, there] = &mut pairs[turn];
        side_by_side(|| work(here, n), || work(there, n))
    }
}

/// How long the slower of two threads takes when they run side by side. Where they took turns on one
/// processor, that shows nothing of two threads, and they are run again.
///
/// # Panics
///
/// Where they never do, which [`caught`](crate::caught) makes an error of.
pub fn side_by_side(mut here: impl FnMut(), mut there: impl FnMut() + Send) -> Duration {
    assert!(processors() > 1, "needs two processors; there is one");
    for _ in 0..ATTEMPTS {
        if let Some(took) = attempt(&mut here, &mut there) {
            return took;
        }
        thread::sleep(REST);
    }
    panic!("needs two processors, and time on both at once");
}

/// How long `work` takes with all of these at once, each on a thread of its own, however many processors there
/// are: from the first beginning to the last end.
pub fn at_once<H: Send>(all: &mut [H], work: impl Fn(&mut H) + Sync) -> Duration {
    let barrier = Barrier::new(all.len());
    let begin = |one: &mut H| {
        barrier.wait();
        let start = Instant::now();
        work(one);
        (start, Instant::now())
    };
    let begin = &begin;
    let spans: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = all.iter_mut().map(|one| scope.spawn(move || begin(one))).collect();
        threads.into_iter().map(|thread| thread.join().expect("every thread ends")).collect()
    });
    let start = spans.iter().map(|span| span.0).min();
    let end = spans.iter().map(|span| span.1).max();
    start.zip(end).map_or(Duration::ZERO, |(start, end)| end - start)
}

/// How many processors this process may use.
#[must_use]
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The time of the slower of two threads, if they ran side by side.
fn attempt(here: impl FnOnce(), there: impl FnOnce() + Send) -> Option<Duration> {
    let arrived = AtomicUsize::new(0);
    let (own, other) = thread::scope(|scope| {
        let other = scope.spawn(|| timed(&arrived, there));
        (timed(&arrived, here), other.join().expect("the other thread ends"))
    });
    let slower = (own.1 - own.0).max(other.1 - other.0);
    let both = own.1.min(other.1).saturating_duration_since(own.0.max(other.0));
    (slower < MOMENT || both >= slower * 3 / 4).then_some(slower)
}

/// When a thread's work began, as soon as both had come, and when it ended.
fn timed(arrived: &AtomicUsize, work: impl FnOnce()) -> (Instant, Instant) {
    meet(arrived);
    let start = Instant::now();
    work();
    (start, Instant::now())
}

fn elapsed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Returns when both threads have come. They spin, since a thread woken by the kernel
/// would start when the other is half done.
fn meet(arrived: &AtomicUsize) {
    // ORDERING: Relaxed, as the meeting hands no data over.
    arrived.fetch_add(1, Ordering::Relaxed);
    // ORDERING: Relaxed, as above.
    while arrived.load(Ordering::Relaxed) < 2 {
        hint::spin_loop();
    }
}
