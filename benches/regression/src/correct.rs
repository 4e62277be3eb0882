//! The correct version: shared state behind an `Arc`, a lock around every change of it, a count of
//! accesses, and a notification for whoever waits to close. Each of its parts can be left out, to see what
//! it costs.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

use strongroom_measure::{Mutexed, Peer};

use crate::Closed;
use crate::page::Page;

/// Part: two `mprotect` calls around the first and after the last of overlapping accesses.
pub const PROTECT: u8 = 1;
/// Part: a `notify_all` after the last of overlapping accesses.
pub const WAKE: u8 = 1 << 1;
/// Part: atomic read-modify-writes of the count. Without them it is loaded and stored.
pub const ATOMICS: u8 = 1 << 2;
/// Part, in none of the two versions: a look at the mark behind the content at the end of each access.
pub const CANARY: u8 = 1 << 3;

/// The parts of the correct version, but for the lock and the `Arc`, which are types.
pub const ALL: u8 = PROTECT | WAKE | ATOMICS;

/// The version that the report calls correct.
pub type Correct = Access<Arc<Shared<StdLock>>, StdLock, ALL>;

/// An access by the parts that are left in.
///
/// Without the lock or the atomics it is right on one thread only; without `PROTECT` its page is always
/// open.
pub struct Access<H, L, const PARTS: u8> {
    shared: H,
    lock: PhantomData<fn() -> L>,
}

/// What all handles of a secret share.
pub struct Shared<L> {
    closed: AtomicBool,
    lock: L,
    readers: AtomicUsize,
    waiting: Mutex<()>,
    left: Condvar,
    page: Page,
}

/// Where a handle keeps what is shared.
pub trait Holder<L>: Deref<Target = Shared<L>> + Send {
    /// Takes it.
    fn hold(shared: Shared<L>) -> Self;
}

impl<L: Send + Sync> Holder<L> for Arc<Shared<L>> {
    fn hold(shared: Shared<L>) -> Self {
        Self::new(shared)
    }
}

/// The part `Arc` left out: shared by nobody, in the handle itself.
pub struct Inline<L>(Shared<L>);

impl<L> Deref for Inline<L> {
    type Target = Shared<L>;

    #[inline]
    fn deref(&self) -> &Shared<L> {
        &self.0
    }
}

impl<L: Send + Sync> Holder<L> for Inline<L> {
    fn hold(shared: Shared<L>) -> Self {
        Self(shared)
    }
}

/// What only one thread at a time does.
pub trait Lock: Default + Send + Sync {
    /// Does it.
    fn alone<R>(&self, f: impl FnOnce() -> R) -> R;
}

/// The standard library's `RwLock`.
#[derive(Default)]
pub struct StdLock(RwLock<()>);

/// `parking_lot`'s `RwLock`.
#[derive(Default)]
pub struct ParkingLot(parking_lot::RwLock<()>);

/// The part left out: no lock.
#[derive(Default)]
pub struct NoLock;

impl Lock for StdLock {
    #[inline]
    fn alone<R>(&self, f: impl FnOnce() -> R) -> R {
        let _guard = self.0.write().unwrap_or_else(PoisonError::into_inner);
        f()
    }
}

impl Lock for ParkingLot {
    #[inline]
    fn alone<R>(&self, f: impl FnOnce() -> R) -> R {
        let _guard = self.0.write();
        f()
    }
}

impl Lock for NoLock {
    #[inline]
    fn alone<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }
}

impl<L: Lock> Shared<L> {
    /// So many readers more; how many there were.
    #[inline]
    fn count<const PARTS: u8>(&self, by: usize) -> usize {
        if PARTS & ATOMICS != 0 {
            // ORDERING: AcqRel pairs with itself. With a lock, that orders everything already.
            return self.readers.fetch_add(by, Ordering::AcqRel);
        }
        // ORDERING: Relaxed, as the lock orders it, or there is but one thread.
        let before = self.readers.load(Ordering::Relaxed);
        // ORDERING: as above.
        self.readers.store(before.wrapping_add(by), Ordering::Relaxed);
        before
    }

    #[inline]
    fn is_closed(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `close`.
        self.closed.load(Ordering::Acquire)
    }

    #[inline]
    fn enter<const PARTS: u8>(&self) -> Result<(), Closed> {
        if self.is_closed() {
            return Err(Closed);
        }
        self.lock.alone(|| {
            if self.is_closed() {
                return Err(Closed);
            }
            if self.count::<PARTS>(1) == 0 && PARTS & PROTECT != 0 {
                self.page.open();
            }
            Ok(())
        })
    }

    #[inline]
    fn leave<const PARTS: u8>(&self) {
        let was_last = self.lock.alone(|| {
            // One less: the count wraps.
            let was_last = self.count::<PARTS>(usize::MAX) == 1;
            if was_last && PARTS & PROTECT != 0 {
                self.page.shut();
            }
            was_last
        });
        if was_last && PARTS & WAKE != 0 {
            // Under the mutex, lest it come between a closer's look at the count and its wait.
            let _guard = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            self.left.notify_all();
        }
    }
}

/// Ends an access, also when its callback panics.
struct Entered<'s, L: Lock, const PARTS: u8>(&'s Shared<L>);

impl<L: Lock, const PARTS: u8> Drop for Entered<'_, L, PARTS> {
    #[inline]
    fn drop(&mut self) {
        self.0.leave::<PARTS>();
    }
}

impl<H: Holder<L>, L: Lock, const PARTS: u8> Access<H, L, PARTS> {
    /// Gives `f` the bytes.
    ///
    /// # Errors
    ///
    /// [`Closed`] after the secret was closed by any handle.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Closed> {
        self.shared.enter::<PARTS>()?;
        let entered = Entered::<L, PARTS>(&self.shared);
        // SAFETY: the page was opened by whoever made the count one, before the lock was given back, and
        // isn't shut before this access, which is counted, has left. Without PROTECT it is always open;
        // without the lock or the atomics, there is but one thread.
        let result = f(unsafe { entered.0.page.bytes() });
        if PARTS & CANARY != 0 {
            // SAFETY: as above.
            let intact = unsafe { entered.0.page.is_intact() };
            assert!(intact, "somebody wrote past the end of the secret");
        }
        Ok(result)
    }

    /// Ends the secret, for all handles: waits for the accesses that there are; inside one, for ever.
    pub fn close(&self) {
        let Shared { closed, readers, waiting, left, .. } = &*self.shared;
        // ORDERING: Release pairs with the Acquire in `is_closed`.
        self.shared.lock.alone(|| closed.store(true, Ordering::Release));
        let guard = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // ORDERING: Acquire pairs with the AcqRel of the last reader's count.
        let is_read = |(): &mut ()| readers.load(Ordering::Acquire) != 0;
        drop(left.wait_while(guard, is_read).unwrap_or_else(PoisonError::into_inner));
    }
}

impl<L: Lock, const PARTS: u8> Clone for Access<Arc<Shared<L>>, L, PARTS> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), lock: PhantomData }
    }
}

impl<H: Holder<L>, L: Lock, const PARTS: u8> Access<H, L, PARTS> {
    /// A secret with the bytes of `source`, which is wiped.
    #[must_use]
    pub fn new(source: &mut [u8]) -> Self {
        let page = Page::of(source);
        if PARTS & PROTECT == 0 {
            page.open();
        }
        let shared = H::hold(Shared {
            closed: AtomicBool::new(false),
            lock: L::default(),
            readers: AtomicUsize::new(0),
            waiting: Mutex::new(()),
            left: Condvar::new(),
            page,
        });
        Self { shared, lock: PhantomData }
    }
}

impl<H: Holder<L>, L: Lock, const PARTS: u8> Peer for Access<H, L, PARTS> {
    const NAME: &'static str = "correct";
    // What holds its state inline has no second handle; what has one is `Clone`.
    type Shared = Mutexed<Self>;

    fn create(source: &mut [u8]) -> Self {
        Self::new(source)
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        self.with_bytes(f).expect("the secret is open")
    }
}
