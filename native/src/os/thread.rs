//! Threads of this library.

use crate::Error;
use core::ffi::CStr;

/// A detached thread with a small stack.
pub(super) fn spawn(name: &'static CStr, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    const STACK: usize = 64 * 1024;
    let builder = std::thread::Builder::new().name(name.to_string_lossy().into()).stack_size(STACK);
    match builder.spawn(f) {
        Ok(_detached) => Ok(()),
        Err(error) => {
            Err(Error::Os { call: "creating a thread", code: error.raw_os_error().unwrap_or(0) })
        }
    }
}
