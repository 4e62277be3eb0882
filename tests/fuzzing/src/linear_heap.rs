//! The allocator of linear memory, against the bytes that were written to its blocks: none changes, and
//! what goes back is wiped.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::{ptr, slice};

use arbitrary::{Arbitrary, Unstructured};

use crate::allocator::Wiping;
use crate::course;
use crate::reserve::Reserve;

/// What the heap may have in all, as linear memory has an end.
const MEMORY: usize = 1 << 18;

#[derive(Arbitrary)]
enum Event {
    Allocate { size: u16, align: u8, zeroed: bool },
    Resize { which: u8, size: u16 },
    Free(u8),
    AskForRoom,
}

/// The system's heap, with an end, which looks at what it gets back.
struct Checked {
    left: Cell<usize>,
    /// What it has given, and not got back.
    given: RefCell<Vec<(*mut u8, Layout)>>,
}

impl Checked {
    fn new() -> Self {
        Self { left: Cell::new(MEMORY), given: RefCell::default() }
    }
}

impl Drop for Checked {
    /// What is kept at hand never comes back.
    fn drop(&mut self) {
        for (block, layout) in self.given.take() {
            // SAFETY: a live block of that layout, whose user is gone.
            unsafe { System.dealloc(block, layout) };
        }
    }
}

// SAFETY: `System` keeps the contract, and this hands it every call as it came, or refuses it.
unsafe impl GlobalAlloc for Checked {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(left) = self.left.get().checked_sub(layout.size()) else {
            return ptr::null_mut();
        };
        self.left.set(left);
        // SAFETY: the caller's promise is the one `System` asks for.
        let block = unsafe { System.alloc(layout) };
        assert!(!block.is_null(), "the system has no memory for {layout:?}");
        self.given.borrow_mut().push((block, layout));
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: a live block of that size; what has been wiped is initialised.
        let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
        assert!(bytes.iter().all(|byte| *byte == 0), "what goes back is wiped");
        self.left.set(self.left.get() + layout.size());
        let mut given = self.given.borrow_mut();
        let at = given.iter().position(|given| *given == (block, layout));
        given.swap_remove(at.expect("what comes back was given, with this layout"));
        // SAFETY: the caller's promise is the one `System` asks for.
        unsafe { System.dealloc(block, layout) }
    }
}

/// A block that is in use, filled with bytes of one value.
struct Block {
    start: *mut u8,
    layout: Layout,
    value: u8,
}

impl Block {
    fn new(start: *mut u8, layout: Layout, value: u8) -> Self {
        assert!(start.addr().is_multiple_of(layout.align()), "{layout:?} at {start:?}");
        // SAFETY: the block has that size.
        unsafe { start.write_bytes(value, layout.size()) };
        Self { start, layout, value }
    }

    /// Asserts that the first `len` bytes are as they were written.
    fn assert_whole(&self, len: usize) {
        // SAFETY: the block has at least that size, and all of it has been written.
        let bytes = unsafe { slice::from_raw_parts(self.start, len) };
        assert!(bytes.iter().all(|byte| *byte == self.value), "{:?}", self.layout);
    }
}

/// Plays what `input` says.
///
/// # Panics
///
/// If blocks share bytes, or one goes back that isn't wiped.
pub fn check(input: &[u8]) {
    play(&Reserve::new(Wiping(Checked::new())), input);
}

fn play(heap: &Reserve<impl GlobalAlloc>, input: &[u8]) {
    let events: Vec<Event> = course(Unstructured::new(input));
    let mut blocks: Vec<Block> = Vec::new();
    for (event, value) in events.into_iter().zip((1..=u8::MAX).cycle()) {
        match event {
            Event::Allocate { size, align, zeroed } => {
                let layout = Layout::from_size_align(usize::from(size) + 1, 1 << (align % 7));
                let layout = layout.expect("it is small");
                let start = if zeroed {
                    // SAFETY: the size isn't 0.
                    unsafe { heap.alloc_zeroed(layout) }
                } else {
                    // SAFETY: the size isn't 0.
                    unsafe { heap.alloc(layout) }
                };
                if start.is_null() {
                    continue;
                }
                if zeroed {
                    Block { start, layout, value: 0 }.assert_whole(layout.size());
                }
                blocks.push(Block::new(start, layout, value));
            }
            Event::Resize { which, size } => {
                let Some(at) = usize::from(which).checked_rem(blocks.len()) else { continue };
                let Block { start, layout, value: before } = blocks[at];
                let size = usize::from(size) + 1;
                blocks[at].assert_whole(layout.size());
                // SAFETY: the block is live, of that layout, and the new size isn't 0.
                let start = unsafe { heap.realloc(start, layout, size) };
                if start.is_null() {
                    continue;
                }
                let kept = layout.size().min(size);
                let layout = Layout::from_size_align(size, layout.align()).expect("it is small");
                Block { start, layout, value: before }.assert_whole(kept);
                blocks[at] = Block::new(start, layout, value);
            }
            Event::Free(which) => {
                let Some(at) = usize::from(which).checked_rem(blocks.len()) else { continue };
                free(heap, &blocks.swap_remove(at));
            }
            Event::AskForRoom => _ = heap.has_room(),
        }
    }
    blocks.iter().for_each(|block| free(heap, block));
}

fn free(heap: &impl GlobalAlloc, block: &Block) {
    block.assert_whole(block.layout.size());
    // SAFETY: the block is live and of that layout.
    unsafe { heap.dealloc(block.start, block.layout) };
}

#[cfg(test)]
mod tests {
    use super::{Checked, Reserve, play};

    #[test]
    #[should_panic(expected = "what goes back is wiped")]
    fn a_heap_that_wipes_nothing_is_found() {
        let byte = |at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8;
        let input: Vec<u8> = (0..4000).map(byte).collect();
        play(&Reserve::new(Checked::new()), &input);
    }
}
