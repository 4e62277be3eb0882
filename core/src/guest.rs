//! What a guest may ask for: a component that uses secrets without being able to read them.
//!
//! Hosts of components apply these rules to all that a guest asks for, so that every host has the same.
//!
//! **A handle is no oracle.** Who may sign with a secret, or compare it, can search it: each guess is
//! one call, or none, once a tag is known. So what nobody has seen is handed to a guest only if it is
//! too long to be searched, and what could be searched piece by piece is never handed out: of two
//! secrets made of one key, neither may be the other and a few bytes more, unless the shorter one is
//! too long itself. HKDF's output is such a family (RFC 5869, section 2.3: a shorter output is the
//! beginning of a longer one), which is why there is one least length for all.
//!
//! ```
//! use strongroom_core::guest::{refuse_guessable, refuse_guessable_password};
//!
//! refuse_guessable(32)?; // a guest may derive a key of 32 bytes
//! assert!(refuse_guessable(1).is_err()); // but none that 256 attempts find
//! refuse_guessable_password(26, 24)?; // 24 small letters
//! assert!(refuse_guessable_password(10, 4).is_err()); // a PIN
//! # Ok::<(), strongroom_core::Error>(())
//! ```

use crate::{Error, Uses};

/// The most bytes that any argument may have, any secret, and any result: the work of most operations
/// grows with them, and nothing stops one that has begun. What it costs to guess is bounded apart, by
/// `Argon2Cost::LIMIT`.
pub const MAX_INPUT: usize = 16 << 20;

/// A guest's number of bytes, if a secret or a result may have as many.
///
/// # Errors
///
/// [`Error::TooLarge`] above [`MAX_INPUT`].
pub fn length(len: u64) -> Result<usize, Error> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    if len > MAX_INPUT {
        return Err(Error::TooLarge { len, max: MAX_INPUT });
    }
    Ok(len)
}

/// The bytes of a guest's argument, if they aren't too many.
///
/// # Errors
///
/// [`Error::TooLarge`] above [`MAX_INPUT`].
pub fn bytes(argument: &[u8]) -> Result<&[u8], Error> {
    length(argument.len() as u64)?;
    Ok(argument)
}

/// The uses that a guest names by flags: the first is bit 0, in the order of `uses` in `wit/types.wit`,
/// which is that of [`Uses`]. Others are none.
#[must_use]
pub const fn uses(flags: u32) -> Uses {
    let named = Uses::from_bits_truncate(flags as u16);
    // One that makes tags may verify them, whether that is said or not.
    if named.intersects(Uses::MAC.difference(Uses::VERIFY)) {
        named.union(Uses::MAC)
    } else {
        named
    }
}

/// The fewest bytes of a secret that a guest gets without having made its content itself: 2^128
/// possibilities.
pub const UNSEEN_MIN: usize = 16;

/// The fewest possibilities that a password for a guest is one of, as a power of two: the least
/// security strength that NIST SP 800-131A, revision 2, allows.
pub const PASSWORD_BITS: u32 = 112;

/// Refuses a secret of `len` bytes that a guest hasn't seen: derived, unwrapped, random; or one
/// that is to be wrapped, for it couldn't come back.
///
/// # Errors
///
/// [`Error::WrongSize`] below [`UNSEEN_MIN`].
pub fn refuse_guessable(len: usize) -> Result<(), Error> {
    if len >= UNSEEN_MIN {
        return Ok(());
    }
    Err(Error::WrongSize {
        what: "length in bytes of a secret that only handles show",
        given: len,
        needed: "at least 16, for a shorter one could be found out by trying",
    })
}

/// Refuses passwords of `len` bytes out of an alphabet of so many, if there are too few.
///
/// # Errors
///
/// [`Error::WrongSize`] below 2^[`PASSWORD_BITS`] possibilities.
pub fn refuse_guessable_password(alphabet: usize, len: usize) -> Result<(), Error> {
    let enough = 1_u128 << PASSWORD_BITS;
    let mut possibilities = 1_u128;
    // With two bytes, as many rounds as bits are enough; with one, no number is.
    for _ in 0..len.min(PASSWORD_BITS as usize) {
        possibilities = possibilities.saturating_mul(alphabet as u128);
        if possibilities >= enough {
            return Ok(());
        }
    }
    Err(Error::WrongSize {
        what: "length of a password that only handles show",
        given: len,
        needed: "enough for 2^112 possibilities, as 18 of 94 different bytes, 19 of 62 or 34 of 10, \
                 for others could be found out by trying",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_than_the_limit_is_refused() {
        assert_eq!(length(0), Ok(0));
        assert_eq!(length(MAX_INPUT as u64), Ok(MAX_INPUT));
        for (asked, len) in [(MAX_INPUT as u64 + 1, MAX_INPUT + 1), (u64::MAX, usize::MAX)] {
            assert_eq!(length(asked), Err(Error::TooLarge { len, max: MAX_INPUT }));
        }
        let longest = alloc::vec![7; MAX_INPUT + 1];
        assert!(bytes(&longest).is_err());
        assert_eq!(bytes(&longest[1..]), Ok(&longest[1..]));
    }

    #[test]
    fn what_can_be_searched_is_refused() {
        for (len, fine) in [(0, false), (1, false), (15, false), (16, true), (usize::MAX, true)] {
            assert_eq!(refuse_guessable(len).is_ok(), fine, "{len}");
        }
    }

    #[test]
    fn uses_are_flags_in_their_order() {
        assert_eq!(uses(0), Uses::empty());
        assert_eq!(uses(1), Uses::MAC);
        assert_eq!(uses(0b10), Uses::VERIFY);
        assert_eq!(uses(0b100), Uses::SEAL);
        assert_eq!(uses(u32::MAX), Uses::all());
        for bit in 0..u32::BITS {
            let named = uses(1 << bit);
            assert!(bit < 1 || !named.contains(Uses::MAC), "{bit}");
        }
    }

    /// The figures are those of len * log2(alphabet).
    #[test]
    fn passwords_are_counted_by_possibilities() {
        let fine = |alphabet, len| refuse_guessable_password(alphabet, len).is_ok();
        for (alphabet, least) in
            [(2, 112), (10, 34), (62, 19), (94, 18), (256, 14), (usize::MAX, 2)]
        {
            assert!(fine(alphabet, least), "{least} of {alphabet}");
            assert!(!fine(alphabet, least - 1), "{} of {alphabet}", least - 1);
        }
        assert!(!fine(1, usize::MAX) && !fine(0, usize::MAX));
    }
}
