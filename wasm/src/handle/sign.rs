//! Ed25519 signatures.

use strongroom_core::{ED25519_PUBLIC_KEY_LEN, ED25519_SIGNATURE_LEN, Error};

use super::{Handle, check};

impl Handle {
    /// The Ed25519 signature of `message`.
    pub(crate) fn sign_ed25519(
        &self,
        message: &[u8],
    ) -> Result<[u8; ED25519_SIGNATURE_LEN], Error> {
        check([message])?;
        self.0.sign_ed25519(message)
    }

    /// The Ed25519 public key of the secret.
    pub(crate) fn ed25519_public_key(&self) -> Result<[u8; ED25519_PUBLIC_KEY_LEN], Error> {
        self.0.ed25519_public_key()
    }
}

/// Whether `signature` is an Ed25519 signature of `message`.
pub(crate) fn verify_ed25519(
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Error> {
    check([public_key, message, signature])?;
    strongroom_core::verify_ed25519(public_key, message, signature)
}
