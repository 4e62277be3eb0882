//! What the tests of several hosts share.

#[cfg(not(strongroom_loom))]
pub mod conformance;
#[cfg(all(target_os = "linux", not(strongroom_loom)))]
pub mod demo;
#[cfg(not(strongroom_loom))]
pub mod heap;
#[cfg(not(strongroom_loom))]
pub mod hosts;
#[cfg(all(target_os = "linux", not(strongroom_loom)))]
pub mod linux;
#[cfg(not(any(target_family = "wasm", strongroom_loom)))]
pub mod model;
#[cfg(strongroom_loom)]
pub mod modelled;
#[cfg(not(strongroom_loom))]
pub mod operations;
#[cfg(not(any(target_family = "wasm", strongroom_loom)))]
pub mod oracle;
#[cfg(all(target_os = "linux", not(strongroom_loom)))]
pub mod residue;
#[cfg(not(strongroom_loom))]
pub mod vectors;
