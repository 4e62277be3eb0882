//! What the operating system does for us. One file per system, each with the same functions:
//!
//! - `page_size()`: bytes per page, a power of two.
//! - `reserve(len) -> Result<NonNull<u8>, Error>`: addresses for `len` bytes, whole pages, that
//!   fault on every access and cost nothing.
//! - `commit(at, len, backing, locked) -> Result<Facts, Error>`: turns reserved or vacated pages
//!   into zeroed, writable ones with every protection that `Facts` names. On failure vacated ones
//!   are still readable. If `locked` is asked for and not to be had, that is `Error::LockLimit`,
//!   never a silent less.
//! - `vacate(at, len)`: gives committed pages back; the addresses stay readable, as zeros.
//! - `protect(at, len, access)`: changes what may be done with committed pages.
//! - `COUNTS_DATA`: whether pages run into a limit of data when they become writable.
//! - `say(text)`: writes to standard error, without ever failing or unwinding.
//! - `spawn(name, f)`: a thread that no signal handler of the application runs on.
//! - `allocate_key()`, `free_key(key)`, `set_key(at, len, key)`, `allow_reading(key)`, `deny(key)`: protection
//!   keys, see `pages/protection_key.rs`.
//! - `disable_core_files()`, `deny_inspection()`: see `harden`.
//! - `unmap(at, len)`: gives the addresses back.
//! - `fork_wiped_page() -> Result<Option<NonNull<AtomicU32>>, Error>`: a zeroed page, never freed, that
//!   a forked child finds zeroed again, by `FORK_DETECTION`; `None` if there are no such pages.
//! - `call_in_children(handler)`: has each child call `handler` before `fork` returns there.
//! - `lock_limit() -> Option<usize>`: bytes that this process may lock; `None` if unlimited or
//!   unknown.
//! - `available_memory() -> Option<usize>`: bytes that the system still has for this process, if it
//!   tells.
//! - `filters_calls()`: whether a system call that is new or rare may kill this thread instead of
//!   failing.
//! - `barrier()`: makes all threads of this process run a full memory barrier before it returns.
//! - `has_secret_memory()`: whether the kernel offers memory that it can't read itself, and that can be
//!   tried.

mod locked;

pub(crate) use locked::*;

cfg_select! {
    any(target_os = "linux", target_os = "android") => {
        mod available;
        mod filter;
        mod linux;
        pub(crate) use linux::*;
    }
    target_vendor = "apple" => {
        mod apple;
        pub(crate) use apple::*;
    }
    windows => {
        mod thread;
        mod windows;
        pub(crate) use self::windows::*;
    }
    _ => {
        mod thread;
        mod unsupported;
        pub(crate) use unsupported::*;
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod pthread;
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod unix;

cfg_select! {
    all(target_os = "linux", target_arch = "x86_64") => {
        mod pkeys;
        pub(crate) use pkeys::*;
    }
    _ => {
        mod no_pkeys;
        pub(crate) use no_pkeys::*;
    }
}

/// Says `why`, if anybody listens, and ends the process. Nothing in here unwinds, or whoever found that
/// a secret can't be wiped would leave it, and the thread that makes idle ones inaccessible would end alone.
#[cold]
pub(crate) fn end_process(why: &str) -> ! {
    say(why);
    std::process::abort()
}
