//! A host whose memory is made of loom's atomics.
//!
//! Its blocks go back to a pool and out again, lowest first, so that a reader that looks where it
//! should no longer look finds another secret's content there. Beside each block stands a ledger:
//! readers hold it for reading as long as their guard lives, the host takes it for writing to
//! make readable, make unreadable and release, and loom fails a model in which the two are not ordered.

use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use loom::cell::{ConstPtr, UnsafeCell};
use strongroom_core::sync::{AtomicU64, Ordering};
use strongroom_core::{AtRest, Error, Region, Released, Storage, atomic_bytes};

/// Words per block, and so per content: two, so that tearing can be seen.
const WORDS: usize = 2;
/// Blocks in the pool: enough for the old content, the new one, and one more on its way.
const BLOCKS: usize = 4;

/// What a block's ledger says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Entry {
    /// In the pool.
    Free,
    /// Holds a content that may be read.
    Readable,
    /// Holds a content that must not be read.
    Unreadable,
}

struct Block {
    words: [AtomicU64; WORDS],
    ledger: UnsafeCell<Entry>,
}

// SAFETY: the ledger is the only part that is not `Sync` by itself, and loom checks every access
// to it before it is made.
unsafe impl Sync for Block {}

/// The memory of one model.
pub struct Memory {
    blocks: Vec<Block>,
    /// One bit for each free block.
    free: AtomicU64,
    // loom needn't see what follows: it only counts, and runs one thread at a time.
    allocated: AtomicUsize,
    released: AtomicUsize,
    readable: AtomicUsize,
    /// Accesses entered and not left yet.
    entered: AtomicUsize,
    deferred: AtomicUsize,
    done: AtomicUsize,
    /// How many calls of `make_readable`, of `make_unreadable` and of `barrier` succeed before all others fail.
    readables_to_come: AtomicUsize,
    unreadables_to_come: AtomicUsize,
    barriers_to_come: AtomicUsize,
}

/// How often the host's calls succeed.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Calls of `make_readable` that succeed.
    pub readable: usize,
    /// Calls of `make_unreadable` that succeed.
    pub unreadable: usize,
    /// Calls of `barrier` that succeed, the one for each local handle included.
    pub barrier: usize,
}

impl Faults {
    /// Every call succeeds.
    pub const NONE: Self =
        Self { readable: usize::MAX, unreadable: usize::MAX, barrier: usize::MAX };
}

/// The error of a failing `make_readable`.
pub const MAKE_READABLE_FAILED: Error = Error::Os { call: "make_readable", code: 1 };
/// The error of a failing `make_unreadable`.
pub const MAKE_UNREADABLE_FAILED: Error = Error::Os { call: "make_unreadable", code: 2 };

impl Memory {
    /// Empty blocks.
    #[must_use]
    pub fn new(faults: Faults) -> Arc<Self> {
        let block = || Block {
            words: [0; WORDS].map(AtomicU64::new),
            ledger: UnsafeCell::new(Entry::Free),
        };
        Arc::new(Self {
            blocks: (0..BLOCKS).map(|_| block()).collect(),
            free: AtomicU64::new((1 << BLOCKS) - 1),
            allocated: AtomicUsize::new(0),
            released: AtomicUsize::new(0),
            readable: AtomicUsize::new(0),
            entered: AtomicUsize::new(0),
            deferred: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            readables_to_come: AtomicUsize::new(faults.readable),
            unreadables_to_come: AtomicUsize::new(faults.unreadable),
            barriers_to_come: AtomicUsize::new(faults.barrier),
        })
    }

    /// Notes that the holder of a guard reads what that has `shown`, until the note is dropped.
    ///
    /// # Panics
    ///
    /// If the block that is shown isn't readable.
    #[must_use]
    pub fn reading(&self, shown: *const u8) -> Reading {
        let block = self.blocks.iter().find(|block| ptr::addr_eq(block.words.as_ptr(), shown));
        let reading = block.expect("a guard shows a block").ledger.get();
        // SAFETY: loom has just checked that nobody writes the ledger, and checks all writers as
        // long as `reading` lives.
        let entry = reading.with(|entry| unsafe { *entry });
        assert_eq!(entry, Entry::Readable, "what a guard shows is readable");
        Reading(reading)
    }

    /// How many blocks hold a content that may be read.
    #[must_use]
    pub fn readable(&self) -> usize {
        self.readable.load(Relaxed)
    }

    /// Fails unless every content was released, once, and wiped. For the end of a model, when all
    /// its threads have ended.
    pub fn assert_clean(&self) {
        assert_eq!(self.entered.load(Relaxed), 0, "whoever enters leaves");
        self.assert_released();
    }

    /// The same where guards were forgotten, whose accesses never end.
    pub fn assert_released(&self) {
        assert_eq!(self.released.load(Relaxed), self.allocated.load(Relaxed), "one release each");
        assert_eq!(
            self.done.load(Relaxed),
            self.deferred.load(Relaxed),
            "all deferred releases are done"
        );
        assert_eq!(self.readable(), 0);
        // ORDERING: Relaxed; all threads have been joined.
        assert_eq!(self.free.load(Ordering::Relaxed), (1 << BLOCKS) - 1);
        for word in self.blocks.iter().flat_map(|block| &block.words) {
            // ORDERING: Relaxed, as above.
            assert_eq!(word.load(Ordering::Relaxed), 0, "wiped");
        }
    }

    fn take_block(&self) -> usize {
        // ORDERING: Relaxed; the exchange decides.
        let mut free = self.free.load(Ordering::Relaxed);
        loop {
            assert_ne!(free, 0, "the pool is large enough for every model");
            let rest = free & (free - 1);
            // ORDERING: Acquire pairs with the Release of `give_block`: who gets a block gets it
            // after its last user.
            match self.free.compare_exchange(free, rest, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return free.trailing_zeros() as usize,
                Err(now) => free = now,
            }
        }
    }

    fn give_block(&self, block: usize) {
        atomic_bytes::clear(&self.blocks[block].words);
        // ORDERING: Release pairs with the Acquire of `take_block`.
        self.free.fetch_or(1 << block, Ordering::Release);
    }

    /// Changes the ledger of `block`, which takes that nobody reads it.
    fn enter(&self, block: usize, expected: Entry, entry: Entry) {
        self.blocks[block].ledger.with_mut(|ledger| {
            // SAFETY: loom has just checked that nobody else holds the ledger.
            let before = unsafe { ptr::replace(ledger, entry) };
            assert_eq!(before, expected, "as the owner left it");
        });
        match entry {
            Entry::Readable => self.readable.fetch_add(1, Relaxed),
            _ if expected == Entry::Readable => self.readable.fetch_sub(1, Relaxed),
            _ => 0,
        };
    }
}

/// A note in a block's ledger that somebody reads it.
pub struct Reading(#[expect(dead_code, reason = "held for its Drop")] ConstPtr<Entry>);

/// How the modelled host protects its contents at rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Not at all, and blocks stay readable: optimistic copies are allowed.
    Readable,
    /// Not at all, but blocks are read under a pin only.
    PinOnly,
    /// Unreadable but for threads that have entered.
    Entered,
    /// Unreadable where it is, as pages without access are.
    InPlace {
        /// Made unreadable by the last reader.
        eager: bool,
    },
    /// Moved out of the block, as an encrypted content is: making it readable takes any free block.
    Elsewhere {
        /// Made unreadable by the last reader.
        eager: bool,
    },
}

/// The host of one modelled secret.
pub struct Modelled {
    memory: Arc<Memory>,
    protection: Protection,
}

impl Modelled {
    /// A host with `memory`.
    #[must_use]
    pub fn new(memory: &Arc<Memory>, protection: Protection) -> Self {
        Self { memory: Arc::clone(memory), protection }
    }

    /// Its memory.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }
}

// SAFETY: `allocate` gives a block of its own to each; `scratch`, which would have to give memory
// for ordinary stores, is not used by the models.
unsafe impl Storage for Modelled {
    type Region = Content;

    fn allocate(&self, len: usize) -> Result<Content, Error> {
        assert_eq!(atomic_bytes::count(len), WORDS, "models use contents of {WORDS} words");
        self.memory.allocated.fetch_add(1, Relaxed);
        let block = self.memory.take_block();
        self.memory.enter(block, Entry::Free, Entry::Readable);
        let memory = Arc::clone(&self.memory);
        Ok(Content { memory, protection: self.protection, place: Place::Block(block) })
    }

    fn rests_unreadable(&self) -> bool {
        // One of the two that are made unreadable eagerly, since an access goes either way.
        self.protection == Protection::InPlace { eager: true }
    }

    fn relax(&self, _attempt: u32) -> Result<(), Error> {
        loom::thread::yield_now();
        Ok(())
    }

    fn barrier(&self) -> Result<(), Error> {
        match self.protection {
            Protection::Readable | Protection::PinOnly if spend(&self.memory.barriers_to_come) => {
                loom::sync::atomic::fence(Ordering::SeqCst);
                Ok(())
            }
            _ => Err(Error::Unsupported { what: "a barrier" }),
        }
    }

    fn on_access_end(&self) {
        // It may be called once too often.
        let _ =
            self.memory.entered.fetch_update(Relaxed, Relaxed, |entered| entered.checked_sub(1));
    }

    fn on_release_deferred(&self) {
        self.memory.deferred.fetch_add(1, Relaxed);
    }

    fn on_deferred_release(&self) {
        self.memory.done.fetch_add(1, Relaxed);
    }
}

/// A region.
pub struct Content {
    memory: Arc<Memory>,
    protection: Protection,
    place: Place,
}

enum Place {
    Block(usize),
    Moved([u64; WORDS]),
}

impl Content {
    fn block(&self) -> usize {
        match self.place {
            Place::Block(block) => block,
            Place::Moved(_) => panic!("the content is not in a block"),
        }
    }

    fn words(&self) -> &[AtomicU64] {
        &self.memory.blocks[self.block()].words
    }
}

/// Counts one call down; false when none is left.
fn spend(to_come: &AtomicUsize) -> bool {
    to_come.fetch_update(Relaxed, Relaxed, |calls| calls.checked_sub(1)).is_ok()
}

// SAFETY: a block belongs to one content from `take_block` to `give_block`; blocks live as long as
// the memory, which every secret shares, and are only written atomically; `release` clears them.
// A panic, which is how models fail, ends the process of the model.
unsafe impl Region for Content {
    fn start(&self) -> NonNull<AtomicU64> {
        NonNull::from(self.words()).cast()
    }

    fn at_rest(&self) -> AtRest {
        match self.protection {
            Protection::Readable => AtRest::Readable,
            Protection::PinOnly => AtRest::PinOnly,
            Protection::Entered => AtRest::Entered,
            Protection::InPlace { eager } | Protection::Elsewhere { eager } => {
                AtRest::Unreadable { eager }
            }
        }
    }

    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        if !spend(&self.memory.readables_to_come) {
            return Err(MAKE_READABLE_FAILED);
        }
        match self.place {
            Place::Block(_) if self.protection == Protection::Entered => {
                self.memory.entered.fetch_add(1, Relaxed);
            }
            Place::Block(block) => self.memory.enter(block, Entry::Unreadable, Entry::Readable),
            Place::Moved(content) => {
                let block = self.memory.take_block();
                let bytes = content.map(u64::to_ne_bytes);
                atomic_bytes::store(&self.memory.blocks[block].words, bytes.as_flattened());
                self.memory.enter(block, Entry::Free, Entry::Readable);
                self.place = Place::Block(block);
            }
        }
        Ok(self.start())
    }

    fn make_unreadable(&mut self) -> Result<(), Error> {
        if !spend(&self.memory.unreadables_to_come) {
            return Err(MAKE_UNREADABLE_FAILED);
        }
        let block = self.block();
        if self.protection == Protection::Entered {
            return Ok(());
        }
        if let Protection::InPlace { .. } = self.protection {
            self.memory.enter(block, Entry::Readable, Entry::Unreadable);
            return Ok(());
        }
        let mut content = [[0; atomic_bytes::WORD]; WORDS];
        atomic_bytes::load(self.words(), content.as_flattened_mut());
        self.memory.enter(block, Entry::Readable, Entry::Free);
        self.memory.give_block(block);
        self.place = Place::Moved(content.map(u64::from_ne_bytes));
        Ok(())
    }

    fn release(self) -> Released {
        self.memory.released.fetch_add(1, Relaxed);
        if let Place::Block(block) = self.place {
            let entry = self.memory.blocks[block].ledger.with(|entry| {
                // SAFETY: loom has just checked that nobody writes the ledger.
                unsafe { *entry }
            });
            self.memory.enter(block, entry, Entry::Free);
            self.memory.give_block(block);
        }
        Released::Intact
    }
}
