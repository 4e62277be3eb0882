//! What a wasm binary needs and `std` brings elsewhere.

use core::arch::wasm32;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;

use crate::Wiping;
use crate::free_list::FreeList;

#[global_allocator]
static HEAP: FreeList<Wiping<GlobalDlmalloc>> = FreeList::new(Wiping(GlobalDlmalloc));

/// Traps. Saying more would pull in the formatting of every panic message.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    wasm32::unreachable()
}
