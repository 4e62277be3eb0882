//! How a secret is measured: a [`Peer`] is one way of holding it, a function of [`workload`] is one thing
//! done with it, [`threads`] runs the one on the other, and [`batches`] lets several take turns.
//!
//! It needs little to be built, unlike the peers and engines that `strongroom-benches` compares.

pub mod batches;
mod outcome;
mod peer;
pub mod peers;
pub mod threads;
pub mod workload;

pub use outcome::caught;
pub use peer::{LEN, Mutexed, Peer};
