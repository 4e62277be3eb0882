//! System calls that fail on demand.
//!
//! A seccomp filter hands the calls that ask the system for memory, randomness, threads or limits
//! over to a thread of its own, which lets them through or has them fail (`seccomp_unotify(2)`).

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{Pid, gettid};

/// A call that can be made to fail.
#[derive(PartialEq, Eq, Debug)]
pub struct Call {
    /// Its name.
    pub name: &'static str,
    number: libc::c_long,
    /// Errors that the system may give for it.
    pub errors: &'static [i32],
}

/// On 32 bits, lengths of files and places in them take another call.
#[cfg(target_pointer_width = "32")]
const SYS_MMAP: libc::c_long = libc::SYS_mmap2;
#[cfg(target_pointer_width = "64")]
const SYS_MMAP: libc::c_long = libc::SYS_mmap;

/// The calls that can be made to fail.
pub static CALLS: &[Call] = &[
    call("memfd_secret", libc::SYS_memfd_secret, &[libc::ENOSYS, libc::EMFILE, libc::ENOMEM]),
    call("ftruncate", libc::SYS_ftruncate, &[libc::EINVAL]),
    call("mmap", SYS_MMAP, &[libc::ENOMEM, libc::EAGAIN]),
    call("mremap", libc::SYS_mremap, &[libc::ENOMEM]),
    call("munmap", libc::SYS_munmap, &[libc::ENOMEM]),
    call("mprotect", libc::SYS_mprotect, &[libc::ENOMEM]),
    #[cfg(target_arch = "x86_64")]
    call("pkey_alloc", libc::SYS_pkey_alloc, &[libc::ENOSPC]),
    #[cfg(target_arch = "x86_64")]
    call("pkey_mprotect", libc::SYS_pkey_mprotect, &[libc::ENOMEM]),
    call("madvise", libc::SYS_madvise, &[libc::EINVAL, libc::ENOMEM]),
    call("mlock", libc::SYS_mlock, &[libc::ENOMEM, libc::EPERM, libc::EAGAIN]),
    call("openat", libc::SYS_openat, &[libc::EMFILE]),
    call("getrandom", libc::SYS_getrandom, &[libc::EIO, libc::ENOSYS]),
    call("clone", libc::SYS_clone, &[libc::EAGAIN]),
    call("clone3", libc::SYS_clone3, &[libc::EAGAIN]),
    call("prlimit64", libc::SYS_prlimit64, &[libc::EPERM]),
    call("prctl", libc::SYS_prctl, &[libc::EINVAL]),
];

const fn call(name: &'static str, number: libc::c_long, errors: &'static [i32]) -> Call {
    Call { name, number, errors }
}

/// Whether the call of this number is one of them.
#[must_use]
pub fn can_fail(number: libc::c_long) -> bool {
    CALLS.iter().any(|call| call.number == number)
}

/// Who decides on calls.
pub trait Supervisor: Send + 'static {
    /// The error with which this call of the thread under supervision fails, if it is to fail.
    fn decide(&mut self, call: &'static Call) -> Option<i32>;

    /// The same for a call of a thread that it has started.
    fn decide_beside(&mut self, _call: &'static Call) -> Option<i32> {
        None
    }
}

/// Puts this thread, and those that it will start, under supervision for the rest of their lives.
pub fn supervise(supervisor: impl Supervisor) {
    let thread = gettid();
    let (send_listener, listener) = channel();
    // It is started before the filter, and so not under it.
    let decider = thread::Builder::new().stack_size(64 * 1024);
    decider
        .spawn(move || decide(&listener, thread, supervisor))
        .expect("the system can start threads");
    send_listener.send(install_filter()).expect("the supervisor waits for it");
}

fn install_filter() -> OwnedFd {
    let statement = |code, k| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let number_offset = std::mem::offset_of!(libc::seccomp_data, nr);
    let mut filter =
        vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, number_offset as u32)];
    for (left, call) in (1..=CALLS.len()).rev().zip(CALLS) {
        let code = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
        // To the last statement, over the other comparisons and the one that allows.
        filter.push(libc::sock_filter { code, jt: left as u8, jf: 0, k: call.number as u32 });
    }
    filter.push(statement(libc::BPF_RET, libc::SECCOMP_RET_ALLOW));
    filter.push(statement(libc::BPF_RET, libc::SECCOMP_RET_USER_NOTIF));
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };

    prctl::set_no_new_privs().expect("one may give up privileges");
    // SAFETY: the program outlives the call, which only reads it.
    let listener = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
            &raw const program,
        )
    };
    let listener = RawFd::try_from(listener).expect("descriptors are small");
    assert!(listener >= 0, "seccomp: {}", std::io::Error::last_os_error());
    // SAFETY: the descriptor is new and nobody else's.
    unsafe { OwnedFd::from_raw_fd(listener) }
}

mod ioctl {
    nix::ioctl_readwrite!(receive, b'!', 0, libc::seccomp_notif);
    nix::ioctl_readwrite!(respond, b'!', 1, libc::seccomp_notif_resp);
}

/// Has `supervisor` decide on calls, as long as the process lives.
fn decide(listener: &Receiver<OwnedFd>, thread: Pid, mut supervisor: impl Supervisor) {
    let Ok(listener) = listener.recv() else { return };
    loop {
        // SAFETY: all of it is integers, for which zero is a value.
        let mut notified: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the descriptor is a listener, and the structure is the kernel's.
        match unsafe { ioctl::receive(listener.as_raw_fd(), &raw mut notified) } {
            // Who called has ended meanwhile, as a thread of a process that exits, or was interrupted
            // and will call again (seccomp_unotify(2)).
            Err(Errno::EINTR | Errno::ENOENT) => continue,
            received => received.expect("a call is waiting"),
        };
        let call = CALLS.iter().find(|call| call.number == libc::c_long::from(notified.data.nr));
        let call = call.expect("it is filtered");
        let failure = if notified.pid == thread.as_raw() as u32 {
            supervisor.decide(call)
        } else {
            supervisor.decide_beside(call)
        };
        let go_on = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
        let mut response = libc::seccomp_notif_resp {
            id: notified.id,
            val: 0,
            error: failure.map_or(0, |error| -error),
            flags: if failure.is_none() { go_on } else { 0 },
        };
        // SAFETY: as above.
        match unsafe { ioctl::respond(listener.as_raw_fd(), &raw mut response) } {
            // As above.
            Err(Errno::ENOENT) => {}
            responded => _ = responded.expect("who called waits"),
        }
    }
}
