//! How much memory this process has locked, seen from outside the crates that lock it.

use std::fs;

use anyhow::{Context, Result};

/// Locked bytes: what the kernel has counted (`VmLck`), or the size of all mappings that
/// carry its lock flag (`lo`) should that be more.
pub fn locked_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("needs Linux's /proc")?;
    let counted = status.lines().find_map(|line| kilobytes(line, "VmLck:"));
    let counted = counted.context("/proc/self/status has no VmLck")?;
    Ok(counted.max(flagged(&fs::read_to_string("/proc/self/smaps")?)))
}

/// The size of the mappings in `smaps` that are flagged as locked.
fn flagged(smaps: &str) -> u64 {
    let (mut total, mut size) = (0, 0);
    for line in smaps.lines() {
        if let Some(bytes) = kilobytes(line, "Size:") {
            size = bytes;
        }
        let flags = line.strip_prefix("VmFlags:");
        if flags.is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "lo")) {
            total += size;
        }
    }
    total
}

/// The bytes in `line` if it is the line `name`, as in `VmLck:      64 kB`.
fn kilobytes(line: &str, name: &str) -> Option<u64> {
    let count: u64 = line.strip_prefix(name)?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(count * 1024)
}
