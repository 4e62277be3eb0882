//! Parts of a test that are played in a process of their own.
//!
//! [`run`] starts this test binary once more, for the same test alone, with the part's name in
//! the environment. The child comes to the same `run`, plays the part and ends; every other part
//! it passes by. So a test that has parts should do nothing else of consequence.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitStatus, Output};

use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork};

use super::lacking;

/// The environment variable that names the part.
const PART: &str = "STRONGROOM_TEST_PART";

/// What the environment variable begins with that has the command line of the emulator which this binary
/// is for, where the system itself can't run it; it ends with the processor's name.
const EMULATOR: &str = "STRONGROOM_TEST_EMULATOR_";

/// How a child exits that has played its part to the end; no other exit has this status.
const PLAYED: i32 = 73;

/// Seconds after which a child that hangs is killed, so that it fails and doesn't block the rest.
const PATIENCE: u32 = 600;

/// Plays `body` in a new process and says how that ended.
///
/// It is called in a test function itself, or in a closure there.
pub fn run<F: FnOnce()>(part: &str, body: F) -> Ended {
    match std::env::var(PART) {
        Ok(chosen) if chosen == part => {
            alarm::set(PATIENCE);
            body();
            leave(PLAYED);
        }
        Ok(_) => Ended(None),
        Err(_) => {
            let output = this_binary()
                .args(["--exact", test_of::<F>(), "--nocapture", "--test-threads=1"])
                .env(PART, part)
                // Did it bind a function late, the dynamic linker would save the registers on the
                // stack, with what was copied or compared last.
                .env("LD_BIND_NOW", "1")
                .output()
                .expect("this binary can be run again");
            Ended(Some((part.to_owned(), output)))
        }
    }
}

/// What standard error may be to who has something to say at a bad time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deaf {
    /// A pipe that nobody can read any more: writing is an error.
    Gone,
    /// A pipe that is full and that nobody reads: writing waits for ever.
    Full,
}

/// Makes standard error of this process deaf.
///
/// # Panics
///
/// If the system has no pipe.
pub fn deafen_stderr(deaf: Deaf) {
    let (reader, writer) = std::io::pipe().expect("the system has pipes");
    // SAFETY: both are descriptors, of this process alone.
    let moved = unsafe { libc::dup2(writer.as_raw_fd(), libc::STDERR_FILENO) };
    assert_eq!(moved, libc::STDERR_FILENO);
    if deaf == Deaf::Full {
        // SAFETY: the descriptor is open, and a pipe.
        unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
        while (&writer).write(&[b'.'; 4096]).is_ok() {}
        // SAFETY: as above.
        unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, 0) };
        std::mem::forget(reader);
    }
}

/// The command line of the emulator that runs this binary, if one does.
#[must_use]
pub fn emulator() -> Option<String> {
    std::env::var(format!("{EMULATOR}{}", std::env::consts::ARCH)).ok()
}

/// A command that runs this test binary again.
fn this_binary() -> Command {
    let binary = std::env::current_exe().expect("this binary has a path");
    let Some(emulator) = emulator() else { return Command::new(binary) };
    let mut words = emulator.split_ascii_whitespace();
    let mut command = Command::new(words.next().expect("an emulator has a name"));
    command.args(words).arg(binary);
    command
}

/// The name of the test that the closure `F` is written in.
fn test_of<F>() -> &'static str {
    let path = std::any::type_name::<F>();
    let function = path.split("::{{closure}}").next().unwrap_or(path);
    function.split_once("::").map_or(function, |(_, test)| test)
}

/// Exits without running what the parent or the test harness has left to be run at exit.
fn leave(status: i32) -> ! {
    let _ = std::io::stdout().flush();
    // SAFETY: `_exit` ends the process and touches nothing.
    unsafe { libc::_exit(status) }
}

/// How a part ended; `None` in a child that plays another part.
#[must_use = "how the part ended is what the test is about"]
pub struct Ended(Option<(String, Output)>);

impl Ended {
    /// Asserts that the part was played to the end.
    #[track_caller]
    pub fn finishes(self) {
        if let Some((part, output)) = self.0 {
            assert!(has_played(output.status), "{}", told(&part, &output));
            lacking::relay(&String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Asserts that `signal` ended the part.
    #[track_caller]
    pub fn dies_of(self, signal: Signal) {
        if let Some((part, output)) = self.0 {
            let died_of = output.status.signal();
            assert_eq!(died_of, Some(signal as i32), "{}", told(&part, &output));
        }
    }
}

fn told(part: &str, output: &Output) -> String {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|out| String::from_utf8_lossy(out));
    format!("{part}: {}\n{stdout}\n{stderr}", output.status)
}

/// Whether a child has played its part to the end.
#[must_use]
pub fn has_played(status: ExitStatus) -> bool {
    status.code() == Some(PLAYED)
}

/// A forked child.
#[must_use = "a child that nobody waits for stays a zombie"]
pub struct Forked(Pid);

/// Forks, and plays `body` in the child.
pub fn forked(body: impl FnOnce()) -> Forked {
    // SAFETY: the child runs what the library promises to work after a fork, and the allocator and
    // the standard streams, which glibc and musl keep usable there.
    match unsafe { fork() }.expect("the system can fork") {
        ForkResult::Child => play_forked(body),
        ForkResult::Parent { child } => Forked(child),
    }
}

/// As [`forked`], by the bare system call: no handler of `pthread_atfork` runs.
pub fn cloned(body: impl FnOnce()) -> Forked {
    // SAFETY: without flags and a stack this is a fork; see `forked`.
    let answer = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    match i32::try_from(answer).expect("process numbers are small") {
        0 => play_forked(body),
        child if child > 0 => Forked(Pid::from_raw(child)),
        _ => panic!("clone: {}", std::io::Error::last_os_error()),
    }
}

fn play_forked(body: impl FnOnce()) -> ! {
    // A fork inherits no alarm.
    alarm::set(PATIENCE);
    let played = catch_unwind(AssertUnwindSafe(body));
    leave(if played.is_ok() { PLAYED } else { 1 })
}

impl Forked {
    /// The child's number.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.0
    }

    /// Asserts that the child played its part to the end.
    #[track_caller]
    pub fn finishes(self) {
        let status = self.ends();
        assert!(has_played(status), "the forked child: {status}");
    }

    /// Asserts that `signal` ended the child.
    #[track_caller]
    pub fn dies_of(self, signal: Signal) {
        let status = self.ends();
        assert_eq!(status.signal(), Some(signal as i32), "the forked child: {status}");
    }

    /// Waits for the child and says how it ended.
    #[must_use]
    pub fn ends(self) -> ExitStatus {
        match waitpid(self.0, None).expect("the child is ours") {
            WaitStatus::Exited(_, code) => ExitStatus::from_raw(code << 8),
            WaitStatus::Signaled(_, signal, _) => ExitStatus::from_raw(signal as i32),
            other => panic!("the forked child has not ended: {other:?}"),
        }
    }
}
