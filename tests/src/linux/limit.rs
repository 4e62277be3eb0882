//! Limits of this process, for parts that are played in a child.

use caps::{CapSet, Capability};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Lets this process, root or not, lock no more than `bytes`.
pub fn locking(bytes: u64) {
    set(Resource::RLIMIT_MEMLOCK, bytes);
    caps::drop(None, CapSet::Effective, Capability::CAP_IPC_LOCK)
        .expect("one may give up a capability");
}

/// Sets the soft limit of `resource`, which can be undone.
pub fn set(resource: Resource, value: u64) {
    let (_, hard) = getrlimit(resource).expect("the resource exists");
    setrlimit(resource, value.min(hard), hard).expect("one may change it below the hard limit");
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
