//! Wiping what secrets leave behind outside their regions.

use zeroize::Zeroize;

/// Overwrites `bytes` with zeros, in a way the compiler may not leave out.
pub fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}

/// Bytes of stack that no operation of this crate exceeds, for [`scrub_stack`].
pub const OPERATION_STACK: usize = 8 * 1024;

/// Overwrites `BYTES` of the stack below the caller's frame.
///
/// Cryptographic code keeps key blocks in local variables that nobody wipes; called right after
/// such code returned, this overwrites its frames.
#[inline(never)]
pub fn scrub_stack<const BYTES: usize>() {
    let mut frame = [0_u8; BYTES];
    keep(frame.as_mut_ptr());
}

/// Makes the compiler believe that somebody looks at the memory behind `pointer`, so that what was
/// written there is really written.
pub(crate) fn keep(pointer: *const u8) {
    core::hint::black_box(pointer);
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
}
