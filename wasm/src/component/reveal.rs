//! The only way to read a secret.

use alloc::vec::Vec;

use strongroom_core::{guest, room};

use super::Component;
use super::bindings::exports::strongroom::secret::reveal::{Error, Guest, SecretBorrow};
use super::held::Held;

impl Guest for Component {
    fn reveal(secret: SecretBorrow<'_>) -> Result<Vec<u8>, Error> {
        secret.get::<Held>().with_bytes(|bytes| {
            let mut copy = room::zeros(guest::length(bytes.len() as u64)?)?;
            copy.copy_from_slice(bytes);
            Ok(copy)
        })?
    }
}
