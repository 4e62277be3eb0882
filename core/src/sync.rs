//! The one door to atomics, cells, locks and reference counts.
//!
//! A normal build takes them from `core`, `alloc` and `spin`; under `--cfg strongroom_loom` they
//! are loom's, so that the model checker sees every access of the code that ships. loom treats
//! `SeqCst` accesses as `AcqRel`, therefore no access that goes through here is `SeqCst`.
//!
//! The one thing that no model checker knows is an asymmetric barrier, which a process makes all of its
//! threads run: [`light_barrier`] is the side of those threads. loom and Miri are given what it stands for, a
//! `SeqCst` fence on both sides.

#[cfg(not(strongroom_loom))]
mod imp {
    pub use alloc::sync::{Arc, Weak};
    use core::sync::atomic::Ordering;
    pub use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, fence};

    /// What a thread does between two accesses that [`Storage::barrier`](crate::Storage::barrier), called on
    /// another thread, has to find in this order: keeps the compiler from changing it.
    #[inline(always)]
    pub fn light_barrier() {
        if cfg!(miri) {
            fence(Ordering::SeqCst);
        } else {
            core::sync::atomic::compiler_fence(Ordering::SeqCst);
        }
    }

    /// `Arc::new`, but for the copies that it makes of a large value on the stack.
    #[inline(always)]
    pub fn arc<T>(value: T) -> Arc<T> {
        let arc = Arc::new_uninit();
        let place = Arc::as_ptr(&arc).cast_mut();
        // SAFETY: the place is new and nobody else's; `as_ptr` gives all of it, to write as well.
        unsafe { place.cast::<T>().write(value) };
        // SAFETY: written just now.
        unsafe { arc.assume_init() }
    }

    /// A cell whose accesses go through closures, as loom's do.
    #[repr(transparent)]
    pub struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        /// A cell that holds `value`.
        pub const fn new(value: T) -> Self {
            Self(core::cell::UnsafeCell::new(value))
        }

        /// Calls `f` with a pointer to read through.
        #[inline]
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        /// Calls `f` with a pointer to write through.
        #[inline]
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }

    /// Where threads wait for one that is busy; how, is the host's decision.
    #[derive(Default)]
    pub struct WaitPoint(());

    impl WaitPoint {
        /// Waits as `relax` does, for a moment, and then reads `word`, whose bits `_busy` say
        /// whether somebody is busy.
        ///
        /// # Errors
        ///
        /// The one of `relax`, where waiting would never end.
        #[inline]
        pub fn wait<E>(
            &self,
            word: &AtomicU64,
            _busy: u64,
            relax: impl FnOnce() -> Result<(), E>,
        ) -> Result<u64, E> {
            relax()?;
            // ORDERING: Acquire pairs with the Release of who was busy.
            Ok(word.load(Ordering::Acquire))
        }

        /// Lets those go on who wait.
        #[inline]
        pub fn wake_all(&self) {}
    }

    /// A lock; how to wait for it is the host's decision.
    pub struct Lock<T>(spin::Mutex<T>);

    /// Holds a [`Lock`] until it is dropped.
    pub type Held<'a, T> = spin::MutexGuard<'a, T>;

    impl<T> Lock<T> {
        /// A free lock on `value`.
        pub const fn new(value: T) -> Self {
            Self(spin::Mutex::new(value))
        }

        /// The lock, waiting between attempts as `relax` does.
        ///
        /// # Errors
        ///
        /// The one of `relax`, where waiting would never end.
        pub fn lock<E>(
            &self,
            mut relax: impl FnMut(u32) -> Result<(), E>,
        ) -> Result<Held<'_, T>, E> {
            let mut attempt = 0;
            loop {
                if let Some(held) = self.0.try_lock() {
                    return Ok(held);
                }
                relax(attempt)?;
                attempt = attempt.saturating_add(1);
            }
        }
    }
}

#[cfg(strongroom_loom)]
mod imp {
    use core::sync::atomic::Ordering;

    pub use loom::cell::UnsafeCell;
    pub use loom::sync::Arc;
    pub use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, fence};

    /// Stands for the barrier that a storage makes all threads run.
    pub fn light_barrier() {
        fence(Ordering::SeqCst);
    }

    /// `Arc::new`.
    pub fn arc<T>(value: T) -> Arc<T> {
        Arc::new(value)
    }

    /// Where threads wait for one that is busy. Here they block: every futile look of a thread that
    /// spins would be one more execution to explore, and shows nothing that the last one doesn't.
    pub struct WaitPoint {
        /// No atomic of loom's: it changes with what a thread has just seen in, or done to, the word.
        waiting: core::sync::atomic::AtomicUsize,
        lock: loom::sync::Mutex<()>,
        freed: loom::sync::Condvar,
    }

    impl Default for WaitPoint {
        fn default() -> Self {
            Self {
                waiting: core::sync::atomic::AtomicUsize::new(0),
                lock: loom::sync::Mutex::new(()),
                freed: loom::sync::Condvar::new(),
            }
        }
    }

    impl WaitPoint {
        /// Waits until `word` has none of the bits `busy`, and reads it.
        pub fn wait<E>(
            &self,
            word: &AtomicU64,
            busy: u64,
            _relax: impl FnOnce() -> Result<(), E>,
        ) -> Result<u64, E> {
            // ORDERING: Relaxed, here and below; loom runs one thread at a time.
            self.waiting.fetch_add(1, Ordering::Relaxed);
            let mut held = self.lock.lock().expect("a panic ends the model");
            // ORDERING: Acquire pairs with the Release of who was busy. An addition, as a load may see
            // what has passed.
            let mut now = word.fetch_add(0, Ordering::Acquire);
            while now & busy != 0 {
                held = self.freed.wait(held).expect("a panic ends the model");
                now = word.fetch_add(0, Ordering::Acquire);
            }
            drop(held);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            Ok(now)
        }

        /// Lets those go on who wait. If none does, nothing is ordered by this.
        pub fn wake_all(&self) {
            // ORDERING: Relaxed, as in `wait`.
            if self.waiting.load(Ordering::Relaxed) > 0 {
                drop(self.lock.lock());
                self.freed.notify_all();
            }
        }
    }

    /// A lock.
    pub struct Lock<T>(loom::sync::Mutex<T>);

    /// Holds a [`Lock`] until it is dropped.
    pub type Held<'a, T> = loom::sync::MutexGuard<'a, T>;

    impl<T> Lock<T> {
        /// A free lock on `value`.
        pub fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        /// The lock, when it is free; here, too, threads block.
        pub fn lock<E>(&self, _: impl FnMut(u32) -> Result<(), E>) -> Result<Held<'_, T>, E> {
            Ok(self.0.lock().expect("a panic ends the model"))
        }
    }
}

pub use core::sync::atomic::Ordering;
#[cfg(not(strongroom_loom))]
pub use imp::Weak;
pub use imp::{
    Arc, AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Held, Lock, UnsafeCell, WaitPoint, arc,
    fence, light_barrier,
};
