//! What the operating system does for us. One file per system, each with the same functions:
//!
//! - `page_size()`: bytes per page, a power of two.
//! - `reserve(len) -> Result<NonNull<u8>, Error>`: addresses for `len` bytes, whole pages, that
//!   fault on every access and cost nothing.
//! - `commit(at, len, backing, locked) -> Result<Facts, Error>`: turns reserved pages into zeroed,
//!   writable ones with every protection that `Facts` names; on failure they are as before. If
//!   `locked` is asked for and not to be had, that is `Error::LockLimit`, never a silent less.
//! - `vacate(at, len)`: gives committed pages back; the addresses stay readable, as zeros.
//! - `decommit(at, len)`: makes committed or vacated pages reserved again.
//! - `unmap(at, len)`: gives the addresses back.
//! - `fork_wiped_page() -> Result<NonNull<AtomicU64>, Error>`: a zeroed page, never freed, that a
//!   forked child finds zeroed again.
//! - `lock_limit() -> Option<usize>`: bytes that this process may lock; `None` if unlimited or
//!   unknown.
//! - `has_secret_memory()`: whether the kernel offers memory that it can't read itself.

use crate::protection::Facts;

cfg_select! {
    any(target_os = "linux", target_os = "android") => {
        mod linux;
        pub(crate) use linux::*;
    }
    target_vendor = "apple" => {
        mod apple;
        pub(crate) use apple::*;
    }
    windows => {
        mod windows;
        pub(crate) use self::windows::*;
    }
    _ => {
        mod unsupported;
        pub(crate) use unsupported::*;
    }
}

#[cfg(unix)]
mod unix;
