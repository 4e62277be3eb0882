//! The ways of holding a secret that need no other crate, one file each: strongroom's own, and floors.

mod rwlock;
mod strongroom;
mod two_rmws;

pub use self::rwlock::RwLocked;
pub use self::strongroom::{Encrypted, Guarded, Locked, Strongroom, Windowed, borrow_locally};
pub use self::two_rmws::TwoRmws;
