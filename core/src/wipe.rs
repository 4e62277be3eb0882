//! Wiping what secrets leave behind outside their regions.

use zeroize::Zeroize;

/// Overwrites `bytes` with zeros, in a way the compiler may not leave out.
///
/// ```
/// let mut copy = *b"correct horse";
/// strongroom_core::wipe::wipe(&mut copy);
/// assert_eq!(copy, [0; 13]);
/// ```
pub fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}

/// Overwrites `BYTES` of the stack below the caller's frame.
#[inline(never)]
fn scrub_stack<const BYTES: usize>() {
    let mut frame = [0_u8; BYTES];
    keep(frame.as_mut_ptr());
}

/// Bytes of stack that code takes in this build, which takes `optimised` in an optimised one and
/// `unoptimised` otherwise: what was measured on x86-64, and a quarter more. Not more, since a thread needs
/// as much.
#[must_use]
pub const fn stack_of(optimised: usize, unoptimised: usize) -> usize {
    if cfg!(debug_assertions) { unoptimised } else { optimised }
}

/// Runs `f` in frames of its own, then overwrites `BYTES` of the stack from there on, which has to
/// be more than `f` takes.
///
/// The crates that do the cryptography wipe the states they know; the key blocks, the sums on the
/// way and the results in their local variables are left to this.
pub fn scrubbed<const BYTES: usize, R>(f: impl FnOnce() -> R) -> R {
    let result = deeper(f);
    scrub_stack::<BYTES>();
    result
}

/// Runs `f`, which moves bytes from place to place, one word at a time: in registers, where code is
/// optimised. Where it isn't, each word comes by the stack, which is overwritten then.
#[inline(always)]
pub(crate) fn in_registers(f: impl FnOnce()) {
    const STACK: usize = 2048;
    if cfg!(debug_assertions) { scrubbed::<STACK, _>(f) } else { f() }
}

#[inline(never)]
fn deeper<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// Makes the compiler believe that somebody looks at the memory behind `pointer`, so that what was
/// written there is really written. The fence is one for the compiler only: no instruction, and nothing that
/// orders threads.
#[inline]
pub(crate) fn keep(pointer: *const u8) {
    core::hint::black_box(pointer);
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
}
