//! A host on the ordinary heap, in each way in which a content can rest. It protects nothing; it
//! counts, and it takes memory away as soon as the contract allows, so that Miri sees every access
//! that comes too late.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use strongroom_core::sync::AtomicU64;
use strongroom_core::{AtRest, Error, Region, Released, Storage, atomic_bytes};

/// The ways in which contents can rest.
pub const WAYS: [AtRest; 5] = [
    AtRest::Readable,
    AtRest::PinOnly,
    AtRest::Entered,
    AtRest::Unreadable { eager: true },
    AtRest::Unreadable { eager: false },
];

/// The heap as a host. Clones share their memory and their counts.
#[derive(Clone)]
pub struct Heap {
    at_rest: AtRest,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// What optimistic readers may still look at: used again, but not freed.
    spare: Mutex<Vec<Words>>,
    allocated: AtomicUsize,
    released: AtomicUsize,
}

type Words = Vec<AtomicU64>;

impl Heap {
    /// A host whose contents rest in this way.
    #[must_use]
    pub fn new(at_rest: AtRest) -> Self {
        Self { at_rest, shared: Arc::default() }
    }

    /// How many contents there have been, and how many of them were released.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let Shared { allocated, released, .. } = &*self.shared;
        // ORDERING: Acquire pairs with the Release of the counting: who sees a release counted
        // sees it done.
        (allocated.load(Ordering::Acquire), released.load(Ordering::Acquire))
    }

    fn words(&self, len: usize) -> Result<Words, Error> {
        let count = atomic_bytes::count(len);
        let mut spare = self.shared.spare.lock().expect("nobody panics with this lock");
        if let Some(index) = spare.iter().position(|words| words.len() == count) {
            return Ok(spare.swap_remove(index));
        }
        let mut words = Words::new();
        words.try_reserve_exact(count).map_err(|_| Error::OutOfMemory { asked: len })?;
        words.resize_with(count, AtomicU64::default);
        Ok(words)
    }

    fn give_back(&self, words: Words) {
        atomic_bytes::clear(&words);
        if self.at_rest == AtRest::Readable {
            self.shared.spare.lock().expect("nobody panics with this lock").push(words);
        }
    }
}

// SAFETY: `atomic_bytes` gives as many words as `len` bytes take, from the heap or from a content that
// was given back. Scratch comes fresh from the heap if contents are `Readable`: it is allocated as
// for contents that are not, and so never becomes spare.
unsafe impl Storage for Heap {
    type Region = Content;

    fn allocate(&self, len: usize) -> Result<Content, Error> {
        let words = self.words(len)?;
        // ORDERING: Release pairs with the Acquire of `counts`.
        self.shared.allocated.fetch_add(1, Ordering::Release);
        Ok(Content { words, sealed: None, heap: self.clone() })
    }

    fn scratch(&self, len: usize) -> Result<Content, Error> {
        Self { at_rest: AtRest::PinOnly, shared: Arc::default() }.allocate(len)
    }

    fn relax(&self, _attempt: u32) -> Result<(), Error> {
        thread::yield_now();
        Ok(())
    }
}

/// A content on the heap.
pub struct Content {
    words: Words,
    /// The words while the content is sealed.
    sealed: Option<Vec<u64>>,
    heap: Heap,
}

// SAFETY:
// 1. The vector owns its words and isn't grown; it is dropped by `seal` and `release` only.
// 2. The words of a `Readable` content become spare, with the host, which every handle holds.
// 3. `open` makes new words, which live until the next `seal` or `release`; those of an `Entered`
//    content stay where they are, and are open to all threads.
// 4. `give_back` clears all words; a sealed content has none. It unwinds only if the lock is
//    poisoned, which takes a panic of the allocator.
unsafe impl Region for Content {
    fn start(&self) -> NonNull<AtomicU64> {
        NonNull::from(self.words.as_slice()).cast()
    }

    fn at_rest(&self) -> AtRest {
        self.heap.at_rest
    }

    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        if self.at_rest() == AtRest::Entered {
            return Ok(self.start());
        }
        let sealed = self.sealed.take().expect("only sealed contents are opened");
        self.words = sealed.into_iter().map(|word| AtomicU64::new(!word)).collect();
        Ok(self.start())
    }

    fn make_unreadable(&mut self) -> Result<(), Error> {
        if self.at_rest() == AtRest::Entered {
            return Ok(());
        }
        assert!(self.sealed.is_none(), "only open contents are sealed");
        // ORDERING: Relaxed; the core has ordered all accesses before this call.
        self.sealed = Some(self.words.iter().map(|word| !word.load(Ordering::Relaxed)).collect());
        self.heap.give_back(std::mem::take(&mut self.words));
        Ok(())
    }

    fn release(self) -> Released {
        let Self { words, heap, .. } = self;
        heap.give_back(words);
        // ORDERING: Release pairs with the Acquire of `counts`.
        heap.shared.released.fetch_add(1, Ordering::Release);
        Released::Intact
    }
}
