//! What puts bytes in.

use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::strongroom::secret::create::{Error, Guest, Secret, SecretBorrow};
use crate::handle::Handle;

impl Guest for Component {
    fn from_bytes(mut bytes: Vec<u8>) -> Result<Secret, Error> {
        Ok(Secret::new(Handle::from_bytes(&mut bytes)?))
    }

    fn random(length: u64) -> Result<Secret, Error> {
        Ok(Secret::new(Handle::random(length)?))
    }

    fn password(alphabet: Vec<u8>, length: u64) -> Result<Secret, Error> {
        Ok(Secret::new(Handle::password(&alphabet, length)?))
    }

    fn replace(secret: SecretBorrow<'_>, mut bytes: Vec<u8>) -> Result<(), Error> {
        Ok(secret.get::<Handle>().replace(&mut bytes)?)
    }
}
