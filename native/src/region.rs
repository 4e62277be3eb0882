//! Memory for one content, of whichever kind.

mod guarded;
mod memory;
mod plain;
mod reprotect;
mod span;

pub(crate) use guarded::Guard;
pub use guarded::GuardedRegion;
pub(crate) use memory::Aside;
pub use memory::Memory;
pub use plain::PlainRegion;
pub(crate) use reprotect::{Reprotector, Watch};
