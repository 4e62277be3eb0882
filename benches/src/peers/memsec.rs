//! `memsec`: libsodium's guarded allocator in Rust. The memory is locked between guard
//! pages and readable all the time; sharing and replacing are its user's affair.

use std::ptr::NonNull;

use zeroize::Zeroize;

use crate::{LEN, Mutexed, Peer};

/// `memsec::malloc` and `memsec::free`.
pub struct Memsec(NonNull<[u8; LEN]>);

// SAFETY: `Memsec` is the only owner of its allocation, and memsec frees on any thread.
unsafe impl Send for Memsec {}

impl Memsec {
    fn bytes(&mut self) -> &mut [u8; LEN] {
        // SAFETY: the pointer comes from `memsec::malloc` of this type, which filled all of it,
        // is freed only in `drop`, and `&mut self` makes this the only reference.
        unsafe { self.0.as_mut() }
    }
}

impl Peer for Memsec {
    const NAME: &'static str = "memsec";
    type Shared = Mutexed<Self>;

    #[inline]
    fn create(source: &mut [u8]) -> Self {
        // SAFETY: `malloc` asks nothing of its caller; any bytes are a valid `[u8; LEN]`.
        let memory = unsafe { memsec::malloc() };
        let mut secret = Self(memory.expect("memsec allocates"));
        secret.replace(source);
        secret
    }

    #[inline]
    fn borrow<R>(&mut self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(self.bytes())
    }

    #[inline]
    fn replace(&mut self, source: &mut [u8]) {
        self.bytes().copy_from_slice(source);
        source.zeroize();
    }
}

impl Drop for Memsec {
    fn drop(&mut self) {
        // SAFETY: the pointer comes from `memsec::malloc` and is not used again. `free` wipes.
        unsafe { memsec::free(self.0) }
    }
}
