//! The other threads of this process.

use std::time::Duration;
use std::{fs, thread};

use nix::unistd::gettid;
use procfs::process::{Process, Task};

use super::calls;

/// Waits until all other threads are at rest: one that has just been started maps memory for itself.
///
/// # Panics
///
/// If `/proc` doesn't show them.
pub fn wait_for_others() {
    let here = gettid().as_raw();
    let tasks = || Process::myself().and_then(|this| this.tasks()).expect("/proc is there");
    while tasks().flatten().any(|task| task.tid != here && !is_at_rest(&task)) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Whether a thread is gone, or sleeps, and not because a supervisor has still to decide on its call.
fn is_at_rest(task: &Task) -> bool {
    let Ok(stat) = task.stat() else { return true };
    // Where the kernel doesn't show the call, all that sleep count.
    let waits = fs::read_to_string(format!("/proc/self/task/{}/syscall", task.tid))
        .is_ok_and(|call| may_be_decided_on(&call));
    stat.state == 'S' && !waits
}

/// Whether that is, in the words of `/proc`, a call that a supervisor may have to decide on, or one that
/// has just ended.
fn may_be_decided_on(call: &str) -> bool {
    let number = call.split_ascii_whitespace().next().and_then(|number| number.parse().ok());
    number.is_none_or(calls::can_fail)
}
