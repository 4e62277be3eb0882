//! What the tasks share: running commands, setting up what they need, finding the sources, and what packages are
//! made of.

#[path = "../../wasm/families.rs"]
pub mod families;
pub mod process;
pub mod sbom;
pub mod setup;
pub mod sources;
pub mod workspace;
