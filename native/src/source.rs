//! Secrets from what is given away for them: vectors, strings and boxes, which are wiped with all
//! their cached room, or given back.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Secret};

/// What owns bytes and can be given away to become a secret: `Vec<u8>`, `String`, `Box<[u8]>`.
///
/// An array is not among them. To give one away is to copy it, and nobody could wipe what the copy
/// was made of: pass `&mut array` to [`Secret::new`] or [`Secret::try_from`].
pub trait Source: Zeroize + bytes::Bytes {}

/// Out of reach for others, so that no source lies about its bytes.
mod bytes {
    pub trait Bytes {
        /// Those that are to become the secret. They are left as they are, or made zeros.
        fn bytes(&mut self) -> &mut [u8];
    }
}

impl Source for Vec<u8> {}

impl bytes::Bytes for Vec<u8> {
    fn bytes(&mut self) -> &mut [u8] {
        self
    }
}

impl Source for Box<[u8]> {}

impl bytes::Bytes for Box<[u8]> {
    fn bytes(&mut self) -> &mut [u8] {
        self
    }
}

impl Source for String {}

impl bytes::Bytes for String {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: zeros are text, too, and nobody writes anything else (see the trait).
        unsafe { self.as_bytes_mut() }
    }
}

/// A source that could not become a secret, and why; the source is as it was.
///
/// It still holds the secret's bytes, so its `Debug` and `Display` show only the error, and it is
/// wiped when dropped.
pub struct Rejected<T: Zeroize> {
    /// Why.
    pub error: Error,
    /// The source, untouched.
    pub source: Zeroizing<T>,
}

impl<T: Zeroize> fmt::Debug for Rejected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T: Zeroize> fmt::Display for Rejected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T: Zeroize> std::error::Error for Rejected<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Why, for who doesn't want the source back: it is wiped.
impl<T: Zeroize> From<Rejected<T>> for Error {
    fn from(rejected: Rejected<T>) -> Self {
        rejected.error
    }
}

/// Has `make` wipe the bytes of `source`, and wipes the rest of it, or gives it back.
pub(crate) fn take<T: Source>(
    mut source: T,
    make: impl FnOnce(&mut [u8]) -> Result<Secret, Error>,
) -> Result<Secret, Rejected<T>> {
    match make(source.bytes()) {
        Ok(secret) => {
            // What growing and shrinking has left behind the bytes.
            source.zeroize();
            Ok(secret)
        }
        Err(error) => Err(Rejected { error, source: Zeroizing::new(source) }),
    }
}

impl TryFrom<Vec<u8>> for Secret {
    type Error = Rejected<Vec<u8>>;

    fn try_from(source: Vec<u8>) -> Result<Self, Self::Error> {
        Self::builder().build_from(source)
    }
}

impl TryFrom<String> for Secret {
    type Error = Rejected<String>;

    fn try_from(source: String) -> Result<Self, Self::Error> {
        Self::builder().build_from(source)
    }
}

impl TryFrom<Box<[u8]>> for Secret {
    type Error = Rejected<Box<[u8]>>;

    fn try_from(source: Box<[u8]>) -> Result<Self, Self::Error> {
        Self::builder().build_from(source)
    }
}

/// As [`Secret::new`].
impl TryFrom<&mut [u8]> for Secret {
    type Error = Error;

    fn try_from(source: &mut [u8]) -> Result<Self, Error> {
        Self::new(source)
    }
}

/// As [`Secret::new`].
impl<const N: usize> TryFrom<&mut [u8; N]> for Secret {
    type Error = Error;

    fn try_from(source: &mut [u8; N]) -> Result<Self, Error> {
        Self::new(source)
    }
}
