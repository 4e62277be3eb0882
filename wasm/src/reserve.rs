//! An allocator that keeps some memory back for what can't be refused.
//!
//! What bindings make for arguments and results, the box behind a handle and the count of a secret's
//! handles are asked for in ways that have no error: where the heap has nothing left, they trap. All of
//! that is small. So what is large, and every new secret, is refused while the reserve isn't whole, and
//! what is small may be taken out of it. It comes back as soon as the call is over that took it.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr;

use crate::free_list::FreeList;

/// The most bytes that may be taken out of the reserve at a time. Larger arguments that don't fit are a
/// trap, which the canonical ABI leaves no way around.
const SMALL: usize = 4 * 1024;

/// Room for three arguments and a result, and as much again to be split up badly.
const RESERVE: Layout = Layout::new::<[u64; 4 * 1024]>();

/// More than what a new secret takes beside its bytes: a reference count with the state, aligned to a
/// cache line, and the box behind its handle.
const SECRET: Layout = Layout::new::<[u64; 128]>();

/// The allocator `A`, with blocks at hand and some memory kept back.
pub(crate) struct Reserve<A> {
    heap: FreeList<A>,
    kept: Cell<*mut u8>,
}

// SAFETY: without atomics, a wasm instance has one thread.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<A: Sync> Sync for Reserve<A> {}

impl<A> Reserve<A> {
    /// Nothing is kept yet.
    pub(crate) const fn new(rest: A) -> Self {
        Self { heap: FreeList::new(rest), kept: Cell::new(ptr::null_mut()) }
    }
}

impl<A: GlobalAlloc> Reserve<A> {
    /// Whether there is room for one more secret, whose bytes have theirs already, beside the reserve.
    pub(crate) fn has_room(&self) -> bool {
        if !self.is_whole() {
            return false;
        }
        // SAFETY: the size isn't 0.
        let block = unsafe { self.allocate(SECRET, Self::drain) };
        if block.is_null() {
            return false;
        }
        // SAFETY: allocated above, with this layout.
        unsafe { self.heap.dealloc(block, SECRET) };
        true
    }

    #[inline]
    fn is_whole(&self) -> bool {
        !self.kept.get().is_null() || self.refill()
    }

    #[cold]
    fn refill(&self) -> bool {
        // SAFETY: the size isn't 0.
        let block = unsafe { self.allocate(RESERVE, Self::drain) };
        self.kept.set(block);
        !block.is_null()
    }

    /// A block of the heap's; where it has none, one more attempt after `make_room`.
    ///
    /// # Safety
    ///
    /// The size isn't 0.
    #[inline]
    unsafe fn allocate(&self, layout: Layout, make_room: fn(&Self)) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { self.heap.alloc(layout) };
        if !block.is_null() {
            return block;
        }
        make_room(self);
        // SAFETY: the caller's promise.
        unsafe { self.heap.alloc(layout) }
    }

    /// Lets small blocks that are at hand become parts of larger ones.
    #[cold]
    fn drain(&self) {
        self.heap.drain();
    }

    /// Gives up the reserve for what is small.
    #[cold]
    fn give_up(&self) {
        let kept = self.kept.replace(ptr::null_mut());
        if !kept.is_null() {
            // SAFETY: `refill` has allocated it with this layout, and nobody else has it.
            unsafe { self.heap.dealloc(kept, RESERVE) };
        }
    }
}

// SAFETY: all calls are handed to the heap as they came, or refused, which any allocator may do; the
// reserve is a block of the heap's that nobody else has. `realloc` and `alloc_zeroed` stay the defaults.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Reserve<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() <= SMALL {
            // SAFETY: the caller's promise.
            unsafe { self.allocate(layout, Self::give_up) }
        } else if self.is_whole() {
            // SAFETY: the caller's promise.
            unsafe { self.allocate(layout, Self::drain) }
        } else {
            ptr::null_mut()
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the one the heap asks for.
        unsafe { self.heap.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::System;
    use std::vec::Vec;

    use super::*;

    /// Has so many bytes.
    struct Limited(Cell<usize>);

    // SAFETY: `System` keeps the contract, and this hands it every call as it came, or refuses it.
    unsafe impl GlobalAlloc for Limited {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let Some(left) = self.0.get().checked_sub(layout.size()) else {
                return ptr::null_mut();
            };
            self.0.set(left);
            // SAFETY: the caller's promise is the one `System` asks for.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            self.0.set(self.0.get() + layout.size());
            // SAFETY: the caller's promise is the one `System` asks for.
            unsafe { System.dealloc(block, layout) }
        }
    }

    fn bytes(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn what_is_small_is_had_where_nothing_else_is() {
        let heap = Reserve::new(Limited(Cell::new(RESERVE.size() + SECRET.size() + SMALL)));
        assert!(heap.has_room());
        // Everything but the reserve.
        // SAFETY: the size isn't 0.
        let large = unsafe { heap.alloc(bytes(SMALL + 64)) };
        assert!(!large.is_null() && !heap.has_room());

        let mut small = Vec::new();
        // SAFETY: the size isn't 0.
        small.extend((0..8).map(|_| unsafe { heap.alloc(bytes(SMALL)) }));
        assert!(small.iter().all(|block| !block.is_null()), "out of the reserve");
        assert!(!heap.has_room());
        // SAFETY: the size isn't 0.
        assert!(unsafe { heap.alloc(bytes(SMALL + 1)) }.is_null(), "the reserve isn't whole");

        for block in small {
            // SAFETY: a live block of that layout.
            unsafe { heap.dealloc(block, bytes(SMALL)) };
        }
        // SAFETY: a live block of that layout.
        unsafe { heap.dealloc(large, bytes(SMALL + 64)) };
        assert!(heap.has_room());
        heap.give_up();
    }

    #[test]
    fn blocks_at_hand_come_back_for_the_reserve() {
        let heap = Reserve::new(Limited(Cell::new(RESERVE.size())));
        // SAFETY: the size isn't 0.
        let block = unsafe { heap.alloc(bytes(8)) };
        // SAFETY: a live block of that layout.
        unsafe { heap.dealloc(block, bytes(8)) };
        assert!(heap.is_whole(), "what is at hand was given back");
        heap.give_up();
    }
}
