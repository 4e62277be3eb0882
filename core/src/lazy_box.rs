//! A value in a box of its own, made when somebody needs it first: until then it is an address, and a branch where
//! its owner ends.

use alloc::boxed::Box;
use core::marker::PhantomData;
use core::ptr;

use crate::sync::{AtomicPtr, Ordering};

/// The value, if there is one yet.
pub(crate) struct LazyBox<T> {
    value: AtomicPtr<T>,
    owned: PhantomData<Box<T>>,
}

impl<T> LazyBox<T> {
    /// None as yet.
    #[inline]
    pub(crate) fn empty() -> Self {
        Self { value: AtomicPtr::new(ptr::null_mut()), owned: PhantomData }
    }

    /// The one that there is.
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // ORDERING: Acquire pairs with the Release of the exchange in `get_or_new`.
        let value = self.value.load(Ordering::Acquire);
        // SAFETY: null, or from a box that `self` owns, and gives up in its drop only.
        unsafe { value.as_ref() }
    }

    /// The one that there is, or a new one. If another thread is quicker, its own.
    pub(crate) fn get_or_new(&self, new: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let new = Box::into_raw(Box::new(new()));
        // ORDERING: Release publishes the new one to the Acquire of `get`. Acquire on failure pairs with the
        // Release of who was quicker.
        match self.value.compare_exchange(
            ptr::null_mut(),
            new,
            Ordering::Release,
            Ordering::Acquire,
        ) {
            // SAFETY: from the box above, which `self` owns now.
            Ok(_) => unsafe { &*new },
            Err(others) => {
                // SAFETY: from the box above, and nobody else has seen it.
                drop(unsafe { Box::from_raw(new) });
                // SAFETY: from a box that `self` owns.
                unsafe { &*others }
            }
        }
    }
}

impl<T> Drop for LazyBox<T> {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: Relaxed; `&mut self` means that all others are gone.
        let value = self.value.load(Ordering::Relaxed);
        if !value.is_null() {
            // SAFETY: from a box that `self` owns, and nobody else has any more.
            end(unsafe { Box::from_raw(value) });
        }
    }
}

/// Away from the end of owners that never had one.
#[cold]
#[inline(never)]
fn end<T>(value: Box<T>) {
    drop(value);
}

// SAFETY: it is a box, or nothing, whose value others may get references to.
unsafe impl<T: Send + Sync> Sync for LazyBox<T> {}
// SAFETY: it is a box, or nothing.
unsafe impl<T: Send> Send for LazyBox<T> {}

#[cfg(all(test, not(strongroom_loom)))]
mod tests {
    extern crate std;

    use std::sync::Barrier;
    use std::thread;

    use super::LazyBox;

    #[test]
    fn threads_that_make_one_at_once_share_it() {
        let value = LazyBox::empty();
        assert!(value.get().is_none());
        let start = Barrier::new(2);
        let seen = thread::scope(|scope| {
            let threads = [1, 2].map(|number: u64| {
                let (value, start) = (&value, &start);
                scope.spawn(move || {
                    start.wait();
                    *value.get_or_new(|| number)
                })
            });
            threads.map(|thread| thread.join().expect("a thread panicked"))
        });
        assert_eq!(seen[0], seen[1]);
        assert_eq!(value.get(), Some(&seen[0]));
    }
}
