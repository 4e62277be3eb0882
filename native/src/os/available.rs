//! How much memory the system still has for this process, so that what it hasn't got is refused before
//! it is touched: to be told later is to be killed.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where control groups are by convention: those of version 2, and those of version 1 for memory.
const UNIFIED: &str = "/sys/fs/cgroup";
const MEMORY: &str = "/sys/fs/cgroup/memory";

/// Bytes that the machine, and every control group that this process is in, still have for it; `None`
/// if nothing tells.
pub(crate) fn available_memory() -> Option<usize> {
    machine().into_iter().chain(groups()).min()
}

/// Bytes that the machine can give without swapping.
fn machine() -> Option<usize> {
    let told = read(Path::new("/proc/meminfo"))?;
    let kibibytes = field(&told, "MemAvailable:")?;
    Some(kibibytes.saturating_mul(1024))
}

/// Bytes that are left below the limit of each control group.
fn groups() -> impl Iterator<Item = usize> {
    let told = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let of_line = |line: &str| {
        // Hierarchy, controllers, path: cgroups(7).
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let (root, left): (_, fn(&Path) -> Option<usize>) = match controllers {
            "" => (UNIFIED, left_in_version_2),
            _ if controllers.split(',').any(|name| name == "memory") => (MEMORY, left_in_version_1),
            _ => return None,
        };
        // A container may see its own group at the root, whatever the path says.
        let group = PathBuf::from(root).join(path.trim_start_matches('/'));
        let up_to_root = |group: &&Path| group.starts_with(root);
        group.ancestors().take_while(up_to_root).filter_map(left).min()
    };
    told.lines().filter_map(of_line).collect::<Vec<_>>().into_iter()
}

fn left_in_version_2(group: &Path) -> Option<usize> {
    left(group, "memory.max", "memory.current", ["inactive_file ", "active_file "])
}

fn left_in_version_1(group: &Path) -> Option<usize> {
    let reclaimable = ["total_inactive_file ", "total_active_file "];
    left(group, "memory.limit_in_bytes", "memory.usage_in_bytes", reclaimable)
}

/// The limit less what is used, but for what the kernel can take back at once.
fn left(group: &Path, limit: &str, used: &str, reclaimable: [&str; 2]) -> Option<usize> {
    let number = |name| read(&group.join(name))?.trim().parse::<usize>().ok();
    // "max" is no number, and no limit.
    let (limit, used) = (number(limit)?, number(used)?);
    let statistics = read(&group.join("memory.stat")).unwrap_or_default();
    let cached: usize = reclaimable.iter().filter_map(|name| field(&statistics, name)).sum();
    Some(limit.saturating_sub(used.saturating_sub(cached)))
}

/// The number in the line that begins with `name`.
fn field(told: &str, name: &str) -> Option<usize> {
    let line = told.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// The text of a file that the kernel makes up, with no call that a filter wouldn't know.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(1 << 16).read_to_string(&mut text).ok()?;
    Some(text)
}
