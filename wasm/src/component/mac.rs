//! Message authentication with a secret as the key.

use alloc::vec::Vec;

use strongroom_core::guest::bytes;

use super::Component;
use super::bindings::exports::strongroom::secret::mac::{Error, Guest, SecretBorrow};
use super::held::Held;

impl Guest for Component {
    fn hmac_sha256(key: SecretBorrow<'_>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().hmac_sha256(bytes(&message)?)?.to_vec())
    }

    fn verify_hmac_sha256(
        key: SecretBorrow<'_>,
        message: Vec<u8>,
        tag: Vec<u8>,
    ) -> Result<bool, Error> {
        Ok(key.get::<Held>().verify_hmac_sha256(bytes(&message)?, bytes(&tag)?)?)
    }

    fn hmac_sha384(key: SecretBorrow<'_>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().hmac_sha384(bytes(&message)?)?.to_vec())
    }

    fn verify_hmac_sha384(
        key: SecretBorrow<'_>,
        message: Vec<u8>,
        tag: Vec<u8>,
    ) -> Result<bool, Error> {
        Ok(key.get::<Held>().verify_hmac_sha384(bytes(&message)?, bytes(&tag)?)?)
    }

    fn hmac_sha512(key: SecretBorrow<'_>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Held>().hmac_sha512(bytes(&message)?)?.to_vec())
    }

    fn verify_hmac_sha512(
        key: SecretBorrow<'_>,
        message: Vec<u8>,
        tag: Vec<u8>,
    ) -> Result<bool, Error> {
        Ok(key.get::<Held>().verify_hmac_sha512(bytes(&message)?, bytes(&tag)?)?)
    }
}
