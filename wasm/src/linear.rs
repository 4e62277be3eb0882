//! Secrets in linear memory.

use alloc::vec::Vec;
use core::ptr::NonNull;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Error, Region, Released, Storage, atomic_bytes};

/// The heap of a wasm instance as the storage of secrets.
///
/// It has one thread, so nobody who holds a lock could ever let it go while another waits for it:
/// what would wait fails with [`Error::Busy`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Linear;

// SAFETY: `allocate` makes a block of exactly the words that `len` bytes take, and it is
// `PinOnly`, in scratch use as in any other.
unsafe impl Storage for Linear {
    type Region = Block;

    fn allocate(&self, len: usize) -> Result<Block, Error> {
        let count = atomic_bytes::count(len);
        let out_of_memory = Error::OutOfMemory { asked: count.saturating_mul(atomic_bytes::WORD) };
        let mut words = Vec::new();
        words.try_reserve_exact(count).map_err(|_| out_of_memory)?;
        if !crate::has_room() {
            return Err(out_of_memory);
        }
        words.resize_with(count, || AtomicU64::new(0));
        Ok(Block { words })
    }

    #[cfg(any(feature = "component", all(target_family = "wasm", feature = "js")))]
    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        crate::random(out)
    }

    fn relax(&self, _attempt: u32) -> Result<(), Error> {
        Err(Error::Busy)
    }
}

/// A block of the heap that holds one content.
pub struct Block {
    words: Vec<AtomicU64>,
}

// SAFETY:
// 1. The vector owns its words, has their exact number, and is neither grown nor dropped before
//    `release`; moving it doesn't move them, and atomics may be written through a shared pointer.
// 2. Not `Readable`: the heap gives a freed block to anyone.
// 3. Never made unreadable.
// 4. `clear` overwrites all words and doesn't unwind, nor does freeing them.
unsafe impl Region for Block {
    fn start(&self) -> NonNull<AtomicU64> {
        NonNull::from(self.words.as_slice()).cast()
    }

    fn at_rest(&self) -> AtRest {
        AtRest::PinOnly
    }

    fn release(self) -> Released {
        atomic_bytes::clear(&self.words);
        Released::Intact
    }
}
