//! Secret bytes as atomic words.
//!
//! [`copy_into`](crate::Secret::copy_into) may look at memory that is being wiped, or that has
//! been given to another secret meanwhile; it notices afterwards and throws away what it saw.
//! That is defined behaviour only if both sides use atomic accesses, so region memory is written
//! through this module and no other way. The recipe is the one of H.-J. Boehm, "Can seqlocks get
//! along with programming language memory models?" (MSPC 2012).

use crate::sync::{AtomicU64, Ordering, fence};

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
    // ORDERING: this fence pairs with the Acquire fence in `Secret::copy_into`: a reader that sees
    // one of the words below also sees the word that retired what stood here before.
    fence(Ordering::Release);
    let (whole, rest) = bytes.as_chunks::<WORD>();
    for (word, chunk) in words.iter().zip(whole) {
        // ORDERING: Relaxed; publishing is the state word's Release, and the fence above covers
        // readers that come too late.
        word.store(u64::from_ne_bytes(*chunk), Ordering::Relaxed);
    }
    if let (Some(last), false) = (words.last(), rest.is_empty()) {
        let mut chunk = [0; WORD];
        chunk[..rest.len()].copy_from_slice(rest);
        // ORDERING: Relaxed, as above.
        last.store(u64::from_ne_bytes(chunk), Ordering::Relaxed);
        crate::wipe::wipe(&mut chunk);
    }
}

/// Reads the first `out.len()` bytes of `words` into `out`; what it reads may be torn, and only
/// the state word can tell.
///
/// # Panics
///
/// If `words` is shorter than [`count`]`(out.len())`.
#[inline]
pub fn load(words: &[AtomicU64], out: &mut [u8]) {
    let (whole, rest) = out.as_chunks_mut::<WORD>();
    let (body, tail) = words.split_at(whole.len());
    for (chunk, word) in whole.iter_mut().zip(body) {
        // ORDERING: Relaxed; the caller either holds a pin, whose Acquire ordered these words, or
        // checks the state word after an Acquire fence.
        *chunk = word.load(Ordering::Relaxed).to_ne_bytes();
    }
    if !rest.is_empty() {
        // ORDERING: Relaxed, as above.
        let chunk = tail[0].load(Ordering::Relaxed).to_ne_bytes();
        rest.copy_from_slice(&chunk[..rest.len()]);
    }
}

/// Overwrites `words` with zeros, in a way the compiler may not leave out.
#[inline]
pub fn clear(words: &[AtomicU64]) {
    // ORDERING: pairs with the Acquire fence in `Secret::copy_into`: a reader that sees a zero of
    // this wipe also sees that the content was retired.
    fence(Ordering::Release);
    for word in words {
        // ORDERING: Relaxed, under the fence above.
        word.store(0, Ordering::Relaxed);
    }
    // Without this the stores above could be dropped as dead before the memory is freed.
    crate::wipe::keep(words.as_ptr().cast());
}
