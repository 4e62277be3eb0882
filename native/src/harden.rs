//! Hardening of the whole process. Nothing here happens by itself, and nothing outlives what it
//! says: whether there are core dumps is the application's choice.

use crate::{Error, os};

/// From now on, this process leaves no core dump: sets the soft limit `RLIMIT_CORE` to 0. The hard limit
/// stays, so it can be undone, here or in a child.
///
/// The limit is one of files. Where Linux hands dumps to a program or a socket instead
/// (`/proc/sys/kernel/core_pattern` begins with `|` or `@`, as with systemd-coredump and apport; or can't
/// be read), it stops none, and this does what [`deny_inspection`] does as well. Should an administrator
/// set such a pattern later, only that would stop it.
///
/// # Errors
///
/// [`Error::Os`], and [`Error::Unsupported`] where there is no such limit.
pub fn disable_core_files() -> Result<(), Error> {
    os::disable_core_files()
}

/// From now on, processes of the same user can't attach to this one or read its memory, and it
/// dumps no core (`PR_SET_DUMPABLE`). Processes with `CAP_SYS_PTRACE` still can.
///
/// # Errors
///
/// [`Error::Os`], and [`Error::Unsupported`] on other systems than Linux.
pub fn deny_inspection() -> Result<(), Error> {
    os::deny_inspection()
}
