//! Secrets of text, and as text, in a time that depends on its length alone.

use alloc::vec::Vec;

use base64ct::{Base64Unpadded, Encoding as _};
use strongroom_core::{Error, guest, room};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::crossing::{Outcome, arguments, malformed, outcome};
use super::{Secret, unrestricted, with};
use crate::Linear;

/// How bytes are written as text (RFC 4648).
#[derive(Clone, Copy)]
enum Encoding {
    /// Small letters; capital ones are read as well.
    Hex,
    /// With padding, which may be left out where it is read.
    Base64,
    /// With the alphabet for addresses, and without padding, which may be there where it is read.
    Base64Url,
}

/// The encoding of this number, in the order of `npm/package/options.js`.
fn encoding_of(number: u32) -> Encoding {
    match number {
        0 => Encoding::Hex,
        1 => Encoding::Base64,
        _ => Encoding::Base64Url,
    }
}

impl Encoding {
    /// What `text` says, but for space around it; nothing, if it isn't of this encoding.
    fn decode(self, text: &mut [u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = room::zeros(text.len())?;
        let len = match self {
            Self::Hex => {
                base16ct::mixed::decode(text.trim_ascii(), &mut bytes).map(<[u8]>::len).ok()
            }
            Self::Base64 => base64(text, &mut bytes),
            Self::Base64Url => {
                exchange_alphabets(text);
                base64(text, &mut bytes)
            }
        };
        Ok(len.map(|len| {
            bytes.truncate(len);
            bytes
        }))
    }

    /// `bytes` as text.
    fn encode(self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let digits = match self {
            Self::Hex => base16ct::encoded_len(bytes),
            _ => Base64Unpadded::encoded_len(bytes),
        };
        let len = match self {
            Self::Base64 => digits.next_multiple_of(4),
            _ => digits,
        };
        let mut text = room::zeros(guest::length(len as u64)?)?;
        let written = match self {
            Self::Hex => base16ct::lower::encode(bytes, &mut text).is_ok(),
            _ => Base64Unpadded::encode(bytes, &mut text).is_ok(),
        };
        if !written {
            return Err(Error::BufferTooSmall { needed: len, given: text.len() });
        }
        text[digits..].fill(b'=');
        if let Self::Base64Url = self {
            exchange_alphabets(&mut text);
        }
        Ok(text)
    }
}

/// How many bytes `text` says, which are written to the front of `bytes`.
fn base64(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let text = text.trim_ascii();
    // Where the padding begins is no secret: the length says it.
    let once = text.strip_suffix(b"=").unwrap_or(text);
    let digits = once.strip_suffix(b"=").unwrap_or(once);
    Base64Unpadded::decode(digits, bytes).map(<[u8]>::len).ok()
}

/// Puts the digits in which the two alphabets differ in each other's place: one of the other alphabet is none then.
fn exchange_alphabets(text: &mut [u8]) {
    for byte in text {
        let digit = *byte;
        for (one, other) in [(b'+', b'-'), (b'/', b'_')] {
            byte.conditional_assign(&other, digit.ct_eq(&one));
            byte.conditional_assign(&one, digit.ct_eq(&other));
        }
    }
}

/// A new secret with the bytes that the first argument says.
#[unsafe(no_mangle)]
extern "C" fn from_encoded(encoding: u32) -> Outcome {
    let mut arguments = arguments();
    let [text, ..] = arguments.all();
    match encoding_of(encoding).decode(text) {
        Ok(Some(mut bytes)) => outcome(Secret::new_in(Linear, &mut bytes).and_then(unrestricted)),
        Ok(None) => malformed("the text is not of the encoding that it is said to be of"),
        Err(error) => outcome(Err::<(), _>(error)),
    }
}

/// The secret as text.
#[unsafe(no_mangle)]
extern "C" fn encoded(number: u32, encoding: u32) -> Outcome {
    let encode = |bytes: &[u8]| encoding_of(encoding).encode(bytes);
    outcome(with(number, |secret| secret.with_bytes(encode)?))
}
