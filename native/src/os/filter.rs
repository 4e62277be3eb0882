//! Whether a filter decides which system calls this thread may make.
//!
//! Such a filter may kill for a call that it doesn't know, as Android's does and those of many systemd
//! units, and nothing tells which ones do. So under any filter no call is tried that is new or rare,
//! unless the caller has asked for it by name.

use std::fs::File;
use std::io::{BufRead, BufReader};

/// Whether calls of this thread are filtered, or nothing says that they aren't. Asked each time, as
/// sandboxes are often closed when a program has begun; takes some ten microseconds.
pub(crate) fn filters_calls() -> bool {
    // Every application there is under one.
    if cfg!(target_os = "android") {
        return true;
    }
    const MODE: &[u8] = b"Seccomp:";
    let Ok(status) = File::open("/proc/thread-self/status") else { return true };
    for line in BufReader::new(status).split(b'\n') {
        let Ok(line) = line else { return true };
        if let Some(mode) = line.strip_prefix(MODE) {
            return mode.trim_ascii() != b"0";
        }
    }
    // A kernel without filters has no such line.
    false
}
