//! The one door to atomics, cells, locks and reference counts.
//!
//! A normal build takes them from `core`, `alloc` and `spin`; under `--cfg strongroom_loom` they
//! are loom's, so that the model checker sees every access of the code that ships. loom treats
//! `SeqCst` accesses as `AcqRel`, therefore nothing here or above uses `SeqCst`.

#[cfg(not(strongroom_loom))]
mod imp {
    pub use alloc::sync::Arc;
    pub use core::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, fence};

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

    /// A lock that is only ever tried; how to wait is the host's decision.
    pub struct Lock(spin::Mutex<()>);

    /// Holds a [`Lock`] until it is dropped.
    pub struct Held<'a>(
        #[expect(dead_code, reason = "held for its Drop")] spin::MutexGuard<'a, ()>,
    );

    impl Lock {
        /// A free lock.
        pub const fn new() -> Self {
            Self(spin::Mutex::new(()))
        }

        /// The lock, if nobody holds it.
        pub fn try_lock(&self) -> Option<Held<'_>> {
            self.0.try_lock().map(Held)
        }
    }
}

#[cfg(strongroom_loom)]
mod imp {
    pub use loom::cell::UnsafeCell;
    pub use loom::sync::Arc;
    pub use loom::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, fence};

    /// A lock that is only ever tried; how to wait is the host's decision.
    pub struct Lock(loom::sync::Mutex<()>);

    /// Holds a [`Lock`] until it is dropped.
    pub struct Held<'a>(
        #[expect(dead_code, reason = "held for its Drop")] loom::sync::MutexGuard<'a, ()>,
    );

    impl Lock {
        /// A free lock.
        pub fn new() -> Self {
            Self(loom::sync::Mutex::new(()))
        }

        /// The lock, if nobody holds it.
        pub fn try_lock(&self) -> Option<Held<'_>> {
            self.0.try_lock().ok().map(Held)
        }
    }
}

pub use core::sync::atomic::Ordering;
pub use imp::{Arc, AtomicPtr, AtomicU64, AtomicUsize, Held, Lock, UnsafeCell, fence};

impl Default for Lock {
    fn default() -> Self {
        Self::new()
    }
}
