//! Measuring in a process of its own: what dies there, or never ends, costs nothing else.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail};

/// The arguments of this program, without what cargo passes on.
#[must_use]
pub fn arguments() -> Vec<String> {
    env::args().skip(1).filter(|argument| argument != "--bench").collect()
}

/// Runs this program again with other arguments, and gives what it prints.
///
/// # Errors
///
/// How it ended, if that wasn't well, and what it said of that.
pub fn run_again(args: &[&str]) -> Result<String> {
    let mut child = Command::new(env::current_exe()?);
    let output = child.args(args).output().context("cannot run this program again")?;
    ended_well(output.status, &String::from_utf8_lossy(&output.stderr))?;
    Ok(String::from_utf8(output.stdout)?)
}

/// For such a process: it is ended by a signal after so many seconds. On a machine with much else to do,
/// two threads that wait for each other may hardly ever run side by side.
pub fn give_up_after(seconds: u32) {
    // SAFETY: the call takes a number and touches no memory.
    unsafe { libc::alarm(seconds) };
}

fn ended_well(status: ExitStatus, said: &str) -> Result<()> {
    match status.signal() {
        None if status.success() => Ok(()),
        Some(libc::SIGSEGV) => bail!("it died of a segmentation fault"),
        Some(libc::SIGALRM) => bail!("given up: it took too long, or the machine was too busy"),
        _ => bail!("it ended with {status}: {}", said.trim()),
    }
}
