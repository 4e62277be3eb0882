//! What a wasm binary needs and `std` brings elsewhere.

use core::arch::wasm32;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;

use crate::Wiping;
use crate::reserve::Reserve;

#[global_allocator]
static HEAP: Reserve<Wiping<GlobalDlmalloc>> = Reserve::new(Wiping(GlobalDlmalloc));

/// Whether there is room for one more secret, beside what is kept back for what can't be refused.
pub(crate) fn has_room() -> bool {
    HEAP.has_room()
}

/// Traps. Saying more would pull in the formatting of every panic message.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    wasm32::unreachable()
}
