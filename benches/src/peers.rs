//! The ways of holding a secret that are measured, one file each; those that need no other crate are in
//! `strongroom-measure`.

mod arc_swap;
mod bare_decryption;
mod bare_page;
mod crossbeam_epoch;
mod hardware_enclave;
mod memsafe;
mod memsec;
mod secrecy;
mod secrets;
mod seize;

pub use self::arc_swap::ArcSwapped;
pub use self::bare_decryption::BareDecryption;
pub use self::bare_page::{BareMapping, BarePage};
pub use self::crossbeam_epoch::CrossbeamEpoch;
pub use self::hardware_enclave::HardwareEnclave;
pub use self::memsafe::Memsafe;
pub use self::memsec::Memsec;
pub use self::secrecy::Secrecy;
pub use self::secrets::Secrets;
pub use self::seize::Seize;
pub use strongroom_measure::peers::*;
