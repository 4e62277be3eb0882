//! A component that signs and does nothing else, without bindings and without a heap: what calls of
//! `strongroom.component.wasm` are measured against, by `benches/components.rs`.
//!
//! Its interface is the one in `benches/src/crossing/provider.rs`, by the canonical ABI.
#![cfg(target_family = "wasm")]

use std::cell::UnsafeCell;
use std::slice;
use std::sync::LazyLock;

use strongroom_core::{HMAC_SHA256_LEN, Secret};
use strongroom_wasm::Linear;

/// The only secret, which all handles are to.
static SECRET: LazyLock<Secret<Linear>> =
    LazyLock::new(|| Secret::new_in(Linear, &mut [0x5a; 32]).expect("there is memory"));

/// The latest argument.
static ARGUMENT: OneThreads<[u8; 64]> = OneThreads(UnsafeCell::new([0; 64]));
/// The latest tag.
static TAG: OneThreads<[u8; HMAC_SHA256_LEN]> = OneThreads(UnsafeCell::new([0; HMAC_SHA256_LEN]));

/// What the functions return.
static CREATED: OneThreads<Returned<u32>> = returned(0);
static SIGNED: OneThreads<Returned<(*mut [u8; HMAC_SHA256_LEN], usize)>> =
    returned((TAG.0.get(), HMAC_SHA256_LEN));
static MEASURED: OneThreads<Returned<u64>> = returned(0);

/// What one thread has, which is all there are.
struct OneThreads<T>(UnsafeCell<T>);

// SAFETY: an instance of this module has one thread.
unsafe impl<T> Sync for OneThreads<T> {}

/// A `result` that isn't an error.
#[repr(C, align(8))]
struct Returned<T> {
    is_error: u64,
    value: T,
}

const fn returned<T>(value: T) -> OneThreads<Returned<T>> {
    OneThreads(UnsafeCell::new(Returned { is_error: 0, value }))
}

#[link(wasm_import_module = "[export]bench:provider/secrets")]
unsafe extern "C" {
    #[link_name = "[resource-new]secret"]
    safe fn new_handle(representation: usize) -> u32;
}

// SAFETY, of all names below: nothing else here is called that.

#[unsafe(export_name = "bench:provider/secrets#from-bytes")]
extern "C" fn from_bytes(_start: usize, _len: usize) -> *const Returned<u32> {
    LazyLock::force(&SECRET);
    // SAFETY: nobody else is using it.
    unsafe { (*CREATED.0.get()).value = new_handle(1) };
    CREATED.0.get()
}

#[unsafe(export_name = "bench:provider/secrets#length")]
extern "C" fn length(_secret: usize) -> *const Returned<u64> {
    MEASURED.0.get()
}

#[unsafe(export_name = "bench:provider/secrets#hmac-sha256")]
extern "C" fn hmac_sha256(
    _key: usize,
    message: *const u8,
    len: usize,
) -> *const Returned<(*mut [u8; HMAC_SHA256_LEN], usize)> {
    // SAFETY: the caller has written that many bytes to where `realloc` let it.
    let message = unsafe { slice::from_raw_parts(message, len) };
    let tag = SECRET.hmac_sha256(message).expect("the secret is open");
    // SAFETY: nobody else is using it.
    unsafe { TAG.0.get().write(tag) };
    SIGNED.0.get()
}

#[unsafe(export_name = "cabi_post_bench:provider/secrets#hmac-sha256")]
extern "C" fn free_tag(_returned: usize) {}

#[unsafe(export_name = "cabi_realloc")]
extern "C" fn realloc(_old: usize, _old_len: usize, _align: usize, len: usize) -> *mut [u8; 64] {
    assert!(len <= 64, "{len} bytes are more than the 64 for an argument");
    ARGUMENT.0.get()
}
