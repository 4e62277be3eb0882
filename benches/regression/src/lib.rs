//! The report that this project answers, measured: an earlier library's access to a secret took 350 ns,
//! and 1,150 ns once it was correct. `docs/regression.md` tells what comes of it.
//!
//! [`racy`] and [`correct`] are the two versions, on the same kind of [`page`]. [`versions`] runs them
//! beside strongroom, and [`parts`] finds where the correct one's time goes, by leaving parts out and by
//! counting ([`count`]). What is found is printed figure by figure.
#![cfg(target_os = "linux")]

pub mod correct;
pub mod count;
pub mod page;
pub mod parts;
pub mod racy;
pub mod versions;
pub mod ways;

/// A secret that was closed isn't opened any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed;
