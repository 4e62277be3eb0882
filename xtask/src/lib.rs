//! What the tasks share: running commands, and setting up what they need.

#[path = "../../wasm/families.rs"]
pub mod families;
pub mod process;
pub mod setup;
