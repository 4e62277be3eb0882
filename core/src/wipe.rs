//! Wiping what secrets leave behind outside their regions.

use zeroize::Zeroize;

/// How many bytes of dead stack [`scrub_stack`] overwrites: more than the frames of any operation
/// in this crate take together.
const SCRUBBED_STACK: usize = 8 * 1024;

/// Overwrites `bytes` with zeros, in a way the compiler may not leave out.
pub fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}

/// Overwrites the stack below the caller's frame.
///
/// Cryptographic code keeps key blocks in local variables that nobody wipes; called right after
/// such code returned, this overwrites its frames.
#[inline(never)]
pub fn scrub_stack() {
    let mut frame = [0xAA_u8; SCRUBBED_STACK];
    wipe(&mut frame);
    keep(frame.as_ptr());
}

/// Makes the compiler believe that somebody looks at the memory behind `pointer`.
pub(crate) fn keep(pointer: *const u8) {
    core::hint::black_box(pointer);
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
}
