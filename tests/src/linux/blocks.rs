//! An allocator that looks at blocks of one size when they are freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::slice;

/// The system's allocator, watched.
pub struct Blocks;

thread_local! {
    static WATCHED: Cell<Option<Watched>> = const { Cell::new(None) };
}

/// The blocks of one size that one thread has used.
#[derive(Clone, Copy)]
pub struct Watched {
    size: usize,
    clean: usize,
    dirty: usize,
    last: *mut u8,
}

impl Watched {
    /// Blocks that were freed as zeros.
    #[must_use]
    pub fn clean(&self) -> usize {
        self.clean
    }

    /// Blocks that had other bytes in them when they were freed.
    #[must_use]
    pub fn dirty(&self) -> usize {
        self.dirty
    }

    /// The block that was allocated last.
    #[must_use]
    pub fn last(&self) -> *mut u8 {
        self.last
    }
}

/// Runs `f`, and says what became of the blocks of `size` bytes that this thread used in it.
pub fn watch(size: usize, f: impl FnOnce()) -> Watched {
    WATCHED.set(Some(Watched { size, clean: 0, dirty: 0, last: ptr::null_mut() }));
    f();
    WATCHED.take().expect("watches don't nest")
}

/// Lets `f` note something about a block of `layout`, if its size is watched.
fn note(layout: Layout, f: impl FnOnce(&mut Watched)) {
    // A thread that ends frees blocks when its variables are gone; they are not watched.
    let _ = WATCHED.try_with(|watched| {
        let Some(mut noted) = watched.get().filter(|watched| watched.size == layout.size()) else {
            return;
        };
        f(&mut noted);
        watched.set(Some(noted));
    });
}

// SAFETY: the system's allocator does it all; what is added reads a block before it is freed.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { System.alloc(layout) };
        note(layout, |watched| watched.last = block);
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { System.alloc_zeroed(layout) };
        note(layout, |watched| watched.last = block);
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(layout, |watched| {
            // SAFETY: the caller owns the block, all of which was written at some time.
            let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
            let zero = bytes.iter().all(|byte| *byte == 0);
            watched.clean += usize::from(zero);
            watched.dirty += usize::from(!zero);
        });
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) };
    }
}
