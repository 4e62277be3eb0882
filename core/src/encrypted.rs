//! A region whose content rests encrypted in ordinary memory and is in protected memory only while
//! somebody reads it.

use core::ptr::NonNull;

use crate::Error;
use crate::storage::{AtRest, Region, Released, Storage};
use crate::sync::{Arc, AtomicU64};
use crate::vault::{Entry, Vault};

/// Memory for one content that rests in a [`Vault`].
pub struct EncryptedRegion<S: Storage> {
    vault: Arc<Vault<S>>,
    len: usize,
    resting: Option<(usize, Arc<Entry<S>>)>,
    plain: Option<S::Region>,
    /// Whether any plaintext's memory has been written past its ends.
    overrun: bool,
}

impl<S: Storage> EncryptedRegion<S> {
    /// Memory for a content of `len` bytes that will rest in `vault`.
    ///
    /// # Errors
    ///
    /// Those of the vault's storage.
    pub fn new(vault: Arc<Vault<S>>, len: usize) -> Result<Self, Error> {
        let plain = Some(vault.storage.scratch(len)?);
        Ok(Self { vault, len, resting: None, plain, overrun: false })
    }

    /// Where the plaintext is, while somebody reads it.
    pub fn plain(&self) -> Option<&S::Region> {
        self.plain.as_ref()
    }

    /// Calls `f` with the region that holds the root key under which the content rests; `None` before it
    /// rests.
    ///
    /// # Errors
    ///
    /// Those of [`Storage::relax`], while the content is being moved to another key.
    pub fn with_root_key<T>(&self, f: impl FnOnce(&S::Region) -> T) -> Result<Option<T>, Error> {
        let Some((_, resting)) = &self.resting else { return Ok(None) };
        let entry = self.vault.lock(resting)?;
        Ok(entry.0.memory().map(f))
    }

    /// Encrypts the content, for the first time and for good.
    #[cold]
    fn rest(&mut self) -> Result<(), Error> {
        if let Some(plain) = &self.plain {
            // SAFETY: the region is ours, of this length, and nobody reads it when it is made
            // unreadable.
            let bytes = unsafe { bytes(plain, self.len) };
            self.resting = Some(self.vault.insert(bytes)?);
        }
        Ok(())
    }

    fn release_plain(&mut self) {
        if let Some(plain) = self.plain.take() {
            self.overrun |= plain.release() == Released::Overrun;
        }
    }
}

/// The bytes in a region of `scratch`.
///
/// # Safety
///
/// The region was allocated by `scratch` for `len` bytes and nobody else looks at it for `'a`.
unsafe fn bytes<'a>(region: &impl Region, len: usize) -> &'a mut [u8] {
    // SAFETY: so many bytes are there and may be written (guarantee 1 of `Region`), by ordinary
    // stores, too, as the caller promises that they are `scratch`'s and that nobody else looks at
    // them.
    unsafe { core::slice::from_raw_parts_mut(region.start().as_ptr().cast(), len) }
}

// SAFETY: for the numbered guarantees:
// 1. the words are those of a scratch region of the storage, until `make_unreadable` releases
//    it.
// 2. contents are never readable at rest.
// 3. `make_readable` gives the words of a new scratch region.
// 4. the plaintext is only in scratch regions, which are released, and that wipes them; what is
//    left is ciphertext. Nothing here unwinds.
unsafe impl<S: Storage> Region for EncryptedRegion<S> {
    fn start(&self) -> NonNull<AtomicU64> {
        self.plain.as_ref().map_or(NonNull::dangling(), Region::start)
    }

    fn at_rest(&self) -> AtRest {
        AtRest::Unreadable { eager: true }
    }

    #[inline(never)]
    fn make_readable(&mut self) -> Result<NonNull<AtomicU64>, Error> {
        let Some((_, resting)) = &self.resting else { return Ok(self.start()) };
        let plain = self.plain.insert(self.vault.storage.scratch(self.len)?);
        let decrypted = self.vault.lock(resting).and_then(|entry| {
            let (key, ciphertext) = &*entry;
            // SAFETY: the region is new, ours, and of this length.
            key.decrypt(ciphertext, unsafe { bytes(plain, self.len) })
        });
        let start = plain.start();
        if let Err(error) = decrypted {
            self.release_plain();
            return Err(error);
        }
        Ok(start)
    }

    #[inline(never)]
    fn make_unreadable(&mut self) -> Result<(), Error> {
        if self.resting.is_none() {
            self.rest()?;
        }
        self.release_plain();
        Ok(())
    }

    fn release(mut self) -> Released {
        self.release_plain();
        if let Some((number, _)) = self.resting.take() {
            self.vault.remove(number);
        }
        if self.overrun { Released::Overrun } else { Released::Intact }
    }
}
