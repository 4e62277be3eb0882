//! Secrets of what is read and of what is given away, against the bytes themselves.

use std::io::{self, ErrorKind, Read};

use arbitrary::Unstructured;
use strongroom::{Error, Secret};

use crate::some;

struct Course<'i> {
    bytes: &'i [u8],
    /// How many bytes each read gives, less one, and then all; 255 is an interruption, 254 an error.
    reads: &'i [u8],
    expected: usize,
    max: usize,
}

/// Gives bytes a few at a time.
struct Pieces<'c> {
    bytes: &'c [u8],
    reads: &'c [u8],
    read: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let piece = self.reads.get(self.read).copied();
        self.read += 1;
        let most = match piece {
            Some(255) => return Err(ErrorKind::Interrupted.into()),
            Some(254) => return Err(ErrorKind::ConnectionReset.into()),
            // Nothing would be the end.
            Some(most) => usize::from(most) + 1,
            None => usize::MAX,
        };
        let (now, later) = self.bytes.split_at(most.min(out.len()).min(self.bytes.len()));
        out[..now.len()].copy_from_slice(now);
        self.bytes = later;
        Ok(now.len())
    }
}

/// Reads what `input` says.
///
/// # Panics
///
/// If a secret isn't what was read or given away.
pub fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut number = || input.int_in_range(0..=10_000).unwrap_or(0);
    let (expected, max) = (number(), number());
    let reads = some(&mut input, 100);
    let bytes = some(&mut input, 10_000);
    read(&Course { bytes, reads, expected, max });
    give_away(bytes);
}

fn read(course: &Course<'_>) {
    let Course { bytes, reads, expected, max } = *course;
    let mut pieces = Pieces { bytes, reads, read: 0 };
    let secret = Secret::builder().read(&mut pieces, expected, max);
    let failed = reads.iter().take(pieces.read).any(|read| *read == 254);
    let told = match &secret {
        Ok(secret) => return assert_is(secret, bytes),
        Err(error) => error.get_ref().and_then(|error| error.downcast_ref::<Error>()),
    };
    match told {
        None => assert!(failed, "{secret:?}"),
        Some(Error::TooLarge { len, max: told }) => {
            assert!(*told == max && *len > max && (expected > max || bytes.len() > max));
        }
        Some(Error::Empty) => assert!(bytes.is_empty()),
        Some(error) => panic!("{error}"),
    }
}

fn give_away(bytes: &[u8]) {
    if let Ok(text) = String::from_utf8(bytes.to_vec()) {
        assert_taken(Secret::try_from(text).map_err(Error::from), bytes);
    }
    let boxed = Box::<[u8]>::from(bytes);
    assert_taken(Secret::try_from(boxed).map_err(Error::from), bytes);
    assert_taken(Secret::try_from(bytes.to_vec()).map_err(Error::from), bytes);
}

fn assert_taken(secret: Result<Secret, Error>, bytes: &[u8]) {
    match secret {
        Ok(secret) => assert_is(&secret, bytes),
        Err(error) => assert_eq!((error, bytes.len()), (Error::Empty, 0)),
    }
}

fn assert_is(secret: &Secret, bytes: &[u8]) {
    assert_eq!(secret.with_bytes(|is| is == bytes), Ok(true));
}
