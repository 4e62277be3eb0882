//! What a secret can do without being read. The operations are declared, and told, in
//! `strongroom-core`; here they become methods of [`Secret`] and of [`Restricted`].

// The types of operations are the core's, but for `Secret`.
use strongroom_core::{self as core, *};
#[cfg(feature = "aead")]
use zeroize::Zeroizing;

use crate::storage::Native;
use crate::{Restricted, Secret};

#[doc(hidden)]
impl From<core::Secret<Native>> for Secret {
    fn from(secret: core::Secret<Native>) -> Self {
        Self(secret)
    }
}

#[doc(hidden)]
impl<'s> From<&'s Secret> for &'s core::Secret<Native> {
    fn from(secret: &'s Secret) -> Self {
        &secret.0
    }
}

#[doc(hidden)]
impl From<core::Restricted<Native>> for Restricted {
    fn from(handle: core::Restricted<Native>) -> Self {
        Self(handle)
    }
}

#[doc(hidden)]
impl<'s> From<&'s Restricted> for &'s core::Restricted<Native> {
    fn from(handle: &'s Restricted) -> Self {
        &handle.0
    }
}

impl Secret {
    /// A password of `len` bytes, at most 4096, each of which is any byte of `alphabet` with the same
    /// probability; it never exists outside the secret.
    ///
    /// ```
    /// # use strongroom::Secret;
    /// let password = Secret::password(b"abcdefghjkmnpqrstuvwxyz23456789", 20)?;
    /// # Ok::<(), strongroom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] if the alphabet has fewer than two different bytes or one of them
    /// twice, [`Error::TooLarge`], and those of [`random`](Self::random).
    pub fn password(alphabet: &[u8], len: usize) -> Result<Self, Error> {
        Self::builder().password(alphabet, len)
    }

    core::equal_operations!();
}

/// Comparing, with [`Uses::EQUALS`].
impl Restricted {
    core::equal_operations!();
}

/// Message authentication: HMAC (RFC 2104). The key has any length; 32 random bytes are a good one.
///
/// ```
/// use strongroom::Secret;
///
/// let key = Secret::random(32)?;
/// let tag = key.hmac_sha256(b"message")?;
/// assert!(key.verify_hmac_sha256(b"message", &tag)?);
/// # Ok::<(), strongroom::Error>(())
/// ```
#[cfg(feature = "mac")]
impl Secret {
    core::mac_operations!();
}

/// Message authentication as of a [`Secret`], with [`Uses::MAC`], or [`Uses::VERIFY`] to verify tags.
#[cfg(feature = "mac")]
impl Restricted {
    core::mac_operations!();
}

/// Authenticated encryption with a key of 32 bytes.
///
/// ```
/// use strongroom::{Aead, Secret};
///
/// let key = Secret::random(32)?;
/// let sealed = key.seal_aead(Aead::XChaCha20Poly1305, b"attack at dawn", b"to: bob")?;
/// let opened = key.open_aead(Aead::XChaCha20Poly1305, &sealed, b"to: bob")?;
/// assert_eq!(*opened, b"attack at dawn");
/// # Ok::<(), strongroom::Error>(())
/// ```
#[cfg(feature = "aead")]
impl Secret {
    core::aead_operations!();
}

/// Authenticated encryption as of a [`Secret`], with [`Uses::SEAL`] and [`Uses::OPEN`].
#[cfg(feature = "aead")]
impl Restricted {
    core::aead_operations!();
}

/// Key derivation: the result is a secret with the same protection as this one.
///
/// ```
/// use strongroom::Secret;
///
/// let master = Secret::random(32)?;
/// let cookies = master.hkdf_sha256(b"", b"cookies", 32)?;
/// let database = master.hkdf_sha256(b"", b"database", 32)?;
/// assert!(!cookies.equals(&database)?);
/// # Ok::<(), strongroom::Error>(())
/// ```
#[cfg(feature = "kdf")]
impl Secret {
    core::kdf_operations!();
}

/// Key derivation as of a [`Secret`], with [`Uses::KDF`]: the result has [those inherited](Uses::inherited).
#[cfg(feature = "kdf")]
impl Restricted {
    core::kdf_operations!();
}

/// Signatures: Ed25519 (RFC 8032), with this secret as the seed of 32 bytes, which the RFC calls the
/// private key. [`verify_ed25519`](crate::verify_ed25519) needs no secret.
///
/// ```
/// use strongroom::{Secret, verify_ed25519};
///
/// let seed = Secret::random(32)?;
/// let signature = seed.sign_ed25519(b"message")?;
/// assert!(verify_ed25519(&seed.ed25519_public_key()?, b"message", &signature)?);
/// # Ok::<(), strongroom::Error>(())
/// ```
#[cfg(feature = "sign")]
impl Secret {
    core::sign_operations!();
}

/// Signatures as of a [`Secret`], with [`Uses::SIGN`].
#[cfg(feature = "sign")]
impl Restricted {
    core::sign_operations!();
}

/// Wrapping: a secret leaves only as ciphertext under this one, a key of 32 bytes, and comes back as
/// a secret with the same protection as the key.
///
/// ```
/// use strongroom::{Aead, Secret};
///
/// let key = Secret::random(32)?;
/// let secret = Secret::random(48)?;
/// let wrapped = key.wrap_aead(Aead::Aes256Gcm, &secret, b"backup 7")?;
/// let unwrapped = key.unwrap_aead(Aead::Aes256Gcm, &wrapped, b"backup 7")?;
/// assert!(unwrapped.equals(&secret)?);
/// # Ok::<(), strongroom::Error>(())
/// ```
#[cfg(feature = "wrap")]
impl Secret {
    core::wrap_operations!();
}

/// Wrapping as of a [`Secret`], with [`Uses::WRAP`]; what is wrapped needs [`Uses::EXPORT`], and what is unwrapped has [those
/// inherited](Uses::inherited).
#[cfg(feature = "wrap")]
impl Restricted {
    core::wrap_operations!();
}
