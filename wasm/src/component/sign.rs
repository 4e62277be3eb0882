//! Ed25519 signatures.

use alloc::vec::Vec;

use strongroom_core::guest::bytes;
use strongroom_core::verify_ed25519;

use super::Component;
use super::bindings::exports::strongroom::secret::sign::{Error, Guest, SecretBorrow};
use super::held::Held;

impl Guest for Component {
    fn sign_ed25519(seed: SecretBorrow<'_>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(seed.get::<Held>().sign_ed25519(bytes(&message)?)?.to_vec())
    }

    fn ed25519_public_key(seed: SecretBorrow<'_>) -> Result<Vec<u8>, Error> {
        Ok(seed.get::<Held>().ed25519_public_key()?.to_vec())
    }

    fn verify_ed25519(
        public_key: Vec<u8>,
        message: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<bool, Error> {
        Ok(verify_ed25519(bytes(&public_key)?, bytes(&message)?, bytes(&signature)?)?)
    }
}
