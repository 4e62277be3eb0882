//! Searching memory for what a secret has left behind.
//!
//! The search reads addresses directly, for the kernel shows memfd_secret pages to nobody else, not
//! even through `/proc/self/mem`. It keeps what it looks for masked, lest it find itself.

use std::ops::Range;
use std::{array, fs, io, ptr};

use crate::linux::threads;

/// Bytes that two pieces of memory must have in common to count as residue.
pub const WINDOW: usize = 8;

/// Bytes of what is looked at first. Every window covers such a word where the address is a multiple.
const WORD: usize = 4;

/// Bytes that are looked at together.
const BLOCK: usize = 512;

/// What HMAC makes of its key, and the key itself: every byte of it combined with one value.
const PADS: [u8; 3] = [0x00, 0x36, 0x5C];

/// A secret to look for, masked.
pub struct Needle {
    mask: [u8; 8],
    /// The bytes, each combined with the mask's at the same position modulo 8.
    masked: Vec<u8>,
    /// Every window of the bytes and of what HMAC makes of them, masked and sorted.
    windows: Vec<u64>,
    /// What every word of them selects: most memory is told from the secret by this alone.
    filter: Vec<bool>,
}

impl Needle {
    /// The needle for the bytes of `secret`, of which no copy is made.
    ///
    /// # Panics
    ///
    /// If there are fewer than [`WINDOW`], or the system has no random bytes for the mask.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let mask = random();
        Self::masked(mask, secret.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b).collect())
    }

    /// The needle for a secret that nobody knows yet.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[must_use]
    pub fn random(len: usize) -> Self {
        Self::masked(random(), (0..len).map(|_| random::<1>()[0]).collect())
    }

    fn masked(mask: [u8; 8], masked: Vec<u8>) -> Self {
        assert!(
            masked.len() >= WINDOW,
            "{} bytes are too few to be told from others",
            masked.len()
        );
        let mut windows = Vec::new();
        let mut filter = vec![false; 1 << 16];
        for pad in PADS {
            let byte = |at: usize, i: usize| masked[at + i] ^ (mask[(at + i) % 8] ^ mask[i] ^ pad);
            let window = |at| u64::from_ne_bytes(array::from_fn(|i| byte(at, i)));
            windows.extend((0..=masked.len() - WINDOW).map(window));
            let word = |at| u32::from_ne_bytes(array::from_fn(|i| byte(at, i)));
            (0..=masked.len() - WORD).for_each(|at| filter[bit(word(at))] = true);
        }
        windows.sort_unstable();
        Self { mask, masked, windows, filter }
    }

    /// Writes the secret itself to `out`.
    ///
    /// # Panics
    ///
    /// If `out` has another length.
    pub fn unmask_into(&self, out: &mut [u8]) {
        assert_eq!(out.len(), self.masked.len());
        for ((out, masked), mask) in out.iter_mut().zip(&self.masked).zip(self.mask.iter().cycle())
        {
            *out = masked ^ mask;
        }
    }

    /// How many places in `memory` show a window of the secret.
    ///
    /// # Safety
    ///
    /// All of `memory` must be readable. It may change meanwhile.
    #[must_use]
    pub unsafe fn count_in(&self, memory: Range<usize>) -> usize {
        let mask = u64::from_ne_bytes(self.mask);
        let word_mask = u32::from_ne_bytes(array::from_fn(|i| self.mask[i]));
        let is_window = |start: usize| {
            memory.start <= start && start + WINDOW <= memory.end && {
                // SAFETY: the caller's promise, as the window is in `memory`.
                let window = unsafe { read::<WINDOW>(start) };
                self.windows.binary_search(&(u64::from_ne_bytes(window) ^ mask)).is_ok()
            }
        };
        // A window begins at the first aligned word that it covers, or up to 3 bytes before it.
        let covering = |word: usize| {
            // SAFETY: the caller's promise, as the word is in `memory`.
            let seen = u32::from_ne_bytes(unsafe { read::<WORD>(word) });
            if !self.filter[bit(seen ^ word_mask)] {
                return 0;
            }
            (word.saturating_sub(WORD - 1)..=word).filter(|start| is_window(*start)).count()
        };
        let words = memory.start.next_multiple_of(WORD)..memory.end.saturating_sub(WORD - 1);
        words
            .clone()
            .step_by(BLOCK)
            .map(|start| start..words.end.min(start + BLOCK))
            // SAFETY: the caller's promise, as all of every word is in `memory`.
            .filter(|block| !unsafe { is_zero(block.start..block.end.next_multiple_of(WORD)) })
            .map(|block| block.step_by(WORD).map(covering).sum::<usize>())
            .sum()
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// What a masked word selects in the filter.
fn bit(word: u32) -> usize {
    (word.wrapping_mul(0x9E37_79B9) >> 16) as usize
}

/// Whether there is nothing but zeros in `memory`, no more than a [`BLOCK`]. Most memory is so, and
/// is passed by faster.
///
/// # Safety
///
/// It must be readable.
unsafe fn is_zero(memory: Range<usize>) -> bool {
    static ZEROS: [u8; BLOCK] = [0; BLOCK];
    let start = ptr::with_exposed_provenance(memory.start);
    // SAFETY: the caller's promise; there are as many zeros to compare with.
    unsafe { libc::memcmp(start, ZEROS.as_ptr().cast(), memory.len().min(BLOCK)) == 0 }
}

/// Reads some bytes, anywhere.
///
/// # Safety
///
/// They must be readable.
unsafe fn read<const N: usize>(address: usize) -> [u8; N] {
    let bytes = ptr::with_exposed_provenance::<[u8; N]>(address);
    // SAFETY: the caller's promise; bytes need no alignment. Volatile, since others may write.
    unsafe { bytes.read_volatile() }
}

/// What a search has found.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Found {
    /// Places that show a window of a secret.
    pub windows: usize,
    /// Bytes searched.
    pub searched: usize,
}

/// Searches all memory that this process has filled and can read. Nobody else may map or unmap memory
/// meanwhile; threads that have just been started, and still do, are waited for.
///
/// # Errors
///
/// If `/proc` doesn't say what there is.
pub fn search_process(needles: &[&Needle]) -> io::Result<Found> {
    threads::wait_for_others();
    let mut found = Found::default();
    for memory in mappings()? {
        found.searched += memory.len();
        for needle in needles {
            // SAFETY: the kernel has just said that these pages are readable, and nobody unmaps.
            found.windows += unsafe { needle.count_in(memory.clone()) };
        }
    }
    Ok(found)
}

/// The address ranges that this process can read and that are not the unchanged contents of a file.
fn mappings() -> io::Result<Vec<Range<usize>>> {
    let maps = fs::read_to_string("/proc/self/maps")?;
    let parse = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let permissions = fields.next()?;
        let name = fields.nth(3).unwrap_or_default();
        let address = |hex| usize::from_str_radix(hex, 16).ok();
        let range = address(start)?..address(end)?;
        let readable = permissions.starts_with('r');
        // What the kernel calls so is anonymous memory that is shared, and secret memory.
        let anonymous = name.is_empty() || name == "/dev/zero" || name == "/secretmem";
        let filled = permissions.starts_with("rw") || anonymous;
        let device = name.starts_with("/dev/") && name != "/dev/zero";
        (readable && filled && !device).then_some(range)
    };
    Ok(maps.lines().filter_map(parse).collect())
}
