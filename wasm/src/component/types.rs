//! The handle and its end.

use strongroom_core::{self as core, guest};

use super::Component;
use super::bindings::exports::strongroom::secret::types::{
    CloseOutcome, Error, Guest, GuestSecret, Secret, SecretBorrow, Uses,
};
use super::held::Held;

impl Guest for Component {
    type Secret = Held;
}

impl GuestSecret for Held {
    fn clone(&self) -> Result<Secret, Error> {
        self.check_any()?;
        Self::hand_out(Clone::clone(&**self))
    }

    fn restrict(&self, uses: Uses) -> Result<Secret, Error> {
        self.check_any()?;
        Self::hand_out((**self).restrict(guest::uses(uses.bits().into())))
    }

    fn length(&self) -> Result<u64, Error> {
        Ok((**self).len()? as u64)
    }

    fn equals(&self, other: SecretBorrow<'_>) -> Result<bool, Error> {
        Ok((**self).equals(other.get::<Self>())?)
    }

    fn is_closed(&self) -> bool {
        (**self).is_closed()
    }

    fn close(&self) -> CloseOutcome {
        (**self).close().into()
    }
}

impl From<core::CloseOutcome> for CloseOutcome {
    fn from(closed: core::CloseOutcome) -> Self {
        match closed {
            core::CloseOutcome::Deferred => Self::Deferred,
            core::CloseOutcome::Already => Self::Already,
            // However it went: linear memory has nothing around a content that could be damaged.
            _ => Self::Wiped,
        }
    }
}

#[cfg(any(feature = "aead", feature = "wrap"))]
mod algorithm {
    use strongroom_core::Aead;

    use crate::component::bindings::exports::strongroom::secret::types::AeadAlgorithm;

    impl From<AeadAlgorithm> for Aead {
        fn from(algorithm: AeadAlgorithm) -> Self {
            match algorithm {
                AeadAlgorithm::Aes256Gcm => Self::Aes256Gcm,
                AeadAlgorithm::Chacha20Poly1305 => Self::ChaCha20Poly1305,
                AeadAlgorithm::Xchacha20Poly1305 => Self::XChaCha20Poly1305,
            }
        }
    }
}
