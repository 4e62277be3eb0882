//! How a secret is measured: a [`Peer`] is one way of holding it, a function of [`workload`] is one thing
//! done with it, [`threads`] runs the one on the other, and [`batches`] lets several take turns. What comes
//! of it are [figures](figure), [measured](Cell) in [processes of their own](child); [`callgrind`] counts
//! instead. A [`goal`] is a promise about two of them.
//!
//! It needs little to be built, unlike the peers and engines that `strongroom-benches` compares.

pub mod batches;
pub mod callgrind;
mod cell;
pub mod child;
pub mod figure;
pub mod goal;
mod outcome;
mod peer;
pub mod peers;
pub mod threads;
pub mod workload;

pub use cell::{Cell, print_all};
pub use outcome::caught;
pub use peer::{LEN, Mutexed, Peer};
