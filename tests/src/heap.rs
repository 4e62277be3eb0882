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
    unused: Mutex<Vec<Words>>,
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
        let mut unused = self.shared.unused.lock().expect("nobody panics with this lock");
        if let Some(index) = unused.iter().position(|words| words.len() == count) {
            return Ok(unused.swap_remove(index));
        }
        let mut words = Words::new();
        words.try_reserve_exact(count).map_err(|_| Error::OutOfMemory { asked: len })?;
        words.resize_with(count, AtomicU64::default);
        Ok(words)
    }

    fn give_back(&self, words: Words) {
        atomic_bytes::clear(&words);
        if self.at_rest == AtRest::Readable {
            self.shared.unused.lock().expect("nobody panics with this lock").push(words);
        }
    }
}

// SAFETY: `atomic_bytes` gives as many words as `len` bytes take, from the heap or from a content that
// was given back. Scratch comes fresh from the heap if contents are `Readable`: it is allocated as
// for contents that are not, and so is never used again.
unsafe impl Storage for Heap {
    type Region = Content;

    fn allocate(&self, len: usize) -> Result<Content, Error> {
        let words = self.words(len)?;
        // ORDERING: Release pairs with the Acquire of `counts`.
        self.shared.allocated.fetch_add(1, Ordering::Release);
        Ok(Content { words, resting: None, heap: self.clone() })
    }

    fn scratch(&self, len: usize) -> Result<Content, Error> {
        Self { at_rest: AtRest::PinOnly, shared: Arc::default() }.allocate(len)
    }

    fn relax(&self, _attempt: u32) -> Result<(), Error> {
        thread::yield_now();
        Ok(())
    }

    fn barrier(&self) -> Result<(), Error> {
        match self.at_rest {
            AtRest::Readable | AtRest::PinOnly => barrier(),
            AtRest::Entered | AtRest::Unreadable { .. } => {
                Err(Error::Unsupported { what: "contents that are read without a pin" })
            }
        }
    }
}

/// Stands for a barrier of all threads, which Miri doesn't know: they run the other side of it as a fence there.
#[cfg(miri)]
fn barrier() -> Result<(), Error> {
    std::sync::atomic::fence(Ordering::SeqCst);
    Ok(())
}

#[cfg(all(target_os = "linux", not(miri)))]
fn barrier() -> Result<(), Error> {
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;
    for command in [REGISTER_PRIVATE_EXPEDITED, PRIVATE_EXPEDITED] {
        // SAFETY: the call takes integers and changes no memory.
        if unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) } != 0 {
            return Err(Error::Unsupported { what: "membarrier" });
        }
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", miri)))]
fn barrier() -> Result<(), Error> {
    Err(Error::Unsupported { what: "a barrier for all threads" })
}

/// A content on the heap.
pub struct Content {
    words: Words,
    /// The words while the content is unreadable.
    resting: Option<Vec<u64>>,
    heap: Heap,
}

// SAFETY:
// 1. The vector owns its words and isn't grown; it is dropped by `make_unreadable` and `release` only.
// 2. The words of a `Readable` content are kept for others, with the host, which every handle holds.
// 3. `make_readable` makes new words, which live until the next `make_unreadable` or `release`; those of an `Entered`
//    content stay where they are, and are readable to all threads.
// 4. `give_back` clears all words; an unreadable content has none. It unwinds only if the lock is
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
        let resting = self.resting.take().expect("only unreadable contents are made readable");
        self.words = resting.into_iter().map(|word| AtomicU64::new(!word)).collect();
        Ok(self.start())
    }

    fn make_unreadable(&mut self) -> Result<(), Error> {
        if self.at_rest() == AtRest::Entered {
            return Ok(());
        }
        assert!(self.resting.is_none(), "only readable contents are made unreadable");
        // ORDERING: Relaxed; the core has ordered all accesses before this call.
        self.resting = Some(self.words.iter().map(|word| !word.load(Ordering::Relaxed)).collect());
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
