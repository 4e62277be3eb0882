//! Linear memory for guests that have secrets in their own memory.

use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mlock, mmap_anonymous, mprotect, munmap};
use rustix::param::page_size;
use wasmtime::{Config, Engine, Error, LinearMemory, MemoryCreator, MemoryType, Result};
use zeroize::Zeroize;

/// Makes the linear memories of an engine's guests such that they are locked, left out of core dumps
/// (on Linux), and wiped when their store goes.
///
/// A memory that can't be locked is refused, and so is a growth: a guest takes at least 64 KiB of
/// the process's `RLIMIT_MEMLOCK`, and most take more than a MiB. A memory can't grow beyond
/// [`Config::memory_reservation`](wasmtime::Config::memory_reservation), since it would have to move.
///
/// ```
/// use wasmtime_strongroom::SecureMemoryCreator;
///
/// let mut config = wasmtime::Config::new();
/// let engine = SecureMemoryCreator::engine(&mut config)?;
/// # Ok::<(), wasmtime::Error>(())
/// ```
///
/// # What isn't made so
///
/// wasmtime asks it for the memories that instances define, and for no others:
///
/// - a memory that the host makes ([`wasmtime::Memory::new`]) and hands to a core module is ordinary
///   memory. Components can't import one;
/// - nor is a shared memory that the host makes (`wasmtime::SharedMemory`): [`engine`](Self::engine)
///   refuses a configuration that has them;
/// - a pooling allocator has memories of its own, and asks for none: `engine` refuses it, and
///   [`with_host_memory`](wasmtime::Config::with_host_memory) doesn't;
/// - tables, globals, and the stacks of guests, with what compiled code keeps there, are no linear
///   memory.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SecureMemoryCreator;

impl SecureMemoryCreator {
    /// The only kind there is.
    #[must_use]
    pub fn new() -> Self {
        Self
    }

    /// An engine whose guests' memories are made so, configured as `config` is otherwise. It has
    /// [`Config::memory_init_cow`] switched off: wasmtime panics otherwise when a component with data
    /// is instantiated.
    ///
    /// # Errors
    ///
    /// Where guests could get other memory: with a pooling allocator, and with shared memories. And
    /// those of [`Engine::new`].
    pub fn engine(config: &mut Config) -> Result<Engine> {
        config.with_host_memory(Arc::new(Self::new()));
        config.memory_init_cow(false);
        let engine = Engine::new(config)?;
        if engine.pooling_allocator_metrics().is_some() {
            return Err(Error::msg(
                "a pooling allocator makes the memories of guests itself, neither locked nor wiped; \
                 use InstanceAllocationStrategy::OnDemand",
            ));
        }
        if engine.get_shared_memory() {
            return Err(Error::msg(
                "shared memories are neither locked nor wiped; use Config::shared_memory(false)",
            ));
        }
        Ok(engine)
    }
}

// SAFETY: a `SecureMemory` has the minimum, all zeros, within the reservation, and keeps whatever of
// the reservation and the guard is not accessible without any access.
unsafe impl MemoryCreator for SecureMemoryCreator {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved_size_in_bytes: Option<usize>,
        guard_size_in_bytes: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let reserved = reserved_size_in_bytes.unwrap_or(0).max(minimum);
        let mut memory =
            SecureMemory::reserve(reserved, guard_size_in_bytes).map_err(|e| e.to_string())?;
        memory.grow_to(minimum).map_err(|e| e.to_string())?;
        Ok(Box::new(memory))
    }
}

/// Pages that this owns: first those that are accessible and locked, then those that may become so,
/// then the guard.
struct SecureMemory {
    start: NonNull<u8>,
    /// Bytes the guest has.
    size: usize,
    /// Whole pages, as all that follows.
    accessible: usize,
    reserved: usize,
    mapped: usize,
}

// SAFETY: the pages belong to this value, wherever it goes.
unsafe impl Send for SecureMemory {}
// SAFETY: a shared reference gives the address and no access.
unsafe impl Sync for SecureMemory {}

impl SecureMemory {
    fn reserve(bytes: usize, guard: usize) -> Result<Self> {
        let too_large = || Error::msg("more than the address space has");
        let reserved = whole_pages(bytes).ok_or_else(too_large)?;
        let guard = whole_pages(guard).ok_or_else(too_large)?;
        // One page at least: there is no mapping of nothing.
        let mapped = reserved.checked_add(guard).ok_or_else(too_large)?.max(page_size());
        let (access, flags) = (ProtFlags::empty(), MapFlags::PRIVATE | MapFlags::NORESERVE);
        // SAFETY: a new mapping at an address of the system's choice changes nobody's memory.
        let start = unsafe { mmap_anonymous(std::ptr::null_mut(), mapped, access, flags) }
            .map_err(|errno| refused("reserve", mapped, errno))?;
        let start = NonNull::new(start.cast()).ok_or_else(too_large)?;
        Ok(Self { start, size: 0, accessible: 0, reserved, mapped })
    }

    /// Makes `len` bytes after those that are accessible so, too, locked and out of dumps.
    fn open(&mut self, len: usize) -> Result<()> {
        let start = self.start.as_ptr().wrapping_add(self.accessible).cast();
        // SAFETY: these pages are this value's, in the reservation, and nobody has used them yet.
        unsafe { mprotect(start, len, MprotectFlags::READ | MprotectFlags::WRITE) }
            .map_err(|errno| refused("open", len, errno))?;
        // SAFETY: locking pages of this value's own changes nothing in them.
        let locked = unsafe { mlock(start, len) }.map_err(|errno| refused("lock", len, errno));
        #[cfg(target_os = "linux")]
        let locked = locked.and_then(|()| {
            // SAFETY: leaving pages of this value's own out of dumps changes nothing in them.
            unsafe { rustix::mm::madvise(start, len, rustix::mm::Advice::LinuxDontDump) }
                .map_err(|errno| refused("keep out of dumps", len, errno))
        });
        if locked.is_err() {
            // Still untouched. Should this fail, too, they stay accessible, and not counted as such.
            // SAFETY: as above.
            let _ = unsafe { mprotect(start, len, MprotectFlags::empty()) };
        }
        locked?;
        self.accessible += len;
        Ok(())
    }
}

// SAFETY: `size` bytes from `start` are accessible for as long as this lives, they never move, and
// growth within the capacity keeps them.
unsafe impl LinearMemory for SecureMemory {
    fn byte_size(&self) -> usize {
        self.size
    }

    fn byte_capacity(&self) -> usize {
        self.reserved
    }

    fn grow_to(&mut self, new_size: usize) -> Result<()> {
        let accessible = whole_pages(new_size).filter(|&pages| pages <= self.reserved);
        let Some(accessible) = accessible else {
            return Err(Error::msg(format!(
                "a guest's memory can't grow to {new_size} bytes, for {} are reserved; \
                 Config::memory_reservation reserves more",
                self.reserved
            )));
        };
        if accessible > self.accessible {
            self.open(accessible - self.accessible)?;
        }
        self.size = new_size;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for SecureMemory {
    fn drop(&mut self) {
        // SAFETY: `accessible` bytes from `start` are readable, writable and initialised, and the
        // store that used them is gone.
        let bytes = unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.accessible) };
        bytes.zeroize();
        // SAFETY: the mapping is this value's, and nobody has its address any more.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.mapped) };
        debug_assert!(unmapped.is_ok(), "a mapping that was made can be undone");
    }
}

/// `bytes`, rounded up to whole pages.
fn whole_pages(bytes: usize) -> Option<usize> {
    bytes.checked_next_multiple_of(page_size())
}

fn refused(what: &str, bytes: usize, errno: Errno) -> Error {
    Error::msg(format!(
        "the system refused to {what} {bytes} bytes for a guest's memory: {errno}; raise the limit \
         of locked memory (ulimit -l), or give guests smaller memories"
    ))
}
