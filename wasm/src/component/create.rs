//! What puts bytes in.

use alloc::vec::Vec;

use strongroom_core::guest;

use super::bindings::exports::strongroom::secret::create::{Error, Guest, Secret, SecretBorrow};
use super::held::Held;
use super::{Component, Kept, unrestricted, unseen};
use crate::Linear;

impl Guest for Component {
    fn from_bytes(mut bytes: Vec<u8>) -> Result<Secret, Error> {
        guest::bytes(&bytes)?;
        Held::hand_out(unrestricted(Kept::new_in(Linear, &mut bytes)?))
    }

    fn random(length: u64) -> Result<Secret, Error> {
        unseen(Kept::random_in(Linear, guest::length(length)?).map(unrestricted))
    }

    fn password(alphabet: Vec<u8>, length: u64) -> Result<Secret, Error> {
        let (alphabet, length) = (guest::bytes(&alphabet)?, guest::length(length)?);
        let password = Kept::password_in(Linear, alphabet, length)?;
        guest::refuse_guessable_password(alphabet.len(), length)?;
        unseen(Ok(unrestricted(password)))
    }

    fn replace(secret: SecretBorrow<'_>, mut bytes: Vec<u8>) -> Result<(), Error> {
        guest::bytes(&bytes)?;
        Ok(secret.get::<Held>().replace(&mut bytes)?)
    }
}
