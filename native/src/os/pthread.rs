//! Threads of this library, of the system's own: the standard library's map a stack for signals once they run, and
//! end the process where that fails, as it does where all that is mapped is locked and the limit is near.

use core::ffi::{CStr, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use crate::Error;

type Body = Box<dyn FnOnce() + Send>;

struct Start {
    name: &'static CStr,
    body: Body,
}

/// A detached thread with a small stack. All that it takes is there before it runs.
pub(super) fn spawn(
    name: &'static CStr,
    body: impl FnOnce() + Send + 'static,
) -> Result<(), Error> {
    /// What is enough, and what is tried where the thread-local storage of the program needs more.
    const STACKS: [usize; 3] = [64 * 1024, 512 * 1024, 4 * 1024 * 1024];
    let start = Box::into_raw(Box::new(Start { name, body: Box::new(body) }));
    let mut code = 0;
    for stack in STACKS {
        // SAFETY: it was leaked just now, and no thread has got it.
        code = unsafe { create(stack, start) };
        if code != libc::EINVAL {
            break;
        }
    }
    if code == 0 {
        return Ok(());
    }
    // SAFETY: as above.
    drop(unsafe { Box::from_raw(start) });
    Err(Error::Os { call: "creating a thread", code })
}

/// The system's answer to a wish for a thread; unless that is 0, there is none.
///
/// # Safety
///
/// `start` is a leaked box, which the thread gets.
unsafe fn create(stack: usize, start: *mut Start) -> libc::c_int {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the pointer is to a local that outlives the call, which initialises it.
    let code = unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) };
    if code != 0 {
        return code;
    }
    let attributes = attributes.as_mut_ptr();
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    // SAFETY: initialised above.
    let mut code = unsafe { libc::pthread_attr_setstacksize(attributes, stack) };
    if code == 0 {
        let detached = libc::PTHREAD_CREATE_DETACHED;
        // SAFETY: as above.
        code = unsafe { libc::pthread_attr_setdetachstate(attributes, detached) };
    }
    if code == 0 {
        let (thread, start) = (thread.as_mut_ptr(), start.cast());
        // SAFETY: the attributes are initialised, and `run` takes what `start` is.
        code = unsafe { libc::pthread_create(thread, attributes, run, start) };
    }
    // SAFETY: as above; nobody uses them any more.
    unsafe { libc::pthread_attr_destroy(attributes) };
    code
}

extern "C" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: leaked by `spawn`, which has passed it on.
    let Start { name, body } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    set_name(name);
    body();
    ptr::null_mut()
}

/// Names this thread, for who looks at the process from outside.
#[cfg(target_vendor = "apple")]
fn set_name(name: &CStr) {
    // SAFETY: the pointer is to a string with its end.
    unsafe { libc::pthread_setname_np(name.as_ptr()) };
}

/// Names this thread, for who looks at the process from outside: the first 15 bytes.
#[cfg(not(target_vendor = "apple"))]
fn set_name(name: &CStr) {
    // SAFETY: the pointer is to a string with its end.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr(), 0, 0, 0) };
}
