//! Limits of this process, for parts that are played in a child.

use caps::{CapSet, Capability};
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Lets this process, root or not, lock no more than `bytes`.
pub fn locking(bytes: libc::rlim_t) {
    set(Resource::RLIMIT_MEMLOCK, bytes);
    caps::drop(None, CapSet::Effective, Capability::CAP_IPC_LOCK)
        .expect("one may give up a capability");
}

/// Sets the soft limit of `resource`, which can be undone.
pub fn set(resource: Resource, value: libc::rlim_t) {
    let (_, hard) = getrlimit(resource).expect("the resource exists");
    setrlimit(resource, value.min(hard), hard).expect("one may change it below the hard limit");
}

/// Has the kernel kill this thread, by SIGSYS, for each of these calls, as sandboxes do for those that
/// they don't know.
pub fn calls(refused: &[libc::c_long]) {
    let statement = |code: u32, k| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let number_offset = std::mem::offset_of!(libc::seccomp_data, nr) as u32;
    let mut filter = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, number_offset)];
    for (left, call) in (1..=refused.len()).rev().zip(refused) {
        let code = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
        // To the last statement, over the other comparisons and the one that allows.
        filter.push(libc::sock_filter { code, jt: left as u8, jf: 0, k: *call as u32 });
    }
    for action in [libc::SECCOMP_RET_ALLOW, libc::SECCOMP_RET_TRAP] {
        filter.push(statement(libc::BPF_RET | libc::BPF_K, action));
    }
    let len = filter.len().try_into().expect("it is short");
    let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
    prctl::set_no_new_privs().expect("one may give up privileges");
    // SAFETY: the program outlives the call, which only reads it.
    let installed = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program)
    };
    assert_eq!(installed, 0, "seccomp: {}", std::io::Error::last_os_error());
}

/// Has all threads from now on use the heaps that there are: one of its own would be mapped for each
/// new thread, at a time that no test can know.
pub fn heaps() {
    // SAFETY: the call takes integers, and the allocator expects it at any time.
    #[cfg(target_env = "gnu")]
    assert_eq!(unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) }, 1);
}

/// Makes this thread's heap so large that small allocations find room without a system call. What
/// is returned keeps the room from being given back.
pub fn room_on_the_heap() -> Option<Box<[u8]>> {
    let mut blocks: Vec<Box<[u8]>> = (0..32).map(|_| vec![0; 64 * 1024].into()).collect();
    blocks.pop()
}
