//! Secret bytes as atomic words.
//!
//! [`copy_into`](crate::Secret::copy_into) may look at memory that is being wiped, or that has
//! been given to another secret meanwhile; it notices afterwards and throws away what it saw.
//! That is defined behaviour only if both sides use atomic accesses, so region memory is written
//! through this module and no other way. The recipe is the one of H.-J. Boehm, "Can seqlocks get
//! along with programming language memory models?" (MSPC 2012).
//!
//! ```
//! use strongroom_core::atomic_bytes::{clear, count, load, store};
//! use strongroom_core::sync::AtomicU64;
//!
//! let words = [const { AtomicU64::new(0) }; count(13)];
//! store(&words, b"correct horse");
//! let mut out = [0; 13];
//! load(&words, &mut out);
//! assert_eq!(&out, b"correct horse");
//! clear(&words);
//! load(&words, &mut out);
//! assert_eq!(out, [0; 13]);
//! ```

use crate::sync::{AtomicU64, Ordering, fence};
use crate::wipe;

/// Bytes of a secret per atomic word.
pub const WORD: usize = 8;

/// How many words hold `len` bytes.
#[must_use]
pub const fn count(len: usize) -> usize {
    len.div_ceil(WORD)
}

/// Writes `bytes` into `words`, the last word filled up with zeros.
///
/// # Panics
///
/// If `words` is not [`count`]`(bytes.len())` long.
#[inline]
pub fn store(words: &[AtomicU64], bytes: &[u8]) {
    assert_eq!(words.len(), count(bytes.len()), "region and content differ in size");
    // ORDERING: this fence pairs with the Acquire fence of `State::word_after_reads`: a copy without a
    // pin that has seen one of the words below also sees the state word that retired what stood here
    // before.
    fence(Ordering::Release);
    wipe::in_registers(|| {
        let (whole, rest) = bytes.as_chunks::<WORD>();
        for (word, chunk) in words.iter().zip(whole) {
            // ORDERING: Relaxed; publishing is the state word's Release, and the fence above covers
            // readers that come too late.
            word.store(u64::from_ne_bytes(*chunk), Ordering::Relaxed);
        }
        if let (Some(last), false) = (words.last(), rest.is_empty()) {
            // ORDERING: Relaxed, for the reasons of the stores of whole words.
            last.store(gather(rest), Ordering::Relaxed);
        }
    });
}

/// Reads the first `out.len()` bytes of `words` into `out`; what it reads may be torn, and only
/// the state word can tell.
///
/// # Panics
///
/// If `words` is shorter than [`count`]`(out.len())`.
#[inline]
pub fn load(words: &[AtomicU64], out: &mut [u8]) {
    wipe::in_registers(|| {
        let (whole, rest) = out.as_chunks_mut::<WORD>();
        let (body, tail) = words.split_at(whole.len());
        for (chunk, word) in whole.iter_mut().zip(body) {
            // ORDERING: Relaxed; the caller either holds a pin, whose Acquire ordered these words, or
            // checks the state word after the Acquire fence of `State::word_after_reads`.
            *chunk = word.load(Ordering::Relaxed).to_ne_bytes();
        }
        if !rest.is_empty() {
            // ORDERING: Relaxed, under the same pin or before the same fence.
            scatter(tail[0].load(Ordering::Relaxed), rest);
        }
    });
}

/// [`store`] in a frame of its own, for the reason of [`load_apart`].
#[inline(never)]
pub(crate) fn store_apart(words: &[AtomicU64], bytes: &[u8]) {
    store(words, bytes);
}

/// [`load`] in a frame of its own. The last word may still be in a register afterwards, and be saved on the
/// stack by whatever is called next, if it is one of those that a function preserves; a function that calls
/// nothing takes others.
#[inline(never)]
pub(crate) fn load_apart(words: &[AtomicU64], out: &mut [u8]) {
    load(words, out);
}

/// The word of fewer than [`WORD`] bytes and zeros behind them. Pieces of known sizes stay in registers;
/// a copy of so many bytes would leave them on the stack.
#[inline(always)]
fn gather(bytes: &[u8]) -> u64 {
    let (four, rest) = bytes.split_at(bytes.len() & 4);
    let (two, one) = rest.split_at(rest.len() & 2);
    let mut word = one.first().map_or(0, |one| u64::from(*one));
    if let Ok(two) = <[u8; 2]>::try_from(two) {
        word = (word << 16) | u64::from(u16::from_le_bytes(two));
    }
    if let Ok(four) = <[u8; 4]>::try_from(four) {
        word = (word << 32) | u64::from(u32::from_le_bytes(four));
    }
    word.to_le()
}

/// Writes the first bytes of `word`, fewer than [`WORD`]: the other way around.
#[inline(always)]
fn scatter(word: u64, bytes: &mut [u8]) {
    let mut word = u64::from_le(word);
    let (four, rest) = bytes.split_at_mut(bytes.len() & 4);
    let (two, one) = rest.split_at_mut(rest.len() & 2);
    if let Ok(four) = <&mut [u8; 4]>::try_from(four) {
        *four = (word as u32).to_le_bytes();
        word >>= 32;
    }
    if let Ok(two) = <&mut [u8; 2]>::try_from(two) {
        *two = (word as u16).to_le_bytes();
        word >>= 16;
    }
    if let Some(one) = one.first_mut() {
        *one = word as u8;
    }
}

/// Overwrites `words` with zeros, in a way the compiler may not leave out.
#[inline]
pub fn clear(words: &[AtomicU64]) {
    // ORDERING: pairs with the Acquire fence of `State::word_after_reads`: a copy without a pin that
    // has seen a zero of this wipe also sees that the content was retired.
    fence(Ordering::Release);
    for word in words {
        // ORDERING: Relaxed, under the fence above.
        word.store(0, Ordering::Relaxed);
    }
    // Without this the stores above could be dropped as dead before the memory is freed.
    wipe::keep(words.as_ptr().cast());
}
