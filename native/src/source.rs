//! Secrets from owned vectors and strings, which are wiped with all their spare room, or given
//! back.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Secret};

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

impl TryFrom<Vec<u8>> for Secret {
    type Error = Rejected<Vec<u8>>;

    fn try_from(mut source: Vec<u8>) -> Result<Self, Self::Error> {
        match Self::new(&mut source) {
            Ok(secret) => {
                // `new` has wiped the bytes; what growing and shrinking has left behind them, too.
                source.zeroize();
                Ok(secret)
            }
            Err(error) => Err(Rejected { error, source: Zeroizing::new(source) }),
        }
    }
}

impl TryFrom<String> for Secret {
    type Error = Rejected<String>;

    fn try_from(source: String) -> Result<Self, Self::Error> {
        Self::try_from(source.into_bytes()).map_err(|Rejected { error, mut source }| {
            // SAFETY: these are the bytes of the string above, untouched.
            let source = unsafe { String::from_utf8_unchecked(std::mem::take(&mut *source)) };
            Rejected { error, source: Zeroizing::new(source) }
        })
    }
}
