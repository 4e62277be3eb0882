//! What a host provides: memory, and how to wait.

use core::ptr::NonNull;

use crate::sync::AtomicU64;
use crate::{Error, Secret};

/// How a region's bytes may be reached while nobody holds a pin on them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtRest {
    /// By anyone, and the address stays readable as long as the [`Secret`] lives,
    /// even after [`Region::release`]: `copy_into` may read without a pin.
    Readable,
    /// The bytes are readable, but may vanish with the content: `copy_into` takes a pin.
    PinOnly,
    /// Not at all: [`Region::make_readable`] and [`Region::make_unreadable`] are called around accesses.
    Unreadable {
        /// Whether the last reader makes them unreadable. If not, the host calls
        /// [`Secret::make_unreadable_if_idle`](crate::Secret::make_unreadable_if_idle) when it sees fit.
        eager: bool,
    },
    /// Only by threads that have entered: [`Region::make_readable`] is called for every access, on its
    /// thread, which calls [`Storage::on_access_end`] when the access is over.
    Entered,
}

/// What [`Region::release`] found while it wiped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Released {
    /// The memory around the content was as it should be.
    Intact,
    /// Somebody wrote past the end of the content. It was wiped all the same.
    Overrun,
}

/// Memory for one content of one secret, owned.
///
/// The core writes it through [`atomic_bytes`](crate::atomic_bytes) only, and calls
/// [`release`](Self::release) exactly once.
///
/// # Safety
///
/// An implementation guarantees, for a region that was allocated for `len` bytes:
///
/// 1. [`start`](Self::start) points to [`atomic_bytes::count`](crate::atomic_bytes::count)`(len)` words
///    that are zero at first, aligned, in nobody else's use, and valid for reads and writes until
///    `release` or, if unreadable at rest, until [`make_unreadable`](Self::make_unreadable).
/// 2. If [`at_rest`](Self::at_rest) is [`AtRest::Readable`], the words stay readable as long as any
///    handle of the secret exists; whoever gets the memory after `release` writes it with atomic
///    stores only.
/// 3. After [`make_readable`](Self::make_readable) returned a pointer, guarantee 1 holds for it until the
///    next `make_unreadable` or `release`; with [`AtRest::Entered`] the pointer is always the same, and
///    readable for this thread until it has called [`Storage::on_access_end`] as often. `at_rest` always
///    gives the same answer.
/// 4. `release` has overwritten every byte of the content, or has ended the process, before it
///    returns; it works on readable and unreadable regions, and never unwinds. Neither does
///    `make_unreadable`.
pub unsafe trait Region: Send {
    /// Where the words are while the region is readable.
    fn start(&self) -> NonNull<AtomicU64>;

    /// How the bytes may be reached while nobody holds a pin.
    fn at_rest(&self) -> AtRest;

    /// Makes an unreadable region readable, for all threads or for this one, and says where its words now
    /// are.
    ///
    /// # Errors
    ///
    /// The host's own; the region is still unreadable then, and the access fails with this error.
    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        Ok(self.start())
    }

    /// Makes the region unreadable.
    ///
    /// # Errors
    ///
    /// The host's own; the core then closes the secret for good.
    fn make_unreadable(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Wipes the content and gives the memory back.
    fn release(self) -> Released;
}

/// The host of a secret: where its memory comes from, and how one waits there.
///
/// # Safety
///
/// [`allocate`](Self::allocate) and [`scratch`](Self::scratch) return regions of the asked length,
/// and those of `scratch` and [`key_memory`](Self::key_memory) are never [`AtRest::Readable`] to anyone, before or after: they may be
/// written with ordinary stores. So may a new region of `allocate` that isn't [`AtRest::Readable`].
///
/// [`barrier`](Self::barrier) fails, or does all that it says.
pub unsafe trait Storage: Send + Sync {
    /// The memory it gives.
    type Region: Region;

    /// Memory for a content of `len` bytes, readable. `len` is neither 0 nor above `isize::MAX`.
    ///
    /// # Errors
    ///
    /// The host's own: limits reached, system calls that failed.
    fn allocate(&self, len: usize) -> Result<Self::Region, Error>;

    /// Memory in which `len` bytes are put together before they become a content.
    ///
    /// # Errors
    ///
    /// As [`allocate`](Self::allocate).
    fn scratch(&self, len: usize) -> Result<Self::Region, Error> {
        self.allocate(len)
    }

    /// Memory for `len` bytes of a root key, which contents need in order to be read: as that of
    /// [`scratch`](Self::scratch), and it stays until there is another key.
    ///
    /// # Errors
    ///
    /// As [`allocate`](Self::allocate).
    fn key_memory(&self, len: usize) -> Result<Self::Region, Error> {
        self.scratch(len)
    }

    /// Whether this process may still use what this storage holds.
    ///
    /// # Errors
    ///
    /// [`Error::Forked`] in a child process.
    #[inline]
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Whether contents are nearly always found unreadable. A hint, which decides in what order an access
    /// looks for what it has to do.
    #[inline]
    fn rests_unreadable(&self) -> bool {
        false
    }

    /// Fills `out` with bytes of a cryptographic random generator.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] if the generator failed, [`Error::Unsupported`] on a host that has none.
    fn random(&self, out: &mut [u8]) -> Result<(), Error> {
        let _ = out;
        Err(Error::Unsupported { what: "random bytes" })
    }

    /// Called between two attempts to do what another thread does for a moment: to make a content readable
    /// or unreadable, to replace it, or to hold a lock.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] where waiting would never end, as on a single thread; the operation fails
    /// with it.
    fn relax(&self, attempt: u32) -> Result<(), Error>;

    /// Makes all other threads of this process run a full memory barrier before this returns, wherever they are:
    /// `membarrier` on Linux, `FlushProcessWriteBuffers` on Windows. With it, local handles need neither an atomic
    /// read-modify-write nor a fence for an access; without it, they take pins.
    ///
    /// Only for storages all regions of which are [`AtRest::Readable`] or [`AtRest::PinOnly`], and whose
    /// [`relax`](Self::relax) lets other threads go on.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there is no such barrier. A host that had one may lose it: contents are then
    /// kept until each local handle has been used or dropped.
    fn barrier(&self) -> Result<(), Error> {
        Err(Error::Unsupported { what: "a barrier for all threads" })
    }

    /// Called with every secret that was created in this storage.
    ///
    /// It is the one place where a storage knows of secrets, which stand above it: a host whose contents
    /// become unreadable when idle has to find them later, so it keeps a
    /// [`WeakSecret`](crate::WeakSecret). Whoever creates secrets could tell it instead, but then each
    /// way to create one would have to, and one that forgot would leave its contents readable.
    fn on_created(&self, _secret: &Secret<Self>)
    where
        Self: Sized,
    {
    }

    /// Called on the thread that has ended an access of a content that is not readable at rest. It may also
    /// be called for the last reader of a content that is.
    fn on_access_end(&self) {}

    /// Called when the release of a content is deferred to its last reader, so that hosts can count what is
    /// still to be wiped. May come after the [`on_deferred_release`](Self::on_deferred_release) that belongs
    /// to it, since the last reader may be quicker.
    fn on_release_deferred(&self) {}

    /// Called when the last reader has released a content whose release was deferred.
    fn on_deferred_release(&self) {}

    /// Called when a release found [`Released::Overrun`] and there is no `close` to tell: of a content, or of what
    /// contents and keys are put together in. That may outlive its storage.
    fn on_overrun() {}
}
