//! What a secret costs to create, borrow, copy out, replace and drop: `strongroom`
//! beside other ways of holding one, measured in the same run.
//!
//! A [`Peer`] is one way of holding a secret, a function of [`workload`] is one thing
//! done with it, and [`threads`] runs the one on the other. `borrow`, `lifecycle` and
//! `contention` give criterion's detailed picture; `goals` checks the ratios that this
//! project promises, and `components` those about calls into and out of components, which are in
//! [`crossing`].

mod compare;
pub mod crossing;
pub mod crowd;
pub mod goal;
pub mod goals;
pub mod locked;
pub mod peers;

pub use compare::{alone, together};
pub use strongroom_measure::{LEN, Mutexed, Peer, batches, caught, threads, workload};
