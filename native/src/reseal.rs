//! The thread that seals what has not been used for a while.
//!
//! One for the whole process, started with the first secret that wants it, asleep while no such
//! secret is open. It holds no lock while it seals, and no secret alive.

use std::cmp::Ordering as Order;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use strongroom_core::{Idleness, LastLook, Secret, WeakSecret};

use crate::storage::Native;
use crate::{Error, os};

/// What is known of one secret with a window.
pub(crate) struct Watch {
    window: Duration,
    resealer: &'static Resealer,
    /// Set when the secret has been created.
    secret: OnceLock<WeakSecret<Native>>,
    /// Whether a look is due at some time.
    queued: AtomicBool,
    last: Mutex<LastLook>,
}

/// The queue of looks, and the thread that works it off.
pub(crate) struct Resealer {
    queue: Mutex<BinaryHeap<Due>>,
    changed: Condvar,
    running: Mutex<bool>,
}

/// A look that is due, the earliest greatest.
struct Due {
    at: Instant,
    watch: Arc<Watch>,
}

impl Watch {
    /// For a secret that is to be sealed when it has been idle for `window`.
    pub(crate) fn new(resealer: &'static Resealer, window: Duration) -> Result<Arc<Self>, Error> {
        resealer.start()?;
        Ok(Arc::new(Self {
            window,
            resealer,
            secret: OnceLock::new(),
            queued: AtomicBool::new(false),
            last: Mutex::default(),
        }))
    }

    /// The same for another secret.
    pub(crate) fn another(&self) -> Arc<Self> {
        Arc::new(Self {
            window: self.window,
            resealer: self.resealer,
            secret: OnceLock::new(),
            queued: AtomicBool::new(false),
            last: Mutex::default(),
        })
    }

    /// Says which secret this is about.
    pub(crate) fn set(&self, secret: &Secret<Native>) {
        // A watch belongs to one secret; a second one would be a mistake, and changes nothing.
        let _ = self.secret.set(secret.downgrade());
    }

    /// Says that the secret has been opened.
    pub(crate) fn opened(self: &Arc<Self>) {
        // ORDERING: AcqRel pairs with the store in `look`: either that look sees what was opened,
        // or this queues another.
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.resealer.push(Due { at: Instant::now() + self.window, watch: Arc::clone(self) });
        }
    }

    /// Seals the secret if it is idle, and looks again later if not.
    fn look(self: &Arc<Self>) {
        // ORDERING: Release pairs with the swap in `opened`.
        self.queued.store(false, Ordering::Release);
        let Some(secret) = self.secret.get().and_then(WeakSecret::upgrade) else { return };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if secret.seal_if_idle(&mut last) == Idleness::InUse {
            self.opened();
        }
    }
}

impl Resealer {
    pub(crate) const fn new() -> Self {
        Self {
            queue: Mutex::new(BinaryHeap::new()),
            changed: Condvar::new(),
            running: Mutex::new(false),
        }
    }

    /// Starts the thread, if it doesn't run yet.
    fn start(&'static self) -> Result<(), Error> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !*running {
            os::spawn("strongroom-reseal", || self.run())?;
            *running = true;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BinaryHeap<Due>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, due: Due) {
        let mut queue = self.lock();
        let first = queue.peek().is_none_or(|earliest| due.at < earliest.at);
        queue.push(due);
        if first {
            self.changed.notify_one();
        }
    }

    fn run(&self) -> ! {
        let mut queue = self.lock();
        loop {
            let now = Instant::now();
            let wait = queue.peek().map(|due| due.at.saturating_duration_since(now));
            queue = match wait {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => {
                    let due = queue.pop();
                    drop(queue);
                    if let Some(due) = due {
                        due.watch.look();
                    }
                    self.lock()
                }
                Some(wait) => {
                    let waited = self.changed.wait_timeout(queue, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Order {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Order> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Due {}
