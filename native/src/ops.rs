//! What a secret can do without being read; the operations are `strongroom-core`'s.

#[cfg(feature = "aead")]
use zeroize::Zeroizing;

#[cfg(feature = "aead")]
use crate::Aead;
#[cfg(feature = "kdf")]
use crate::Argon2Cost;
#[cfg(feature = "sign")]
use crate::{ED25519_PUBLIC_KEY_LEN, ED25519_SIGNATURE_LEN};
use crate::{Error, Secret};
#[cfg(feature = "mac")]
use crate::{HMAC_SHA256_LEN, HMAC_SHA512_LEN};

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

    /// Whether this secret and `other` have the same bytes, in a time that depends on the lengths
    /// only.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes), of either.
    pub fn equals(&self, other: &Self) -> Result<bool, Error> {
        self.0.equals(&other.0)
    }
}

/// Message authentication: HMAC (RFC 2104). The key has any length; 32 random bytes are a good one.
#[cfg(feature = "mac")]
impl Secret {
    /// The HMAC-SHA256 of `message` under this secret.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn hmac_sha256(&self, message: &[u8]) -> Result<[u8; HMAC_SHA256_LEN], Error> {
        self.0.hmac_sha256(message)
    }

    /// Whether `tag` is the HMAC-SHA256 of `message` under this secret, in constant time. A tag of
    /// another length than [`HMAC_SHA256_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn verify_hmac_sha256(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.0.verify_hmac_sha256(message, tag)
    }

    /// The HMAC-SHA512 of `message` under this secret.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn hmac_sha512(&self, message: &[u8]) -> Result<[u8; HMAC_SHA512_LEN], Error> {
        self.0.hmac_sha512(message)
    }

    /// Whether `tag` is the HMAC-SHA512 of `message` under this secret, in constant time. A tag of
    /// another length than [`HMAC_SHA512_LEN`] is not.
    ///
    /// # Errors
    ///
    /// Those of [`with_bytes`](Self::with_bytes).
    pub fn verify_hmac_sha512(&self, message: &[u8], tag: &[u8]) -> Result<bool, Error> {
        self.0.verify_hmac_sha512(message, tag)
    }
}

/// Authenticated encryption with a key of 32 bytes.
#[cfg(feature = "aead")]
impl Secret {
    /// Encrypts `plaintext` with this secret as the key, so that only who has the key can read it,
    /// and any change to it or to `associated_data`, which stays readable, is found when it is
    /// opened.
    ///
    /// The nonce comes from the system's random generator. The result is nonce, ciphertext and tag,
    /// in this order.
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
    ///
    /// # Errors
    ///
    /// [`Error::Random`], and those of [`seal_aead_with_nonce`](Self::seal_aead_with_nonce).
    pub fn seal_aead(
        &self,
        aead: Aead,
        plaintext: &[u8],
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.0.seal_aead(aead, plaintext, associated_data)
    }

    /// Decrypts what [`seal_aead`](Self::seal_aead) made with the same key and the same
    /// `associated_data`. The plaintext is wiped when it is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`open_aead_with_nonce`](Self::open_aead_with_nonce).
    pub fn open_aead(
        &self,
        aead: Aead,
        sealed: &[u8],
        associated_data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.open_aead(aead, sealed, associated_data)
    }

    /// Encrypts as [`seal_aead`](Self::seal_aead) does, under a nonce of the caller's, for protocols
    /// that prescribe one. The result is ciphertext and tag.
    ///
    /// Two messages under one nonce and key give away both, and with AES-256-GCM the means to forge
    /// others.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] for a key or a nonce of another size, [`Error::TooLarge`] above 64 GiB,
    /// [`Error::OutOfMemory`], and those of [`with_bytes`](Self::with_bytes).
    pub fn seal_aead_with_nonce(
        &self,
        aead: Aead,
        nonce: &[u8],
        plaintext: &[u8],
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.0.seal_aead_with_nonce(aead, nonce, plaintext, associated_data)
    }

    /// Decrypts what [`seal_aead_with_nonce`](Self::seal_aead_with_nonce) made with the same key,
    /// nonce and `associated_data`. The plaintext is wiped when it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthentic`] if anything is not as it was when it was sealed,
    /// [`Error::WrongSize`] for a key or a nonce of another size or for less than a tag,
    /// [`Error::OutOfMemory`], and those of [`with_bytes`](Self::with_bytes).
    pub fn open_aead_with_nonce(
        &self,
        aead: Aead,
        nonce: &[u8],
        sealed: &[u8],
        associated_data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.open_aead_with_nonce(aead, nonce, sealed, associated_data)
    }
}

/// Key derivation: the result is a secret with the same protection as this one.
#[cfg(feature = "kdf")]
impl Secret {
    /// A new secret of `len` bytes, at most 8160, derived from this one by HKDF-SHA256 (RFC 5869):
    /// keys for different `info` tell nothing of each other or of this secret.
    ///
    /// This secret must be as hard to guess as a key; for passwords there is
    /// [`argon2id`](Self::argon2id). An empty `salt` stands for none. `info` has at most 64 KiB.
    ///
    /// ```
    /// # use strongroom::Secret;
    /// let master = Secret::random(32)?;
    /// let cookies = master.hkdf_sha256(b"", b"cookies", 32)?;
    /// let database = master.hkdf_sha256(b"", b"database", 32)?;
    /// assert!(!cookies.equals(&database)?);
    /// # Ok::<(), strongroom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], and those of [`new`](Self::new) and [`with_bytes`](Self::with_bytes).
    pub fn hkdf_sha256(&self, salt: &[u8], info: &[u8], len: usize) -> Result<Self, Error> {
        self.0.hkdf_sha256(salt, info, len).map(Self)
    }

    /// A new secret of `len` bytes, at least 4, derived from this one, a password, by Argon2id
    /// (RFC 9106) with a `salt` of at least 8 bytes, better 16, that is different for each password.
    ///
    /// It takes as long as `cost` says, and its memory comes from the heap: it is not locked, and is
    /// wiped at the end.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] for sizes that Argon2id doesn't take, [`Error::OutOfMemory`], and those
    /// of [`new`](Self::new) and [`with_bytes`](Self::with_bytes).
    pub fn argon2id(&self, salt: &[u8], cost: Argon2Cost, len: usize) -> Result<Self, Error> {
        self.0.argon2id(salt, cost, len).map(Self)
    }

    /// As [`argon2id`](Self::argon2id), with all that RFC 9106 allows for: `key`, often called a
    /// pepper, without which nobody can even begin to guess, and at most 32 bytes of
    /// `associated_data`.
    ///
    /// # Errors
    ///
    /// Those of [`argon2id`](Self::argon2id).
    pub fn argon2id_keyed(
        &self,
        key: &Self,
        salt: &[u8],
        associated_data: &[u8],
        cost: Argon2Cost,
        len: usize,
    ) -> Result<Self, Error> {
        self.0.argon2id_keyed(&key.0, salt, associated_data, cost, len).map(Self)
    }
}

/// Signatures: Ed25519 (RFC 8032), with this secret as the seed of 32 bytes, which the RFC calls the
/// private key. [`verify_ed25519`](crate::verify_ed25519) needs no secret.
#[cfg(feature = "sign")]
impl Secret {
    /// The Ed25519 signature of `message`.
    ///
    /// ```
    /// use strongroom::{Secret, verify_ed25519};
    ///
    /// let seed = Secret::random(32)?;
    /// let signature = seed.sign_ed25519(b"message")?;
    /// assert!(verify_ed25519(&seed.ed25519_public_key()?, b"message", &signature)?);
    /// # Ok::<(), strongroom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] if this secret hasn't 32 bytes, and those of
    /// [`with_bytes`](Self::with_bytes).
    pub fn sign_ed25519(&self, message: &[u8]) -> Result<[u8; ED25519_SIGNATURE_LEN], Error> {
        self.0.sign_ed25519(message)
    }

    /// The Ed25519 public key that belongs to this secret.
    ///
    /// # Errors
    ///
    /// Those of [`sign_ed25519`](Self::sign_ed25519).
    pub fn ed25519_public_key(&self) -> Result<[u8; ED25519_PUBLIC_KEY_LEN], Error> {
        self.0.ed25519_public_key()
    }
}

/// Wrapping: a secret leaves only as ciphertext under this one, a key of 32 bytes, and comes back as
/// a secret with the same protection as the key.
#[cfg(feature = "wrap")]
impl Secret {
    /// `secret` as ciphertext under this secret as the key, of the form of
    /// [`seal_aead`](Self::seal_aead).
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
    ///
    /// # Errors
    ///
    /// Those of [`seal_aead`](Self::seal_aead), for either secret.
    pub fn wrap_aead(
        &self,
        aead: Aead,
        secret: &Self,
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.0.wrap_aead(aead, &secret.0, associated_data)
    }

    /// The secret of which [`wrap_aead`](Self::wrap_aead) or [`seal_aead`](Self::seal_aead) made
    /// `wrapped`, with the same key and `associated_data`.
    ///
    /// # Errors
    ///
    /// Those of [`open_aead`](Self::open_aead) and [`new`](Self::new).
    pub fn unwrap_aead(
        &self,
        aead: Aead,
        wrapped: &[u8],
        associated_data: &[u8],
    ) -> Result<Self, Error> {
        self.0.unwrap_aead(aead, wrapped, associated_data).map(Self)
    }

    /// `secret` as ciphertext under this secret as the key, by AES-256 key wrap (RFC 3394): 8 bytes
    /// longer, and the same every time. `secret` has from 16 to 65,536 bytes, a multiple of 8.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`], [`Error::OutOfMemory`], and those of [`new`](Self::new) and, for either
    /// secret, [`with_bytes`](Self::with_bytes).
    pub fn wrap_aes_kw(&self, secret: &Self) -> Result<Vec<u8>, Error> {
        self.0.wrap_aes_kw(&secret.0)
    }

    /// The secret of which [`wrap_aes_kw`](Self::wrap_aes_kw) made `wrapped` with the same key.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthentic`] if key or ciphertext are others, [`Error::WrongSize`], and those of
    /// [`new`](Self::new) and [`with_bytes`](Self::with_bytes).
    pub fn unwrap_aes_kw(&self, wrapped: &[u8]) -> Result<Self, Error> {
        self.0.unwrap_aes_kw(wrapped).map(Self)
    }
}
