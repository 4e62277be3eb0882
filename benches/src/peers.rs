//! The ways of holding a secret that are measured, one file each.

mod bare_decryption;
mod bare_page;
mod hardware_enclave;
mod memsafe;
mod memsec;
mod rwlock;
mod secrecy;
mod secrets;
mod strongroom;
mod two_rmws;

pub use self::bare_decryption::BareDecryption;
pub use self::bare_page::{BareMapping, BarePage};
pub use self::hardware_enclave::HardwareEnclave;
pub use self::memsafe::Memsafe;
pub use self::memsec::Memsec;
pub use self::rwlock::RwLocked;
pub use self::secrecy::Secrecy;
pub use self::secrets::Secrets;
pub use self::strongroom::{Encrypted, Guarded, Locked, Strongroom, Windowed};
pub use self::two_rmws::TwoRmws;
