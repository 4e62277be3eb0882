//! What the tasks share: running commands, and setting up what they need.

pub mod process;
pub mod setup;
