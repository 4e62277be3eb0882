//! The ways of holding a secret that are measured, one file each; those that need no other crate are in
//! `strongroom-measure`.

mod bare_decryption;
mod bare_page;
mod hardware_enclave;
mod memsafe;
mod memsec;
mod secrecy;
mod secrets;

pub use self::bare_decryption::BareDecryption;
pub use self::bare_page::{BareMapping, BarePage};
pub use self::hardware_enclave::HardwareEnclave;
pub use self::memsafe::Memsafe;
pub use self::memsec::Memsec;
pub use self::secrecy::Secrecy;
pub use self::secrets::Secrets;
pub use strongroom_measure::peers::*;
