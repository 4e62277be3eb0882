//! An allocator that wipes every block it frees.
//!
//! Bindings copy arguments and results through the heap, and free those copies out of our sight.
//! Wiping there, and not at each place that frees, leaves no place to forget.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};

/// The allocator `A`, with every block wiped before `A` gets it back.
pub struct Wiping<A>(pub A);

// SAFETY: `A` keeps the contract of `GlobalAlloc`, and this hands it every call with a layout that
// has at least the size and the alignment asked for, the same for a block's whole life. `realloc` and
// `alloc_zeroed` stay the defaults, which call the functions here: a `realloc` that moved the block by
// itself, or cut it short, would leave bytes behind.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match whole_words(layout) {
            // SAFETY: the caller's promise, a size that isn't 0, is the one `A` asks for.
            Some(layout) => unsafe { self.0.alloc(layout) },
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // The block exists, so its layout was found then.
        let Some(layout) = whole_words(layout) else { return };
        // SAFETY: the caller gives back a live block that nobody else uses, and `A` has made it of this
        // layout.
        unsafe { wipe(block.cast(), layout.size() / size_of::<u64>()) };
        // SAFETY: the caller's promise is the one `A` asks for.
        unsafe { self.0.dealloc(block, layout) }
    }
}

/// Writes zeros to so many words, which the compiler can't leave out.
///
/// # Safety
///
/// Nobody else uses the words.
#[inline]
pub(crate) unsafe fn wipe(block: *mut u64, words: usize) {
    for word in 0..words {
        // SAFETY: the caller's promise.
        let word = unsafe { block.add(word) };
        // SAFETY: the caller's promise.
        unsafe { word.write_volatile(0) };
    }
    // As in zeroize: what follows stays behind the writes.
    compiler_fence(Ordering::SeqCst);
}

/// The least layout of whole words that has room for `layout`: wiping takes a write for each word, not
/// for each byte.
fn whole_words(layout: Layout) -> Option<Layout> {
    Some(layout.align_to(align_of::<u64>()).ok()?.pad_to_align())
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::slice;
    use std::alloc::System;
    use std::vec::Vec;

    use super::*;

    /// Notes what is in the blocks that it gets back.
    #[derive(Default)]
    struct Inspecting {
        freed: Cell<usize>,
        dirty: Cell<usize>,
    }

    // SAFETY: `System` keeps the contract, and this hands it every call as it came.
    unsafe impl GlobalAlloc for Inspecting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise is the one `System` asks for.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: a live block of that size, which the test has written to its end.
            let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
            self.freed.set(self.freed.get() + bytes.len());
            self.dirty.set(self.dirty.get() + bytes.iter().filter(|byte| **byte != 0).count());
            // SAFETY: the caller's promise is the one `System` asks for.
            unsafe { System.dealloc(block, layout) }
        }
    }

    /// Allocates a block for each of `sizes`, one growing or shrinking into the next, fills it,
    /// and frees the last.
    fn use_blocks(heap: &impl GlobalAlloc, sizes: &[usize]) {
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        // SAFETY: the size isn't 0.
        let mut block = unsafe { heap.alloc(layout(sizes[0])) };
        for pair in sizes.windows(2) {
            // SAFETY: the block has that size.
            unsafe { block.write_bytes(0xAA, pair[0]) };
            // SAFETY: the block is live, of that layout, and the new size isn't 0.
            block = unsafe { heap.realloc(block, layout(pair[0]), pair[1]) };
        }
        let last = sizes[sizes.len() - 1];
        // SAFETY: the block has that size.
        unsafe { block.write_bytes(0xAA, last) };
        // SAFETY: the block is live and of that layout.
        unsafe { heap.dealloc(block, layout(last)) };
    }

    #[test]
    fn every_freed_block_is_wiped() {
        let sizes: Vec<usize> = [1, 7, 8, 9, 4096, 100, 100, 3].into();
        let wiping = Wiping(Inspecting::default());
        use_blocks(&wiping, &sizes);
        let whole_words: usize = sizes.iter().map(|size| size.next_multiple_of(8)).sum();
        assert_eq!(wiping.0.freed.get(), whole_words);
        assert_eq!(wiping.0.dirty.get(), 0);

        let bare = Inspecting::default();
        use_blocks(&bare, &sizes);
        assert_eq!(bare.dirty.get(), bare.freed.get(), "the control sees what isn't wiped");
        assert_eq!(bare.freed.get(), sizes.iter().sum::<usize>());
    }
}
