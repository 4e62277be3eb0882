//! The ratios that strongroom promises, by the level that they are about.

pub mod encrypted;
pub mod guarded;
pub mod locked;
