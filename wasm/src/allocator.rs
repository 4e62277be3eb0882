//! An allocator that wipes every block it frees.
//!
//! Bindings copy arguments and results through the heap, and free those copies out of our sight.
//! Wiping there, and not at each place that frees, leaves no place to forget.

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::slice;

use zeroize::Zeroize;

/// The allocator `A`, with every block wiped before `A` gets it back.
pub struct Wiping<A>(pub A);

// SAFETY: `A` keeps the contract of `GlobalAlloc`, and this hands it every call with the arguments
// it got. `realloc` stays the default, which allocates, copies and frees, since one that moved the
// block by itself, or cut it short, would leave bytes behind.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one `A` asks for.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one `A` asks for.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back a live block of `layout.size()` bytes that nobody else
        // uses; whether they were ever written doesn't matter to `MaybeUninit`.
        let bytes =
            unsafe { slice::from_raw_parts_mut(block.cast::<MaybeUninit<u8>>(), layout.size()) };
        bytes.zeroize();
        // SAFETY: the caller's promise is the one `A` asks for.
        unsafe { self.0.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
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
        assert_eq!(wiping.0.freed.get(), sizes.iter().sum::<usize>());
        assert_eq!(wiping.0.dirty.get(), 0);

        let bare = Inspecting::default();
        use_blocks(&bare, &sizes);
        assert_eq!(bare.dirty.get(), bare.freed.get(), "the control sees what isn't wiped");
    }
}
