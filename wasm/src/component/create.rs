//! What puts bytes in.

use alloc::vec::Vec;

use strongroom_core::guest;

use super::bindings::exports::strongroom::secret::create::{Error, Guest, Secret, SecretBorrow};
use super::held::Held;
use super::{Component, unseen};
use crate::handle::Handle;

impl Guest for Component {
    fn from_bytes(mut bytes: Vec<u8>) -> Result<Secret, Error> {
        Held::hand_out(Handle::from_bytes(&mut bytes)?)
    }

    fn random(length: u64) -> Result<Secret, Error> {
        unseen(Handle::random(length))
    }

    fn password(alphabet: Vec<u8>, length: u64) -> Result<Secret, Error> {
        let password = Handle::password(&alphabet, length)?;
        guest::refuse_guessable_password(alphabet.len(), password.len()?)?;
        unseen(Ok(password))
    }

    fn replace(secret: SecretBorrow<'_>, mut bytes: Vec<u8>) -> Result<(), Error> {
        Ok(secret.get::<Held>().replace(&mut bytes)?)
    }
}
