//! What a call leaves on the stack, and how deep it goes.

use std::arch::asm;

/// What the stack is filled with before an operation.
const PAINT: u8 = 0xA5;

/// All that `operation` leaves on the stack from this function's frame on down, `depth` bytes, the
/// deepest first. The same operation leaves the same at the same places. The thread needs as much
/// stack, and some more.
#[inline(never)]
pub fn left_by(depth: usize, operation: &mut dyn FnMut()) -> Vec<u8> {
    let mut left = vec![0; depth];
    // SAFETY: the thread has more stack than that, and what is below the frame of a function that calls
    // others is nobody's.
    unsafe {
        asm!(
            "mov rdi, rsp",
            "sub rdi, rcx",
            "rep stosb",
            in("al") PAINT,
            inout("rcx") depth => _,
            out("rdi") _,
        );
    }
    operation();
    // SAFETY: as above, and `left` has room for it.
    unsafe {
        asm!(
            "mov rsi, rsp",
            "sub rsi, rcx",
            "rep movsb",
            inout("rcx") depth => _,
            inout("rdi") left.as_mut_ptr() => _,
            out("rsi") _,
        );
    }
    left
}

/// How many bytes of the stack the operation that has `left` this went down.
///
/// # Panics
///
/// If it wrote nothing.
#[must_use]
pub fn depth(left: &[u8]) -> usize {
    left.len() - left.iter().position(|byte| *byte != PAINT).expect("a call writes something")
}
