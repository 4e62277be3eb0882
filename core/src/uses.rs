//! What may be done by a handle, and by what is made with it: one list, and one rule, for all hosts.

use core::fmt;

bitflags::bitflags! {
    /// What may be done with a secret by one of its handles.
    ///
    /// Each use lets who has it try guesses at the bytes. So for a secret that can be guessed, as a
    /// password that people have chosen, each of them is as good as [`REVEAL`](Self::REVEAL).
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Uses: u16 {
        /// Be the key of message authentication: make tags, and [`VERIFY`](Self::VERIFY) them.
        const MAC = 1 | Self::VERIFY.bits();
        /// Verify tags of message authentication, and not make any.
        const VERIFY = 1 << 1;
        /// Be the key of authenticated encryption: [`SEAL`](Self::SEAL) and [`OPEN`](Self::OPEN).
        const AEAD = Self::SEAL.bits() | Self::OPEN.bits();
        /// Encrypt.
        const SEAL = 1 << 2;
        /// Decrypt what was encrypted.
        const OPEN = 1 << 3;
        /// Derive other secrets.
        const KDF = 1 << 4;
        /// Be the seed of signatures, and tell its public key. Who has that key needs no secret to
        /// verify them.
        const SIGN = 1 << 5;
        /// Wrap other secrets, and unwrap them. Not for a key that may [`OPEN`](Self::OPEN), too:
        /// what the one wraps, the other opens.
        const WRAP = 1 << 6;
        /// Leave as ciphertext, wrapped by a key that whoever does it may have chosen: as good as
        /// [`REVEAL`](Self::REVEAL), unless they can't know that key.
        const EXPORT = 1 << 7;
        /// Be read.
        const REVEAL = 1 << 8;
        /// Be compared with another, of anyone's choice: what is easy to guess can be found out so.
        const EQUALS = 1 << 9;
    }
}

impl Uses {
    /// What lets bytes out. A secret that is made from another never has more of it.
    const LEAVE: Self = Self::EXPORT.union(Self::REVEAL);

    /// What may be done with what is made from a secret by a handle with these uses: it is another
    /// secret, which may be used for anything, but it doesn't leave unless that one may.
    #[must_use]
    pub const fn inherited(self) -> Self {
        Self::all().difference(Self::LEAVE).union(self.intersection(Self::LEAVE))
    }
}

/// Their names, with `|` in between.
impl fmt::Display for Uses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bitflags::parser::to_writer(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn the_wider_use_includes_the_finer_and_not_the_other_way_round() {
        for (wider, finer) in
            [(Uses::MAC, Uses::VERIFY), (Uses::AEAD, Uses::SEAL), (Uses::AEAD, Uses::OPEN)]
        {
            assert!(wider.contains(finer), "{wider} has {finer}");
            assert!(!finer.contains(wider), "{finer} has not {wider}");
        }
        assert!(!Uses::SEAL.intersects(Uses::OPEN));
    }

    #[test]
    fn what_is_made_never_leaves_where_that_one_may_not() {
        for bits in 0..=Uses::all().bits() {
            let uses = Uses::from_bits_truncate(bits);
            for leave in [Uses::EXPORT, Uses::REVEAL] {
                assert_eq!(uses.inherited().contains(leave), uses.contains(leave), "{uses}");
            }
            assert_eq!(uses.inherited().inherited(), uses.inherited());
            assert!(uses.inherited().contains(Uses::MAC | Uses::KDF));
        }
    }

    #[test]
    fn they_are_told_by_name() {
        assert_eq!((Uses::MAC | Uses::OPEN).to_string(), "MAC | OPEN");
        assert_eq!(Uses::VERIFY.to_string(), "VERIFY");
        assert_eq!(Uses::AEAD.to_string(), "AEAD");
    }
}
