//! The thread that makes what has not been used for a while inaccessible.
//!
//! One for the whole process, started with the first secret that wants it, asleep while no such
//! secret is accessible. While it makes one inaccessible it holds no lock of its own, and keeps no other
//! secret alive.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, OnceLock};
use std::time::{Duration, Instant};

use strongroom_core::{Idleness, LastLook, Secret, Storage, WeakSecret};

use crate::mutex::{Mutex, unpoisoned};
use crate::{Error, os};

/// A secret as the thread sees it: from below, whatever is stored where.
trait Idle: Send + Sync {
    /// Makes the content inaccessible if nobody has used it since the last look; `None` if the secret is
    /// gone.
    fn make_unreadable_if_idle(&self, last: &mut LastLook) -> Option<Idleness>;
}

impl<S: Storage> Idle for WeakSecret<S> {
    fn make_unreadable_if_idle(&self, last: &mut LastLook) -> Option<Idleness> {
        Some(self.upgrade()?.make_unreadable_if_idle(last))
    }
}

/// What is known of one secret with a window.
pub(crate) struct Watch {
    window: Duration,
    reprotector: &'static Reprotector,
    /// Set when the secret has been created.
    secret: OnceLock<Box<dyn Idle>>,
    watched: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    /// Contents of the secret that are accessible now.
    readable: usize,
    /// When to look next, if that is in the queue.
    due: Option<Instant>,
    last: LastLook,
}

/// The queue of looks, and the thread that works it off.
pub(crate) struct Reprotector {
    queue: Mutex<Queue>,
    changed: Condvar,
    running: Mutex<bool>,
}

/// Looks in the order in which they are due; two at the same time by the addresses of their watches.
type Queue = BTreeMap<(Instant, usize), Arc<Watch>>;

impl Watch {
    /// For a secret that is to become inaccessible when it has been idle for `window`.
    pub(crate) fn new(
        reprotector: &'static Reprotector,
        window: Duration,
    ) -> Result<Arc<Self>, Error> {
        reprotector.start()?;
        Ok(Self::begun(reprotector, window))
    }

    /// The same for another secret.
    pub(crate) fn another(&self) -> Arc<Self> {
        Self::begun(self.reprotector, self.window)
    }

    /// The same, where the thread runs.
    fn begun(reprotector: &'static Reprotector, window: Duration) -> Arc<Self> {
        let (secret, watched) = (OnceLock::new(), Mutex::default());
        Arc::new(Self { window, reprotector, secret, watched })
    }

    /// Says which secret this is about.
    // Not inlined, so that it isn't in the way of secrets that nobody watches.
    #[inline(never)]
    pub(crate) fn set<S: Storage + 'static>(&self, secret: &Secret<S>) {
        // A watch belongs to one secret; a second one would be a mistake, and changes nothing.
        let _ = self.secret.set(Box::new(secret.downgrade()));
    }

    /// Says that a content has been made accessible.
    // Not inlined, so that it isn't in the way of a content that nobody watches: `ProtectionKey::enter`
    // says what that costs.
    #[inline(never)]
    pub(crate) fn on_readable(self: &Arc<Self>) {
        let mut watched = self.watched.lock();
        watched.readable += 1;
        self.look_later(&mut watched);
    }

    /// Says that a content that was accessible is so no more.
    // Not inlined, as `on_readable`.
    #[inline(never)]
    pub(crate) fn on_unreadable(&self) {
        self.watched.lock().readable -= 1;
    }

    /// Says that the secret is gone.
    pub(crate) fn end(&self) {
        if let Some(due) = self.watched.lock().due.take() {
            self.reprotector.queue.lock().remove(&(due, self.number()));
        }
    }

    fn number(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Sees to it that there will be a look. There won't, if that is later than clocks can tell.
    fn look_later(self: &Arc<Self>, watched: &mut Watched) {
        if watched.due.is_none() {
            watched.due = Instant::now().checked_add(self.window);
            watched.due.inspect(|due| self.reprotector.push(*due, Arc::clone(self)));
        }
    }

    /// Makes the secret inaccessible if it is idle, and looks again later if not.
    fn look(self: &Arc<Self>) {
        let Some(secret) = self.secret.get() else { return };
        let mut last = {
            let mut watched = self.watched.lock();
            watched.due = None;
            watched.last
        };
        let Some(idleness) = secret.make_unreadable_if_idle(&mut last) else { return };
        let mut watched = self.watched.lock();
        watched.last = last;
        // A content that another thread is about to read can be accessible, and yet its secret
        // still count as unreadable.
        if watched.readable > 0 && idleness != Idleness::Closed {
            self.look_later(&mut watched);
        }
    }
}

impl Reprotector {
    pub(crate) const fn new() -> Self {
        Self {
            queue: Mutex::new(BTreeMap::new()),
            changed: Condvar::new(),
            running: Mutex::new(false),
        }
    }

    /// Starts the thread, if it doesn't run yet.
    fn start(&'static self) -> Result<(), Error> {
        let mut running = self.running.lock();
        if !*running {
            os::spawn(c"strongroom-reprotect", || self.run())?;
            *running = true;
        }
        Ok(())
    }

    fn push(&self, due: Instant, watch: Arc<Watch>) {
        let mut queue = self.queue.lock();
        let first = queue.first_key_value().is_none_or(|((earliest, _), _)| due < *earliest);
        queue.insert((due, watch.number()), watch);
        if first {
            self.changed.notify_one();
        }
    }

    fn run(&self) -> ! {
        let mut queue = self.queue.lock();
        loop {
            let now = Instant::now();
            let wait =
                queue.first_key_value().map(|((due, _), _)| due.saturating_duration_since(now));
            queue = match wait {
                None => unpoisoned(self.changed.wait(queue)),
                Some(Duration::ZERO) => {
                    let due = queue.pop_first();
                    drop(queue);
                    if let Some((_, watch)) = due {
                        watch.look();
                    }
                    self.queue.lock()
                }
                Some(wait) => unpoisoned(self.changed.wait_timeout(queue, wait)).0,
            };
        }
    }
}
