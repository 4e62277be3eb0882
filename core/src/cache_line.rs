//! A value on a cache line of its own, without asking the allocator for one.
//!
//! Over-aligned allocations are slow: with glibc's `posix_memalign`, a quarter of the time that
//! creating and dropping a secret takes. So there is some room to spare here, and the value stands at
//! the first boundary of a line in it.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::ptr;

/// Bytes of a cache line, on all machines that this was measured on.
pub const CACHE_LINE: usize = 64;

/// Room for a value wherever a line begins, and the value in it, once it is placed.
pub(crate) struct CacheLine<T>(UnsafeCell<Room<T>>);

#[repr(C)]
struct Room<T> {
    first: MaybeUninit<T>,
    slack: MaybeUninit<[u64; CACHE_LINE / size_of::<u64>() - 1]>,
}

impl<T> CacheLine<T> {
    const FITS: () = assert!(
        align_of::<T>() >= size_of::<u64>() && align_of::<T>() <= CACHE_LINE,
        "the value may reach over the end of the room"
    );

    /// Room, without a value as yet.
    ///
    /// # Safety
    ///
    /// Before anything else is done with it, drop included, a value is placed.
    pub(crate) const unsafe fn vacant() -> Self {
        let () = Self::FITS;
        let (first, slack) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        Self(UnsafeCell::new(Room { first, slack }))
    }

    /// Places the value.
    ///
    /// # Safety
    ///
    /// It is the first one; `self` won't move any more, and nobody else uses it yet.
    pub(crate) unsafe fn place(&self, value: T) {
        // SAFETY: `at` is inside the room and aligned; the caller promises that nobody else uses it yet.
        unsafe { self.at().write(value) };
    }

    /// The first boundary of a line in the room: at most `CACHE_LINE - 8` bytes after its start, which is
    /// what there is to spare.
    #[inline]
    fn at(&self) -> *mut T {
        self.0.get().cast::<T>().map_addr(|start| (start + CACHE_LINE - 1) & !(CACHE_LINE - 1))
    }
}

// SAFETY: it is a `T` by value.
unsafe impl<T: Send> Send for CacheLine<T> {}
// SAFETY: shared access gives `&T` and nothing else, but for `place`, which is unsafe.
unsafe impl<T: Sync> Sync for CacheLine<T> {}

impl<T> Deref for CacheLine<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: placed, as `vacant` asks, and not moved since, as `place` asks.
        unsafe { &*self.at() }
    }
}

impl<T> DerefMut for CacheLine<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { &mut *self.at() }
    }
}

impl<T> Drop for CacheLine<T> {
    fn drop(&mut self) {
        // SAFETY: placed, as `vacant` asks, and this is its end.
        unsafe { ptr::drop_in_place(self.at()) };
    }
}
