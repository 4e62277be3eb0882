//! HMAC (RFC 2104) of a message that comes piece by piece.
//!
//! What a hash has become by the key and the blocks so far is as good as the key for all messages that begin so.
//! Between two pieces it is kept encrypted: by exclusive or with `HMAC-SHA512(key, label || salt || blocks)`, where
//! the salt is random and belongs to this stream alone, and the number of blocks so far grows whenever the state
//! changes. So no mask hides two states, and without the key a mask is as random as HMAC is. What the hash
//! will be of the key alone, at the beginning and for the outer hash, is worked out anew.

use alloc::vec::Vec;
use core::fmt;

use hmac::block_api::HmacCore;
use hmac::digest::block_api::{Block, Buffer, EagerHash, FixedOutputCore, UpdateCore};
use hmac::digest::common::hazmat::{SerializableState, SerializedState};
use hmac::digest::{Output, OutputSizeUser};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::mac::hmac;
use super::stream::StreamKey;
use crate::storage::Storage;
use crate::{Error, Secret, wipe};

const STACK: usize = wipe::stack_of(6 * 1024, 24 * 1024);

/// What the mask is made of, before the salt: 24 bytes.
const LABEL: &[u8; 24] = b"strongroom: HMAC stream\0";
const SALT_LEN: usize = 16;

/// Bytes of the longest block, that of SHA-512.
const BLOCK_MAX: usize = 128;

/// Bytes of the longest state, that of SHA-512: 64, and the number of blocks, which is no secret.
const STATE_MAX: usize = 80;

/// HMAC's hash (RFC 2104, FIPS 198-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Hmac {
    /// SHA-256: a tag of 32 bytes.
    Sha256,
    /// SHA-384: a tag of 48 bytes.
    Sha384,
    /// SHA-512: a tag of 64 bytes.
    Sha512,
}

impl<S: Storage> Secret<S> {
    /// Begins an HMAC of a message of any length, which is given piece by piece.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), and [`Error::Random`].
    pub fn hmac_stream(&self, hash: Hmac) -> Result<HmacStream<S>, Error> {
        let key = StreamKey::new(self, |_| Ok(()))?;
        let mut salt = [0; SALT_LEN];
        self.storage().random(&mut salt)?;
        Ok(HmacStream { key, hash, absorbed: Absorbed::new(salt) })
    }
}

/// An HMAC under way. It gives the tag that the whole message has, in however many pieces that came.
///
/// It keeps nothing in plain memory that could be used without the key: it ends with [`Error::Closed`] when its
/// secret is closed, and with [`Error::Replaced`] when that has got another content. After an error it gives the same
/// one for ever.
pub struct HmacStream<S: Storage> {
    key: StreamKey<S>,
    hash: Hmac,
    absorbed: Absorbed,
}

impl<S: Storage> HmacStream<S> {
    /// Takes the next bytes of the message, of which there may be any number.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::expose`], and [`Error::Replaced`].
    pub fn update(&mut self, message: &[u8]) -> Result<(), Error> {
        let (hash, absorbed) = (self.hash, &mut self.absorbed);
        self.key.with(|key| {
            let update = match hash {
                Hmac::Sha256 => update::<Sha256>,
                Hmac::Sha384 => update::<Sha384>,
                Hmac::Sha512 => update::<Sha512>,
            };
            wipe::scrubbed::<STACK, _>(|| update(absorbed, key, message));
            Ok(())
        })
    }

    /// The tag of all that came.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update).
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.with_tag(<[u8]>::to_vec)
    }

    /// Whether `tag` is the tag of all that came, in constant time. A tag of another length than the hash's is not.
    ///
    /// # Errors
    ///
    /// Those of [`update`](Self::update).
    pub fn verify(self, tag: &[u8]) -> Result<bool, Error> {
        self.with_tag(|expected| expected.ct_eq(tag).into())
    }

    fn with_tag<R>(mut self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        let (hash, absorbed) = (self.hash, &mut self.absorbed);
        self.key.with(|key| {
            let finish = match hash {
                Hmac::Sha256 => finish::<Sha256>,
                Hmac::Sha384 => finish::<Sha384>,
                Hmac::Sha512 => finish::<Sha512>,
            };
            let mut tag = Zeroizing::new([0; 64]);
            let len = wipe::scrubbed::<STACK, _>(|| finish(absorbed, key, &mut tag));
            Ok(f(&tag[..len]))
        })
    }
}

impl<S: Storage> fmt::Debug for HmacStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacStream([redacted])")
    }
}

/// What has come so far.
struct Absorbed {
    salt: [u8; SALT_LEN],
    /// The inner hash after so many blocks of the message, encrypted.
    masked: [u8; STATE_MAX],
    blocks: u64,
    /// What doesn't make a block yet: bytes of the message.
    rest: Zeroizing<[u8; BLOCK_MAX]>,
    rest_len: usize,
}

impl Absorbed {
    fn new(salt: [u8; SALT_LEN]) -> Self {
        let rest = Zeroizing::new([0; BLOCK_MAX]);
        Self { salt, masked: [0; STATE_MAX], blocks: 0, rest, rest_len: 0 }
    }

    /// Encrypts the state, or decrypts it.
    fn mask(&mut self, key: &[u8]) {
        let mut input = [0; LABEL.len() + SALT_LEN + 8];
        input[..LABEL.len()].copy_from_slice(LABEL);
        input[LABEL.len()..][..SALT_LEN].copy_from_slice(&self.salt);
        input[LABEL.len() + SALT_LEN..].copy_from_slice(&self.blocks.to_be_bytes());
        let mut mask = Output::<HmacCore<Sha512>>::default();
        hmac::<Sha512>(key, &input, &mut mask);
        for (byte, mask) in self.masked.iter_mut().zip(&mask) {
            *byte ^= mask;
        }
    }

    /// The inner hash as it is now; in `self` it is as good as gone.
    fn inner<D: EagerHash<Core: SerializableState>>(&mut self, key: &[u8]) -> D::Core {
        if self.blocks == 0 {
            return keyed::<D>(key, 0x36);
        }
        self.mask(key);
        let mut state = SerializedState::<D::Core>::default();
        let len = state.len();
        state.copy_from_slice(&self.masked[..len]);
        self.masked = [0; STATE_MAX];
        D::Core::deserialize(&state).expect("it was made by `serialize`")
    }
}

fn update<D: EagerHash<Core: SerializableState>>(
    absorbed: &mut Absorbed,
    key: &[u8],
    message: &[u8],
) {
    let mut buffer = Buffer::<D::Core>::new(&absorbed.rest[..absorbed.rest_len]);
    if message.len() >= buffer.remaining() {
        let mut inner = absorbed.inner::<D>(key);
        buffer.digest_blocks(message, |blocks| {
            inner.update_blocks(blocks);
            absorbed.blocks += blocks.len() as u64;
        });
        let state = inner.serialize();
        absorbed.masked[..state.len()].copy_from_slice(&state);
        absorbed.mask(key);
    } else {
        buffer.digest_blocks(message, |_| ());
    }
    let rest = buffer.get_data();
    absorbed.rest[..rest.len()].copy_from_slice(rest);
    absorbed.rest_len = rest.len();
}

/// Writes the tag, and says how long it is.
fn finish<D: EagerHash<Core: SerializableState>>(
    absorbed: &mut Absorbed,
    key: &[u8],
    tag: &mut [u8; 64],
) -> usize {
    let mut buffer = Buffer::<D::Core>::new(&absorbed.rest[..absorbed.rest_len]);
    let mut hash = Output::<D::Core>::default();
    absorbed.inner::<D>(key).finalize_fixed_core(&mut buffer, &mut hash);
    let mut outer = keyed::<D>(key, 0x5C);
    buffer.reset();
    buffer.digest_blocks(&hash, |blocks| outer.update_blocks(blocks));
    outer.finalize_fixed_core(&mut buffer, &mut hash);
    tag[..hash.len()].copy_from_slice(&hash);
    <D::Core as OutputSizeUser>::output_size()
}

/// The hash of the key's block, with each byte of it exclusive-ored with `pad`: the inner hash, or the outer one.
/// [`HmacCore`] would have it, too, and doesn't let go of it.
fn keyed<D: EagerHash>(key: &[u8], pad: u8) -> D::Core {
    let mut block = Block::<D::Core>::default();
    if key.len() <= block.len() {
        block[..key.len()].copy_from_slice(key);
    } else {
        let hash = D::digest(key);
        block[..hash.len()].copy_from_slice(&hash);
    }
    block.iter_mut().for_each(|byte| *byte ^= pad);
    let mut core = D::Core::default();
    core.update_blocks(core::slice::from_ref(&block));
    core
}
