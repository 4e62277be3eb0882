//! What one process has.

mod vaults;

pub(crate) use vaults::Vaults;
pub use vaults::rekey;
