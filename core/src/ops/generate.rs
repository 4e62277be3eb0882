//! Secrets that nobody has seen yet.

use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::storage::Storage;
use crate::{Error, Secret};

/// The most bytes of a password: for each, the whole alphabet is looked at.
const PASSWORD_MAX: usize = 4096;

impl<S: Storage + Clone> Secret<S> {
    /// A secret of `len` random bytes from the host's generator.
    ///
    /// # Errors
    ///
    /// Those of [`init_in`](Self::init_in), [`Error::Random`], and [`Error::Unsupported`] on a host
    /// without a generator.
    pub fn random_in(storage: S, len: usize) -> Result<Self, Error> {
        Self::init_in(storage.clone(), len, |bytes| storage.random(bytes))
    }

    /// A password of `len` bytes, at most 4096, each of which is any byte of `alphabet` with the same
    /// probability.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] if the alphabet has fewer than two different bytes or one of them
    /// twice, [`Error::TooLarge`], and those of [`random_in`](Self::random_in).
    pub fn password_in(storage: S, alphabet: &[u8], len: usize) -> Result<Self, Error> {
        if len > PASSWORD_MAX {
            return Err(Error::TooLarge { len, max: PASSWORD_MAX });
        }
        check(alphabet)?;
        Self::init_in(storage.clone(), len, |mut rest: &mut [u8]| {
            while !rest.is_empty() {
                storage.random(rest)?;
                rest = spell(alphabet, rest);
            }
            Ok(())
        })
    }
}

/// Turns random `bytes` into bytes of `alphabet`, packed to the front, and gives back the room that
/// is left: some random bytes have to be thrown away, or the first bytes of the alphabet would come
/// more often.
fn spell<'b>(alphabet: &[u8], bytes: &'b mut [u8]) -> &'b mut [u8] {
    let count = alphabet.len() as u16;
    // Lemire, "Fast Random Integer Generation in an Interval" (TOMACS 2019), on bytes.
    let surplus = 256 % count;
    let mut spelt = 0;
    for i in 0..bytes.len() {
        let product = u16::from(bytes[i]) * count;
        if product & 0xFF >= surplus {
            bytes[spelt] = byte_at(alphabet, product >> 8);
            spelt += 1;
        }
    }
    &mut bytes[spelt..]
}

/// `alphabet[index]`, touching all of it: which byte it is shows in no cache.
fn byte_at(alphabet: &[u8], index: u16) -> u8 {
    let mut found = 0;
    for (i, byte) in (0_u16..).zip(alphabet) {
        found.conditional_assign(byte, i.ct_eq(&index));
    }
    found
}

fn check(alphabet: &[u8]) -> Result<(), Error> {
    let mut seen = [false; 256];
    for &byte in alphabet {
        seen[usize::from(byte)] = true;
    }
    let given = seen.iter().filter(|&&seen| seen).count();
    if given < 2 || given < alphabet.len() {
        return Err(Error::WrongSize {
            what: "number of different bytes in the alphabet",
            given,
            needed: "at least 2, and none of them twice",
        });
    }
    Ok(())
}
