//! The face for components: the exports of `strongroom:secret`.

use alloc::string::ToString;
use alloc::vec::Vec;

use strongroom_core as core;

use crate::handle::{self, Handle};
use bindings::exports::strongroom::secret::create::Guest as Create;
use bindings::exports::strongroom::secret::mac::Guest as Mac;
use bindings::exports::strongroom::secret::reveal::Guest as Reveal;
use bindings::exports::strongroom::secret::types::{
    Closed, Error, Guest as Types, GuestSecret, Secret, SecretBorrow,
};
use bindings::wasi::random::random::get_random_u64;

mod bindings {
    wit_bindgen::generate!({ path: "../wit", world: "provider", generate_all });
}

struct Component;

/// Random bytes from `wasi:random`, eight at a time, since a list would be one more copy to wipe.
pub(crate) fn random(out: &mut [u8]) -> Result<(), core::Error> {
    for chunk in out.chunks_mut(8) {
        chunk.copy_from_slice(&get_random_u64().to_ne_bytes()[..chunk.len()]);
    }
    Ok(())
}

impl Types for Component {
    type Secret = Handle;
}

impl GuestSecret for Handle {
    fn clone(&self) -> Secret {
        Secret::new(Clone::clone(self))
    }

    fn length(&self) -> Result<u64, Error> {
        Ok(self.len()? as u64)
    }

    fn is_closed(&self) -> bool {
        self.is_closed()
    }

    fn close(&self) -> Closed {
        self.close().into()
    }
}

impl Create for Component {
    fn from_bytes(mut bytes: Vec<u8>) -> Result<Secret, Error> {
        Ok(Secret::new(Handle::from_bytes(&mut bytes)?))
    }

    fn random(length: u64) -> Result<Secret, Error> {
        Ok(Secret::new(Handle::random(length)?))
    }

    fn replace(secret: SecretBorrow<'_>, mut bytes: Vec<u8>) -> Result<(), Error> {
        Ok(secret.get::<Handle>().replace(&mut bytes)?)
    }
}

impl Mac for Component {
    fn hmac_sha256(key: SecretBorrow<'_>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        Ok(key.get::<Handle>().hmac_sha256(&message)?.to_vec())
    }

    fn verify_hmac_sha256(
        key: SecretBorrow<'_>,
        message: Vec<u8>,
        tag: Vec<u8>,
    ) -> Result<bool, Error> {
        Ok(key.get::<Handle>().verify_hmac_sha256(&message, &tag)?)
    }
}

impl Reveal for Component {
    fn reveal(secret: SecretBorrow<'_>) -> Result<Vec<u8>, Error> {
        secret.get::<Handle>().with_bytes(|bytes| {
            let mut copy = handle::buffer(bytes.len() as u64)?;
            copy.copy_from_slice(bytes);
            Ok(copy)
        })?
    }
}

impl From<core::Error> for Error {
    fn from(error: core::Error) -> Self {
        match error {
            core::Error::Closed => Self::Closed,
            core::Error::Empty => Self::Empty,
            core::Error::TooLarge { max, .. } => Self::TooLarge(max as u64),
            core::Error::Busy => Self::Busy,
            core::Error::OutOfMemory { .. } => Self::OutOfMemory,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<core::Closed> for Closed {
    fn from(closed: core::Closed) -> Self {
        match closed {
            core::Closed::Deferred => Self::Deferred,
            core::Closed::Already => Self::Already,
            // However it went: linear memory has nothing around a content that could be damaged.
            _ => Self::Wiped,
        }
    }
}

bindings::export!(Component with_types_in bindings);
