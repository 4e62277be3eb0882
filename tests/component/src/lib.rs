//! The component that ships, in wasmtime: as the conformance suite sees it, and function by function.
//!
//! A package of its own, so that no other test has to wait until an engine is compiled.
#![cfg(target_os = "linux")]

pub mod functions;
pub mod host;
