//! System calls that fail on demand.
//!
//! A seccomp filter hands the calls that ask the system for memory or randomness from one thread
//! over to another, which lets them through or has them fail (`seccomp_unotify(2)`).

use std::io::{PipeWriter, pipe};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;

/// The calls that can be made to fail, and errors that the system may give for them.
pub const CALLS: [(&str, libc::c_long, &[i32]); 14] = [
    ("memfd_secret", libc::SYS_memfd_secret, &[libc::ENOSYS, libc::EMFILE, libc::ENOMEM]),
    ("ftruncate", libc::SYS_ftruncate, &[libc::EINVAL]),
    ("mmap", libc::SYS_mmap, &[libc::ENOMEM, libc::EAGAIN]),
    ("mremap", libc::SYS_mremap, &[libc::ENOMEM]),
    ("munmap", libc::SYS_munmap, &[libc::ENOMEM]),
    ("mprotect", libc::SYS_mprotect, &[libc::ENOMEM]),
    ("pkey_alloc", libc::SYS_pkey_alloc, &[libc::ENOSPC]),
    ("pkey_mprotect", libc::SYS_pkey_mprotect, &[libc::ENOMEM]),
    ("madvise", libc::SYS_madvise, &[libc::EINVAL, libc::ENOMEM]),
    ("mlock", libc::SYS_mlock, &[libc::ENOMEM, libc::EPERM, libc::EAGAIN]),
    ("munlock", libc::SYS_munlock, &[libc::ENOMEM]),
    ("getrandom", libc::SYS_getrandom, &[libc::EIO, libc::ENOSYS]),
    ("clone", libc::SYS_clone, &[libc::EAGAIN]),
    ("clone3", libc::SYS_clone3, &[libc::EAGAIN]),
];

/// Runs `f` in a thread each of whose calls, of those in [`CALLS`], fails with what `verdict` says
/// about its place among them and its number, if anything.
///
/// What `f` allocates should fit into the heap as it is, for the allocator's own calls are handed
/// over too.
pub fn supervise<R: Send>(
    verdict: impl FnMut(usize, libc::c_long) -> Option<i32>,
    f: impl FnOnce() -> R + Send,
) -> R {
    let (send_listener, listener) = channel();
    let (end, ended) = pipe().expect("the system has pipes");
    thread::scope(|scope| {
        let thread = scope.spawn(|| supervised(send_listener, ended, f));
        if let Ok(listener) = listener.recv() {
            decide(&listener, &end, verdict);
        }
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Puts this thread under a filter, sends its listener, and runs `f`; closes `_ended` afterwards.
fn supervised<R>(send_listener: Sender<OwnedFd>, _ended: PipeWriter, f: impl FnOnce() -> R) -> R {
    send_listener.send(install_filter()).expect("the supervisor is there");
    f()
}

fn install_filter() -> OwnedFd {
    let statement = |code, k| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let number_offset = std::mem::offset_of!(libc::seccomp_data, nr);
    let mut filter =
        vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, number_offset as u32)];
    for (left, (_, number, _)) in (1..=CALLS.len()).rev().zip(CALLS) {
        let code = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
        // To the last statement, over the other comparisons and the one that allows.
        filter.push(libc::sock_filter { code, jt: left as u8, jf: 0, k: number as u32 });
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

/// Decides on calls until the other end of `end` is closed.
fn decide(
    listener: &OwnedFd,
    end: &impl AsFd,
    mut verdict: impl FnMut(usize, libc::c_long) -> Option<i32>,
) {
    for place in 0.. {
        let mut files = [listener.as_fd(), end.as_fd()].map(|f| PollFd::new(f, PollFlags::POLLIN));
        poll(&mut files, PollTimeout::NONE).expect("both files are open");
        if files[0].revents().is_none_or(|events| !events.contains(PollFlags::POLLIN)) {
            return;
        }
        // SAFETY: all of it is integers, for which zero is a value.
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the descriptor is a listener, and the structure is the kernel's.
        unsafe { ioctl::receive(listener.as_raw_fd(), &raw mut call) }.expect("a call is waiting");
        let failure = verdict(place, call.data.nr.into());
        let mut response = libc::seccomp_notif_resp {
            id: call.id,
            val: 0,
            error: failure.map_or(0, |error| -error),
            flags: if failure.is_none() {
                libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32
            } else {
                0
            },
        };
        // SAFETY: as above.
        unsafe { ioctl::respond(listener.as_raw_fd(), &raw mut response) }
            .expect("the thread waits");
    }
}
