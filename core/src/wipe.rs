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

/// Overwrites `BYTES` of the stack below the caller's frame, and what vector registers hold.
#[inline(never)]
fn scrub_stack<const BYTES: usize>() {
    let mut frame = [0_u8; BYTES];
    keep(frame.as_mut_ptr());
    clear_vectors();
}

/// Overwrites the vector registers that any function may change. Ciphers keep blocks in them, and the last ones stay
/// until something else needs the register: a core dump has them, and so has the frame of a signal. Of wider
/// registers it is the first 128 bits, unless the program is compiled for a processor that has such.
#[inline(always)]
fn clear_vectors() {
    #[cfg(all(target_arch = "x86_64", target_feature = "avx", not(miri)))]
    // SAFETY: the registers that change are named, and nothing else does.
    unsafe {
        core::arch::asm!(
            "vzeroall",
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nomem, nostack, preserves_flags),
        );
    }
    #[cfg(all(
        target_arch = "x86_64",
        target_feature = "sse2",
        not(target_feature = "avx"),
        not(miri)
    ))]
    // SAFETY: the registers that change are named, and nothing else does.
    unsafe {
        core::arch::asm!(
            "pxor xmm0, xmm0", "pxor xmm1, xmm1", "pxor xmm2, xmm2", "pxor xmm3, xmm3",
            "pxor xmm4, xmm4", "pxor xmm5, xmm5", "pxor xmm6, xmm6", "pxor xmm7, xmm7",
            "pxor xmm8, xmm8", "pxor xmm9, xmm9", "pxor xmm10, xmm10", "pxor xmm11, xmm11",
            "pxor xmm12, xmm12", "pxor xmm13, xmm13", "pxor xmm14, xmm14", "pxor xmm15, xmm15",
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nomem, nostack, preserves_flags),
        );
    }
    // v8 to v15 belong to the caller, in part.
    #[cfg(all(target_arch = "aarch64", target_feature = "neon", not(miri)))]
    // SAFETY: the registers that change are named, and nothing else does.
    unsafe {
        core::arch::asm!(
            "movi v0.2d, #0", "movi v1.2d, #0", "movi v2.2d, #0", "movi v3.2d, #0",
            "movi v4.2d, #0", "movi v5.2d, #0", "movi v6.2d, #0", "movi v7.2d, #0",
            "movi v16.2d, #0", "movi v17.2d, #0", "movi v18.2d, #0", "movi v19.2d, #0",
            "movi v20.2d, #0", "movi v21.2d, #0", "movi v22.2d, #0", "movi v23.2d, #0",
            "movi v24.2d, #0", "movi v25.2d, #0", "movi v26.2d, #0", "movi v27.2d, #0",
            "movi v28.2d, #0", "movi v29.2d, #0", "movi v30.2d, #0", "movi v31.2d, #0",
            out("v0") _, out("v1") _, out("v2") _, out("v3") _,
            out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v16") _, out("v17") _, out("v18") _, out("v19") _,
            out("v20") _, out("v21") _, out("v22") _, out("v23") _,
            out("v24") _, out("v25") _, out("v26") _, out("v27") _,
            out("v28") _, out("v29") _, out("v30") _, out("v31") _,
            options(nomem, nostack, preserves_flags),
        );
    }
}

/// Bytes of stack that code takes in this build, which takes `optimised` in an optimised one and
/// `unoptimised` otherwise: what was measured on x86-64, and a quarter more. Not more, since a thread needs
/// as much.
#[must_use]
pub const fn stack_of(optimised: usize, unoptimised: usize) -> usize {
    if cfg!(debug_assertions) { unoptimised } else { optimised }
}

/// Runs `f` in frames of its own, then overwrites `BYTES` of the stack from there on, which has to
/// be more than `f` takes, and vector registers.
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
