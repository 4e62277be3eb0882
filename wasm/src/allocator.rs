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
