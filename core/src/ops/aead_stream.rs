//! Authenticated encryption of a message of any length, in segments: the STREAM construction (Hoang, Reyhanitabar,
//! Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015, section 7).
//!
//! # The format
//!
//! With AES-256-GCM it is that of Tink's AES-GCM-HKDF streaming, with segments of 64 KiB, HKDF-SHA256 and a derived
//! key of 32 bytes. With the others it is the same, but for the label and the length of the prefix.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | length of the header, all three parts of it: 40, or 52 for XChaCha20-Poly1305 |
//! | 32 | salt, random |
//! | 7, or 19 for XChaCha20-Poly1305 | prefix of all nonces, random |
//! | the rest | segments: ciphertext, then a tag of 16 bytes |
//!
//! Header and first segment are 65,536 bytes together, as is each other segment, but for the last one, which is as
//! long as it has to be: from 16 bytes on, and also 65,536 if the message ends there. The key of all segments is
//!
//! ```text
//! HKDF-SHA256(salt, the secret's 32 bytes, info: label || associated data), 32 bytes
//! ```
//!
//! where the label is empty for AES-256-GCM, and otherwise the name of the algorithm, `ChaCha20-Poly1305` or
//! `XChaCha20-Poly1305`, and a zero byte. A segment's nonce is the prefix, the segment's number as 4 bytes with the
//! highest first, from 0 on, and a byte that is 1 for the last segment and 0 for others, as in RustCrypto's
//! `aead-stream`, with `StreamBE32`. Segments have no associated data of their own.
//!
//! So a segment that stands in another place, or is missing, has another nonce than it was sealed with; nor is
//! another than the last one sealed as such. Associated data, key and algorithm are in the derived key. Since that is
//! another for each stream, by 32 random bytes, it doesn't matter that 7 would be few for a nonce: as many streams may
//! be sealed under one secret as anyone can.
//!
//! # What is kept
//!
//! The derived key is worked out for each segment: some ten blocks of SHA-256, and the associated data. So there is
//! nothing secret between two pieces but bytes of the message.

use alloc::vec::Vec;
use core::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::aead::{Aead, refuse_other_keys};
use super::stream::StreamKey;
use crate::storage::Storage;
use crate::{Error, Secret, room, wipe};

/// Deeper than what the cipher wipes itself, since the key is derived above it.
const STACK: usize = wipe::stack_of(16 * 1024, 72 * 1024);

/// Bytes of a segment of a sealed stream, with its tag, and the header with the first.
pub const AEAD_SEGMENT_LEN: usize = 64 << 10;

/// The most bytes of associated data: each segment hashes all of them once more.
const ASSOCIATED_DATA_MAX: usize = 64 << 10;

const SALT_LEN: usize = 32;
const PREFIX_MAX: usize = 19;
const HEADER_MAX: usize = 1 + SALT_LEN + PREFIX_MAX;

impl Aead {
    const fn prefix_len(self) -> usize {
        self.nonce_len() - 5
    }

    const fn header_len(self) -> usize {
        1 + SALT_LEN + self.prefix_len()
    }

    const fn label(self) -> &'static [u8] {
        match self {
            Self::Aes256Gcm => b"",
            Self::ChaCha20Poly1305 => b"ChaCha20-Poly1305\0",
            Self::XChaCha20Poly1305 => b"XChaCha20-Poly1305\0",
        }
    }
}

impl<S: Storage> Secret<S> {
    /// Begins to encrypt a message of any length, up to 2^48 bytes, with this secret as the key of 32 bytes.
    ///
    /// `associated_data`, of at most 64 KiB, stays readable and isn't in the result; whoever opens that needs the same.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSize`] for a key of another size, [`Error::TooLarge`], [`Error::Random`],
    /// [`Error::OutOfMemory`], and those of [`expose`](Self::expose).
    pub fn seal_stream(&self, aead: Aead, associated_data: &[u8]) -> Result<SealStream<S>, Error> {
        let mut segments = Segments::new(self, aead, associated_data)?;
        let header = &mut segments.header[..aead.header_len()];
        self.storage().random(&mut header[1..])?;
        header[0] = header.len() as u8;
        Ok(SealStream(segments))
    }

    /// Begins to decrypt what a [`seal_stream`](Self::seal_stream) made with the same key, algorithm and
    /// `associated_data`.
    ///
    /// # Errors
    ///
    /// Those of [`seal_stream`](Self::seal_stream), but for [`Error::Random`].
    pub fn open_stream(&self, aead: Aead, associated_data: &[u8]) -> Result<OpenStream<S>, Error> {
        Ok(OpenStream(Segments::new(self, aead, associated_data)?))
    }
}

/// An encryption under way.
///
/// What it has given is authentic only as a whole, with what [`finish`](Self::finish) gives. It keeps at most a segment
/// of the message, and nothing that could be used without the key: it ends with [`Error::Closed`] when its secret is
/// closed, and with [`Error::Replaced`] when that has got another content. After an error it gives the same one for
/// ever.
pub struct SealStream<S: Storage>(Segments<S>);

impl<S: Storage> SealStream<S> {
    /// Takes the next bytes of the message, and gives the next ones of what is sealed, which are whole segments. So
    /// there may be none.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] after 2^32 segments, [`Error::OutOfMemory`], those of [`Secret::expose`], and
    /// [`Error::Replaced`].
    pub fn update(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = Vec::new();
        self.0.each_full(plaintext, Segments::plain_len, &mut sealed, Segments::seal)?;
        Ok(sealed)
    }

    /// Ends the message, and gives the rest of what is sealed.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update).
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        let mut sealed = room::for_items(AEAD_SEGMENT_LEN)?;
        self.0.last(&mut sealed, Segments::seal)?;
        Ok(sealed)
    }
}

/// A decryption under way.
///
/// What it gives is what was sealed, from the beginning on; whether that was all, [`finish`](Self::finish) tells alone.
/// Who doesn't wait for that acts on a message that may have been cut.
///
/// It keeps at most a segment, and nothing that could be used without the key: it ends with [`Error::Closed`] when its
/// secret is closed, and with [`Error::Replaced`] when that has got another content. After an error it gives the same
/// one for ever, and nothing of any segment that isn't authentic.
pub struct OpenStream<S: Storage>(Segments<S>);

impl<S: Storage> OpenStream<S> {
    /// Takes the next bytes of what was sealed, and gives the next ones of the message, of all segments that are
    /// authentic. So there may be none. They are wiped when they are dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthentic`] if anything is not as it was when it was sealed, [`Error::OutOfMemory`], those of
    /// [`Secret::expose`], and [`Error::Replaced`].
    pub fn update(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut plaintext = Zeroizing::new(Vec::new());
        self.0.each_full(sealed, |_| AEAD_SEGMENT_LEN, &mut plaintext, Segments::open)?;
        Ok(plaintext)
    }

    /// The rest of the message, if what came was all of it. It is wiped when it is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update); [`Error::NotAuthentic`] also if the end is missing.
    pub fn finish(mut self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut plaintext = Zeroizing::new(room::for_items(AEAD_SEGMENT_LEN)?);
        self.0.last(&mut plaintext, Segments::open)?;
        Ok(plaintext)
    }
}

impl<S: Storage> fmt::Debug for SealStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealStream([redacted])")
    }
}

impl<S: Storage> fmt::Debug for OpenStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenStream([redacted])")
    }
}

/// What both directions have in common.
struct Segments<S: Storage> {
    key: StreamKey<S>,
    cipher: SegmentCipher,
    header: [u8; HEADER_MAX],
    /// What is to be sealed, or opened, as soon as it is known whether it is the last segment.
    held: Zeroizing<Vec<u8>>,
}

/// How one segment is sealed and opened, but for the key.
struct SegmentCipher {
    aead: Aead,
    associated_data: Vec<u8>,
    /// The number of the next segment, if there may be one more.
    number: Option<u32>,
}

/// Which segment it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Inner,
    Last,
}

type Step<S> = fn(&mut Segments<S>, Position, &mut Vec<u8>) -> Result<(), Error>;

impl<S: Storage> Segments<S> {
    fn new(secret: &Secret<S>, aead: Aead, associated_data: &[u8]) -> Result<Self, Error> {
        let key = StreamKey::new(secret, refuse_other_keys)?;
        let len = associated_data.len();
        if len > ASSOCIATED_DATA_MAX {
            return Err(Error::TooLarge { len, max: ASSOCIATED_DATA_MAX });
        }
        let mut copy = room::for_items(len)?;
        copy.extend_from_slice(associated_data);
        let cipher = SegmentCipher { aead, associated_data: copy, number: Some(0) };
        let held = Zeroizing::new(room::for_items(AEAD_SEGMENT_LEN)?);
        Ok(Self { key, cipher, header: [0; HEADER_MAX], held })
    }

    /// Takes `input`, and lets `step` make `output` of each part of it that is `full` and not the last.
    fn each_full(
        &mut self,
        mut input: &[u8],
        full: fn(&Self) -> usize,
        output: &mut Vec<u8>,
        step: Step<S>,
    ) -> Result<(), Error> {
        // Whoever gives nothing learns as well that the key is closed.
        let result = self.key.with(|_| Ok(())).and_then(|()| {
            // No more than this comes out, so that no copy is left of what was moved.
            let parts = (self.held.len() + input.len()) / full(self);
            *output = room::for_items(parts * AEAD_SEGMENT_LEN)?;
            while !input.is_empty() {
                if self.held.len() == full(self) {
                    step(self, Position::Inner, output)?;
                }
                let taken = input.len().min(full(self) - self.held.len());
                let (now, later) = input.split_at(taken);
                self.held.extend_from_slice(now);
                input = later;
            }
            Ok(())
        });
        self.ended(result)
    }

    /// Lets `step` make `output` of the last part.
    fn last(&mut self, output: &mut Vec<u8>, step: Step<S>) -> Result<(), Error> {
        let result = self.key.with(|_| Ok(())).and_then(|()| step(self, Position::Last, output));
        self.ended(result)
    }

    /// An error ends the stream.
    fn ended(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        if let Err(error) = result {
            self.held.zeroize();
            self.key.fail(error);
        }
        result
    }

    /// How many bytes of the message the next segment has, unless it is the last.
    fn plain_len(&self) -> usize {
        let header = if self.cipher.number == Some(0) { self.cipher.aead.header_len() } else { 0 };
        AEAD_SEGMENT_LEN - header - Aead::TAG_LEN
    }

    fn seal(&mut self, position: Position, sealed: &mut Vec<u8>) -> Result<(), Error> {
        let header = &self.header[..self.cipher.aead.header_len()];
        if self.cipher.number == Some(0) {
            sealed.extend_from_slice(header);
        }
        let start = sealed.len();
        sealed.resize(start + self.held.len() + Aead::TAG_LEN, 0);
        let Self { key, cipher, held, .. } = self;
        key.with(|key| {
            cipher.with_derived(key, header, position, |aead, key, nonce| {
                aead.encrypt(key, nonce, held, b"", &mut sealed[start..])
            })
        })?;
        held.zeroize();
        Ok(())
    }

    fn open(&mut self, position: Position, plaintext: &mut Vec<u8>) -> Result<(), Error> {
        let Self { key, cipher, header, held } = self;
        let header = &mut header[..cipher.aead.header_len()];
        let mut sealed = &held[..];
        if cipher.number == Some(0) {
            let (first, rest) = held.split_at_checked(header.len()).ok_or(Error::NotAuthentic)?;
            if usize::from(first[0]) != first.len() {
                return Err(Error::NotAuthentic);
            }
            header.copy_from_slice(first);
            sealed = rest;
        }
        let len = sealed.len().checked_sub(Aead::TAG_LEN).ok_or(Error::NotAuthentic)?;
        let start = plaintext.len();
        plaintext.resize(start + len, 0);
        key.with(|key| {
            cipher.with_derived(key, header, position, |aead, key, nonce| {
                aead.decrypt(key, nonce, sealed, b"", &mut plaintext[start..])
            })
        })?;
        held.zeroize();
        Ok(())
    }
}

impl SegmentCipher {
    /// Calls `f` with the key and the nonce of the next segment.
    fn with_derived(
        &mut self,
        key: &[u8],
        header: &[u8],
        position: Position,
        f: impl FnOnce(Aead, &[u8], &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let number = self.number.ok_or_else(too_many)?;
        self.number = number.checked_add(1);
        let (salt, prefix) = header[1..].split_at(SALT_LEN);
        let mut nonce = [0; PREFIX_MAX + 5];
        let nonce = &mut nonce[..prefix.len() + 5];
        nonce[..prefix.len()].copy_from_slice(prefix);
        nonce[prefix.len()..][..4].copy_from_slice(&number.to_be_bytes());
        nonce[prefix.len() + 4] = u8::from(position == Position::Last);
        wipe::scrubbed::<STACK, _>(|| {
            let mut derived = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(Some(salt), key)
                .expand_multi_info(&[self.aead.label(), &self.associated_data], &mut *derived)
                .expect("HKDF-SHA256 gives 32 bytes");
            f(self.aead, &*derived, nonce)
        })
    }
}

/// All segments that there are numbers for are sealed.
fn too_many() -> Error {
    let max = usize::try_from((AEAD_SEGMENT_LEN as u64) << 32).unwrap_or(usize::MAX);
    Error::TooLarge { len: max.saturating_add(1), max }
}
