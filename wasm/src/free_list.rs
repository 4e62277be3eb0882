//! An allocator that keeps what is small for the next who asks, wiped.
//!
//! A call of a component takes a block for each list that crosses, and frees it soon after. To join two
//! such blocks with their neighbours and to split them off again takes a general allocator a sixth of
//! the time of an empty call.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr;

use crate::allocator::wipe;

/// What is small: a key, a tag, a short message.
const SMALL: Layout = Layout::new::<[u64; 8]>();

/// The allocator `A`, which gets back no block of up to 64 bytes before it is asked to. Such blocks are wiped here:
/// of one size, eight writes and no loop.
pub(crate) struct FreeList<A> {
    rest: A,
    first: Cell<*mut Free>,
}

/// A block that nobody uses.
struct Free {
    next: *mut Free,
}

// SAFETY: without atomics, a wasm instance has one thread.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<A: Sync> Sync for FreeList<A> {}

impl<A> FreeList<A> {
    /// Nothing is kept yet.
    pub(crate) const fn new(rest: A) -> Self {
        Self { rest, first: Cell::new(ptr::null_mut()) }
    }
}

impl<A: GlobalAlloc> FreeList<A> {
    /// Gives back to `A` all that is kept.
    pub(crate) fn drain(&self) {
        let mut next = self.first.replace(ptr::null_mut());
        while !next.is_null() {
            let block = next;
            // SAFETY: what is in the list is a `Free`, which `dealloc` has written.
            next = unsafe { (*block).next };
            // SAFETY: `alloc` has made it of the layout `SMALL`, and nobody uses it.
            unsafe { self.rest.dealloc(block.cast(), SMALL) };
        }
    }
}

fn is_small(layout: Layout) -> bool {
    layout.size() <= SMALL.size() && layout.align() <= SMALL.align()
}

// SAFETY: a block of `A`'s with the layout `SMALL` has the size and the alignment of any that is small.
// It is in the list from when it is freed until it is handed out again, so nobody else uses it then.
// All other calls are handed to `A` as they came, which keeps the contract; `realloc` and
// `alloc_zeroed` stay the defaults, which call the functions here.
unsafe impl<A: GlobalAlloc> GlobalAlloc for FreeList<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_small(layout) {
            // SAFETY: the caller's promise is the one `A` asks for.
            return unsafe { self.rest.alloc(layout) };
        }
        let first = self.first.get();
        if first.is_null() {
            // SAFETY: the size isn't 0.
            return unsafe { self.rest.alloc(SMALL) };
        }
        // SAFETY: what is in the list is a `Free`, which `dealloc` has written.
        self.first.set(unsafe { (*first).next });
        first.cast()
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !is_small(layout) {
            // SAFETY: the caller's promise is the one `A` asks for.
            return unsafe { self.rest.dealloc(block, layout) };
        }
        // SAFETY: `alloc` has made it of the layout `SMALL`, and the caller gives it back.
        unsafe { wipe(block.cast(), SMALL.size() / size_of::<u64>()) };
        let block: *mut Free = block.cast();
        // SAFETY: as above.
        unsafe { block.write(Free { next: self.first.get() }) };
        self.first.set(block);
    }
}

#[cfg(test)]
mod tests {
    use core::slice;
    use std::alloc::System;
    use std::vec::Vec;

    use super::*;

    /// Notes the layouts of the blocks that it gives and gets back.
    #[derive(Default)]
    struct Noting {
        given: Cell<Vec<Layout>>,
        returned: Cell<Vec<Layout>>,
    }

    fn note(layouts: &Cell<Vec<Layout>>, layout: Layout) {
        let mut noted = layouts.take();
        noted.push(layout);
        layouts.set(noted);
    }

    // SAFETY: `System` keeps the contract, and this hands it every call as it came.
    unsafe impl GlobalAlloc for Noting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            note(&self.given, layout);
            // SAFETY: the caller's promise is the one `System` asks for.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            note(&self.returned, layout);
            // SAFETY: the caller's promise is the one `System` asks for.
            unsafe { System.dealloc(block, layout) }
        }
    }

    /// Gives back to the system what the list keeps, and says how many blocks that were.
    fn end(list: FreeList<Noting>) -> usize {
        let mut kept = 0;
        while !list.first.get().is_null() {
            // SAFETY: the size isn't 0.
            let block = unsafe { list.alloc(SMALL) };
            // SAFETY: a live block of that layout.
            unsafe { System.dealloc(block, SMALL) };
            kept += 1;
        }
        kept
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn what_is_small_is_used_again() {
        let list = FreeList::new(Noting::default());
        for size in [1, 32, 64, 8] {
            // SAFETY: the size isn't 0.
            let block = unsafe { list.alloc(layout(size, 8)) };
            // SAFETY: a live block of that layout.
            unsafe { list.dealloc(block, layout(size, 8)) };
        }
        assert_eq!(list.rest.given.take(), [SMALL]);
        assert_eq!(list.rest.returned.take(), []);
        assert_eq!(end(list), 1);
    }

    #[test]
    fn what_is_kept_is_wiped() {
        let list = FreeList::new(Noting::default());
        // SAFETY: the size isn't 0.
        let block = unsafe { list.alloc(SMALL) };
        // SAFETY: the block has that size.
        unsafe { block.write_bytes(0xAA, SMALL.size()) };
        // SAFETY: a live block of that layout.
        unsafe { list.dealloc(block, SMALL) };

        // SAFETY: the list keeps the block, and nobody uses it.
        let kept = unsafe { slice::from_raw_parts(block, SMALL.size()) };
        assert_eq!(kept, [0; SMALL.size()], "it is the first, so it points to no other");
        assert_eq!(end(list), 1);
    }

    #[test]
    fn what_is_large_or_aligned_goes_back() {
        let list = FreeList::new(Noting::default());
        let others = [layout(65, 1), layout(16, 16), layout(4096, 8)];
        for other in others {
            // SAFETY: the size isn't 0.
            let block = unsafe { list.alloc(other) };
            // SAFETY: a live block of that layout.
            unsafe { list.dealloc(block, other) };
        }
        assert_eq!(list.rest.given.take(), others);
        assert_eq!(list.rest.returned.take(), others);
        assert_eq!(end(list), 0);
    }

    #[test]
    fn blocks_in_use_are_apart() {
        const BLOCKS: u8 = 40;
        let list = FreeList::new(Noting::default());
        let size = |number: u8| 1 + usize::from(number) % 64;
        let fill = |number: u8| {
            // SAFETY: the size isn't 0.
            let block = unsafe { list.alloc(layout(size(number), 1)) };
            // SAFETY: the block has that size.
            unsafe { block.write_bytes(number, size(number)) };
            block
        };
        let check_and_free = |number: u8, block: *mut u8| {
            // SAFETY: the block has that size, and was filled.
            let bytes = unsafe { slice::from_raw_parts(block, size(number)) };
            assert!(bytes.iter().all(|byte| *byte == number), "block {number}: {bytes:?}");
            // SAFETY: a live block of that layout.
            unsafe { list.dealloc(block, layout(size(number), 1)) };
        };

        let mut blocks: Vec<_> = (0..BLOCKS).map(|number| (number, fill(number))).collect();
        // Every other one is freed and made anew, a few times, while its neighbours stay.
        for _ in 0..3 {
            for (number, block) in blocks.iter().step_by(2) {
                check_and_free(*number, *block);
            }
            for (number, block) in blocks.iter_mut().step_by(2) {
                *block = fill(*number);
            }
        }
        for (number, block) in blocks {
            check_and_free(number, block);
        }
        assert_eq!(list.rest.given.take().len(), usize::from(BLOCKS));
        assert_eq!(end(list), usize::from(BLOCKS));
    }
}
