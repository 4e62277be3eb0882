//! Meeting the end of the machine's stack where nothing has begun.

use core::arch::wasm32::{u64x2, v128};
use core::cell::UnsafeCell;

use super::single::Single;

/// Vectors that are held at once in a frame: 8 KiB, or an eighth of that where bytes of code count.
const VECTORS: usize = if cfg!(feature = "small") { 64 } else { 512 };

/// So many frames have 8 KiB.
const FRAMES: u32 = (512 / VECTORS) as u32;

static AREA: Single<UnsafeCell<[v128; VECTORS]>> =
    Single::new(UnsafeCell::new([u64x2(0, 0); VECTORS]));

/// Takes so many frames of 8 KiB of the machine's stack, and gives them back.
///
/// An engine throws out of the call that exceeds the stack, wherever that is: in the middle of an
/// allocation, or with a copy of a key on the way. Where this call returns, whatever is called next
/// from the same place has that much stack, and is not thrown out of. This itself uses nothing but the
/// machine's stack, so that being thrown out of it leaves nothing to put back.
#[unsafe(no_mangle)]
extern "C" fn headroom(frames: u32) -> u32 {
    deepened(frames.wrapping_mul(FRAMES))
}

#[inline(never)]
fn deepened(frames: u32) -> u32 {
    if frames == 0 {
        return 0;
    }
    let deeper = deepened(frames - 1);
    // Never, which no compiler knows: neither this one nor the engine's.
    if frames == u32::MAX {
        hold_at_once();
    }
    // So that the call above isn't the last thing done, which would make this a loop.
    deeper.rotate_left(1) ^ frames
}

/// Holds many vectors at once. WebAssembly functions have as many locals as they need, so that engines
/// make room for as many in the frame of the function that this is part of, and see at its entry
/// whether there is that room. It costs nothing where this isn't executed.
///
/// Engines leave out loads that give the same, and stores that change nothing: so each loads from
/// another place, and stores to yet another.
#[inline(always)]
fn hold_at_once() {
    let area: *mut v128 = AREA.get().get().cast();
    let read = |at: usize| {
        let place = area.wrapping_add(at % VECTORS);
        // SAFETY: a vector of the area, which only this function uses, and which isn't called by itself.
        unsafe { place.read_volatile() }
    };
    let write = |at: usize, vector| {
        let place = area.wrapping_add(at % VECTORS);
        // SAFETY: as above.
        unsafe { place.write_volatile(vector) }
    };
    macro_rules! hold {
        ($at:expr;) => {};
        ($at:expr; $_:tt $($rest:tt)*) => {
            let at = $at;
            let held = (read(at), read(at + 1), read(at + 2), read(at + 3));
            let more = (read(at + 4), read(at + 5), read(at + 6), read(at + 7));
            hold!(at + 8; $($rest)*);
            write(at + 1, held.0);
            write(at + 2, held.1);
            write(at + 3, held.2);
            write(at + 4, held.3);
            write(at + 5, more.0);
            write(at + 6, more.1);
            write(at + 7, more.2);
            write(at + 8, more.3);
        };
    }
    if cfg!(feature = "small") {
        hold!(0; * * * * * * * *);
    } else {
        hold!(
            0;
            * * * * * * * * * * * * * * * * * * * * * * * * * * * * * * * *
            * * * * * * * * * * * * * * * * * * * * * * * * * * * * * * * *
        );
    }
}
