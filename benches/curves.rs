//! How costs grow: with the size of a secret, with how many there are, with how many threads use them. One JSON
//! object per line and per point, of which `cargo xtask bench` draws curves.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use strongroom_benches::batches::{several, size, undisturbed};
use strongroom_benches::live::{Live, made};
use strongroom_benches::peers::{
    ArcSwapped, CrossbeamEpoch, Encrypted, Guarded, HardwareEnclave, Memsec, RwLocked, Secrets,
    Seize, Strongroom, TwoRmws,
};
use strongroom_benches::threads::at_once;
use strongroom_benches::workload::{borrow, copy_out, create_drop, secret};
use strongroom_benches::{Cell, Peer, print_all};

const SIZES: [usize; 9] = [16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
const COUNTS: [usize; 7] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
const THREADS: [usize; 4] = [1, 2, 4, 8];

/// How many batches are run on several threads.
const ROUNDS: usize = 15;

/// How long a thread is at work in one of them: several of the kernel's time slices, where there are more threads
/// than processors.
const LONG: Duration = Duration::from_millis(12);

fn main() -> Result<()> {
    let cells = [
        copies::<Strongroom>(),
        copies::<Strongroom<Guarded>>(),
        copies::<Strongroom<Encrypted>>(),
        copies::<RwLocked>(),
        copies::<Secrets>(),
        copies::<HardwareEnclave>(),
        creations::<Strongroom>(),
        creations::<Strongroom<Guarded>>(),
        creations::<Strongroom<Encrypted>>(),
        creations::<RwLocked>(),
        creations::<Secrets>(),
        creations::<HardwareEnclave>(),
        borrows::<Strongroom>(),
        borrows::<Strongroom<Guarded>>(),
        borrows::<Strongroom<Encrypted>>(),
        borrows::<RwLocked>(),
        borrows::<Secrets>(),
        borrows::<HardwareEnclave>(),
        churns::<Strongroom>(),
        churns::<Strongroom<Guarded>>(),
        churns::<Strongroom<Encrypted>>(),
        churns::<RwLocked>(),
        churns::<Memsec>(),
        churns::<HardwareEnclave>(),
        shared::<Strongroom>("strongroom, with_bytes", borrow),
        shared::<Strongroom>("strongroom, copy_into", copy_out),
        shared::<TwoRmws>("two RMWs", borrow),
        shared::<RwLocked>("RwLock<Zeroizing>", borrow),
        shared::<ArcSwapped>("arc-swap", borrow),
        shared::<CrossbeamEpoch>("crossbeam-epoch", borrow),
        shared::<Seize>("seize", borrow),
        created::<Strongroom>(),
        created::<Strongroom<Encrypted>>(),
        created::<RwLocked>(),
        created::<Memsec>(),
        created::<HardwareEnclave>(),
    ];
    print_all(&cells.into_iter().flatten().collect::<Vec<_>>())
}

/// A curve: its table, its name, and what is measured at each of its points.
fn curve<const N: usize>(
    table: &str,
    row: &str,
    points: [usize; N],
    measure: fn(usize) -> Result<f64>,
) -> Vec<Cell> {
    let cell = |point: usize| Cell {
        table: table.to_owned(),
        row: row.to_owned(),
        column: point.to_string(),
        measure: Box::new(move || measure(point)),
    };
    points.map(cell).into()
}

/// One time of what is done `n` times.
fn alone(mut work: impl FnMut(u64)) -> Result<f64> {
    let run = |n| {
        let start = Instant::now();
        work(n);
        start.elapsed()
    };
    Ok(undisturbed(several(run)))
}

fn copies<P: Peer>() -> Vec<Cell> {
    curve("copy-size", P::NAME, SIZES, |len| {
        let mut peer: P = made(len);
        let mut out = vec![0; len];
        alone(|n| {
            for _ in 0..n {
                peer.copy_out(&mut out);
                black_box(&mut out);
            }
        })
    })
}

fn creations<P: Peer>() -> Vec<Cell> {
    curve("create-size", P::NAME, SIZES, |len| {
        let mut source = vec![0; len];
        alone(|n| {
            for _ in 0..n {
                source.fill(0x5a);
                drop(black_box(P::create(&mut source)));
            }
        })
    })
}

fn borrows<P: Peer>() -> Vec<Cell> {
    curve("borrow-live", P::NAME, COUNTS, |count| {
        let mut live = Live::<P>::new(count);
        alone(|n| live.borrow(n))
    })
}

fn churns<P: Peer>() -> Vec<Cell> {
    curve("churn-live", P::NAME, COUNTS, |count| {
        let mut live = Live::<P>::new(count);
        alone(|n| live.churn(n))
    })
}

fn shared<P: Peer + Clone + 'static>(name: &str, work: fn(&mut P, u64)) -> Vec<Cell> {
    THREADS
        .map(|count| Cell {
            table: "borrow-threads".to_owned(),
            row: name.to_owned(),
            column: count.to_string(),
            measure: Box::new(move || {
                let first: P = secret();
                Ok(on_threads(vec![first; count], work))
            }),
        })
        .into()
}

fn created<P: Peer>() -> Vec<Cell> {
    curve("create-threads", P::NAME, THREADS, |count| {
        Ok(on_threads((0..count).map(|_| secret::<P>()).collect(), create_drop::<P>))
    })
}

/// How much of the wall's time one access takes, of all that the threads make.
fn on_threads<P: Peer>(mut peers: Vec<P>, work: fn(&mut P, u64)) -> f64 {
    let first = &mut peers[0];
    let mut run = |n| {
        let start = Instant::now();
        work(first, n);
        start.elapsed()
    };
    let batch = size(&mut run);
    let n = (batch as f64 * LONG.as_secs_f64() / run(batch).as_secs_f64()).ceil() as u64;
    let total = (n * peers.len() as u64) as f64;
    let times = (0..ROUNDS).map(|_| at_once(&mut peers, |peer| work(peer, n)).as_nanos() as f64);
    undisturbed(times.map(|time| time / total).collect())
}
