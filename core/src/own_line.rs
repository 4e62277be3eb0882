//! A value on a cache line of its own, with three others around it, in one allocation.
//!
//! Over-aligned allocations are slow: with glibc's `posix_memalign`, a quarter of the time that creating and
//! dropping a secret takes. Room to spare, in which a line begins somewhere, would be 48 bytes of each secret. So
//! the others stand in that room: as many before the line as there is room for, and the rest behind it.
//!
//! ```text
//!   the allocation begins
//!   at a line                [ line                ][ first ][ other ][ other ]
//!   16 bytes before one      [ first ][ line                ][ other ][ other ]
//!   32 bytes before one      [ first ][ other ][ line                ][ other ]
//!   48 bytes before one      [ first ][ other ][ other ][ line                ]
//! ```

use core::cell::UnsafeCell;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

/// Bytes of a cache line, on all machines that this was measured on.
pub const CACHE_LINE: usize = 64;

/// A value with all that it takes of the room: aligned as allocators do it without being asked.
#[cfg_attr(target_pointer_width = "64", repr(C, align(16)))]
#[cfg_attr(not(target_pointer_width = "64"), repr(C, align(8)))]
struct Unit<T>(ManuallyDrop<T>);

/// Bytes of the least unit.
const UNIT: usize = align_of::<Unit<u8>>();

/// A value as long as a line, or longer.
#[repr(C)]
union Line<T> {
    _value: ManuallyDrop<T>,
    _whole: [u8; CACHE_LINE],
}

/// Room for all four values, and the values in it, once they are placed.
pub(crate) struct OwnLine<T, A, B>(UnsafeCell<MaybeUninit<Room<T, A, B>>>);

/// As much as the four take. They stand in this order only where none stands before the line.
#[repr(C)]
struct Room<T, A, B> {
    _line: Unit<Line<T>>,
    _first: Unit<A>,
    _others: [Unit<B>; 2],
}

impl<T, A, B> OwnLine<T, A, B> {
    /// Bytes that the line takes.
    const LINE: usize = size_of::<Unit<Line<T>>>();

    /// Whether a line can begin at any unit with as many others before it. If not, the first value stands at the
    /// beginning, and may share its line with others.
    const WRAPS: bool = 4 * UNIT >= CACHE_LINE
        && size_of::<Unit<A>>() == UNIT
        && size_of::<Unit<B>>() == UNIT
        && Self::LINE == CACHE_LINE;

    const ALIGNED: () = assert!(
        align_of::<T>() <= UNIT && align_of::<A>() <= UNIT && align_of::<B>() <= UNIT,
        "a value may need more than allocators give"
    );

    /// Room, without values as yet.
    ///
    /// # Safety
    ///
    /// Before anything else is done with it, drop included, the values are placed.
    pub(crate) const unsafe fn vacant() -> Self {
        let () = Self::ALIGNED;
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Places the values.
    ///
    /// # Safety
    ///
    /// They are the first ones; `self` won't move any more, and nobody else uses it yet.
    #[inline(always)]
    pub(crate) unsafe fn place(&self, line: T, first: A, others: [B; 2]) {
        // SAFETY: inside the room and aligned; the caller promises that nobody else uses it yet.
        unsafe { self.line_place().write(line) };
        // SAFETY: as above.
        unsafe { self.first_place().write(first) };
        for (number, other) in others.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { self.other_place(number).write(other) };
        }
    }

    /// The one on a line of its own.
    #[inline]
    pub(crate) fn line(&self) -> &T {
        // SAFETY: placed, as `vacant` asks, and not moved since, as `place` asks.
        unsafe { &*self.line_place() }
    }

    /// The same, for whoever has all to itself.
    pub(crate) fn line_mut(&mut self) -> &mut T {
        // SAFETY: as in `line`.
        unsafe { &mut *self.line_place() }
    }

    /// The first of those around it.
    #[inline]
    pub(crate) fn first(&self) -> &A {
        // SAFETY: as in `line`.
        unsafe { &*self.first_place() }
    }

    /// One of the two others; `number` is 0 or 1.
    #[inline]
    pub(crate) fn other(&self, number: usize) -> &B {
        // SAFETY: as in `line`.
        unsafe { &*self.other_place(number) }
    }

    #[inline]
    fn line_place(&self) -> *mut T {
        self.0.get().cast::<T>().wrapping_byte_add(self.before())
    }

    #[inline]
    fn first_place(&self) -> *mut A {
        self.around(0).cast()
    }

    #[inline]
    fn other_place(&self, number: usize) -> *mut B {
        assert!(number < 2, "there are two");
        self.around(size_of::<Unit<A>>() + number * size_of::<Unit<B>>()).cast()
    }

    /// Bytes before the line.
    #[inline]
    fn before(&self) -> usize {
        let begin = self.0.get().addr();
        if Self::WRAPS { begin.wrapping_neg() % CACHE_LINE } else { 0 }
    }

    /// So many bytes from the beginning, were the line not there.
    #[inline]
    fn around(&self, offset: usize) -> *mut u8 {
        let skipped = if offset < self.before() { 0 } else { Self::LINE };
        self.0.get().cast::<u8>().wrapping_add(offset + skipped)
    }
}

// SAFETY: it is the four values.
unsafe impl<T: Send, A: Send, B: Send> Send for OwnLine<T, A, B> {}
// SAFETY: shared access gives references to them and nothing else, but for `place`, which is unsafe.
unsafe impl<T: Sync, A: Sync, B: Sync> Sync for OwnLine<T, A, B> {}

impl<T, A, B> Drop for OwnLine<T, A, B> {
    fn drop(&mut self) {
        // SAFETY: placed, as `vacant` asks, and this is its end; so it is for all below.
        unsafe { ptr::drop_in_place(self.line_place()) };
        for number in 0..2 {
            // SAFETY: as above.
            unsafe { ptr::drop_in_place(self.other_place(number)) };
        }
        // SAFETY: as above.
        unsafe { ptr::drop_in_place(self.first_place()) };
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::{CACHE_LINE, OwnLine};

    type Value<const WORDS: usize> = (Arc<()>, [usize; WORDS]);

    /// One after the other, values of this size come to lie at each distance from a line.
    #[test]
    fn all_values_are_there_and_the_first_on_a_line() {
        let owner = Arc::new(());
        let value = |n| (Arc::clone(&owner), [n]);
        // SAFETY: the values are placed below.
        let vacant = || unsafe { OwnLine::<Value<6>, Value<1>, Value<1>>::vacant() };
        let all: Vec<_> = (0..8).map(|_| vacant()).collect();
        for (n, one) in all.iter().enumerate() {
            // SAFETY: the first values; the vector is full, and nobody else has it.
            unsafe {
                one.place(
                    (Arc::clone(&owner), [n; 6]),
                    value(n + 10),
                    [20, 30].map(|m| value(n + m)),
                )
            };
        }
        for (n, one) in all.iter().enumerate() {
            assert_eq!(one.line().1, [n; 6]);
            let others = [one.first(), one.other(0), one.other(1)].map(|(_, [m])| *m);
            assert_eq!(others, [n + 10, n + 20, n + 30]);
            let at = core::ptr::from_ref(one.line()).addr();
            assert!(at.is_multiple_of(CACHE_LINE) || cfg!(not(target_pointer_width = "64")));
        }
        assert_eq!(Arc::strong_count(&owner), 1 + 8 * 4);
        drop(all);
        assert_eq!(Arc::strong_count(&owner), 1);
    }

    /// Where they don't fit around a line, they stand beside each other.
    #[test]
    fn larger_values_are_there_as_well() {
        let owner = Arc::new(());
        // SAFETY: the values are placed below.
        let one = unsafe { OwnLine::<Value<20>, Value<5>, Value<3>>::vacant() };
        let other = |n| (Arc::clone(&owner), [n; 3]);
        // SAFETY: the first values; it is not moved before its end.
        unsafe {
            one.place(
                (Arc::clone(&owner), [1; 20]),
                (Arc::clone(&owner), [2; 5]),
                [3, 4].map(other),
            )
        };
        assert_eq!((one.line().1, one.first().1), ([1; 20], [2; 5]));
        assert_eq!((one.other(0).1, one.other(1).1), ([3; 3], [4; 3]));
        assert_eq!(Arc::strong_count(&owner), 5);
    }
}
