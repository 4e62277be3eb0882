//! What a secret costs to create, borrow, copy out, replace and drop: `strongroom` beside other ways of
//! holding one, measured in the same run.
//!
//! A [`Peer`] is one way of holding a secret, a function of [`workload`] is one thing done with it, and
//! [`threads`] runs the one on the other. The programs: `peers` has each peer do the same ([`compare`]),
//! beside what it [`protects`]; `curves` has a few do more and more of it; `goals` checks the ratios that this
//! project promises.

pub mod compare;
pub mod crowd;
pub mod goals;
pub mod live;
pub mod locked;
pub mod memory;
pub mod peers;
pub mod protects;

pub use strongroom_measure::{
    Cell, LEN, Mutexed, Peer, batches, caught, child, goal, print_all, threads, workload,
};
