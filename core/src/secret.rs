//! The secret: the operations that users see, each a few transitions of the state.

use core::fmt;
use core::ptr::NonNull;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::content::{self, Hot, Regions, View};
use crate::state::{Pin, Pinned, Refused, Retired, Sealing, State, Unpinned};
use crate::storage::{Region, Released, Storage};
use crate::sync::{Arc, AtomicU64, Held};
use crate::word::{CLOSED, PIN_ONLY, POISONED, SEALED, Slot, Word};
use crate::{Error, Exposed, Reader, words};

/// How often `copy_into` looks again without a pin before it takes one.
const OPTIMISTIC_RETRIES: u32 = 3;

/// What became of a [`Secret::close`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Closed {
    /// The bytes are gone.
    Wiped,
    /// The bytes are gone, and somebody had written past their end.
    Overrun,
    /// Somebody still reads the bytes; the last reader wipes them.
    Deferred,
    /// The secret had been closed before.
    Already,
}

impl From<Released> for Closed {
    fn from(released: Released) -> Self {
        match released {
            Released::Intact => Self::Wiped,
            Released::Overrun => Self::Overrun,
        }
    }
}

/// A handle on a secret that lives in the memory of `S`.
///
/// A clone is a second handle on the same secret: closing or replacing it through one is seen
/// through all. The last handle to be dropped wipes what is left.
pub struct Secret<S: Storage> {
    inner: Arc<Inner<S>>,
}

/// What all handles of a secret share.
pub(crate) struct Inner<S: Storage> {
    pub(crate) hot: Hot,
    regions: Regions<S::Region>,
    storage: S,
}

// SAFETY: the regions are the only part that is not `Sync` by itself. Who may touch them, and that
// it is one thread at a time, is the table at `Regions`; they are `Send`.
unsafe impl<S: Storage> Sync for Inner<S> {}
// SAFETY: all parts are `Send`: `Region: Send`, `Storage: Send`, the views are plain atomics.
unsafe impl<S: Storage> Send for Inner<S> {}

impl<S: Storage> Secret<S> {
    /// A secret with the bytes of `source`, which is wiped on success and untouched on failure.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], and those of the storage.
    pub fn new_in(storage: S, source: &mut [u8]) -> Result<Self, Error> {
        let region = filled(&storage, source)?;
        let secret = Self::with_region(storage, region, source.len())?;
        source.zeroize();
        Ok(secret)
    }

    /// A secret of `len` bytes that `init` writes in place, over zeros.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLarge`], those of the storage, and the one of `init`, after
    /// which nothing is left of what it had written. The same holds if it panics.
    pub fn init_in<E: From<Error>>(
        storage: S,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        check_len(len)?;
        storage.check()?;
        let mut scratch = Scratch::new(&storage, len)?;
        init(scratch.bytes())?;
        let region = filled(&storage, scratch.bytes())?;
        drop(scratch);
        Ok(Self::with_region(storage, region, len)?)
    }

    fn with_region(storage: S, mut region: S::Region, len: usize) -> Result<Self, Error> {
        let start = region.start();
        let (flags, eager) = content::entry(region.at_rest());
        if flags & SEALED != 0
            && let Err(error) = region.seal()
        {
            region.release();
            return Err(error);
        }
        let hot = Hot { state: State::new(flags, eager), views: [View::vacant(), View::vacant()] };
        hot.views[Slot::First as usize].set(start, len);
        Ok(Self { inner: Arc::new(Inner { hot, regions: Regions::new(region), storage }) })
    }

    /// Calls `f` with the bytes.
    ///
    /// Accesses may nest and overlap, and `f` may close or replace the secret: the bytes it sees
    /// stay as they are until it returns. If it panics, the secret stays usable.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose); `f` is not called then.
    #[inline]
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        let bytes = self.expose()?;
        Ok(f(&bytes))
    }

    /// A guard that gives the bytes as long as it lives.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], [`Error::Poisoned`], [`Error::Forked`], and those of the storage when a
    /// sealed content can't be opened.
    #[inline]
    pub fn expose(&self) -> Result<Exposed<'_, S>, Error> {
        let inner = &*self.inner;
        inner.storage.check()?;
        match inner.hot.state.pin() {
            Pinned::Ready(pin) => Ok(Exposed::new(inner, pin)),
            Pinned::Sealed(pin) => inner.expose_sealed(pin),
            Pinned::Closed => Err(Error::Closed),
            Pinned::Poisoned => Err(Error::Poisoned),
        }
    }

    /// Copies the bytes to the front of `out` and says how many there are.
    ///
    /// Where the storage allows it, this takes no part in the secret's reference count and writes
    /// to no shared memory at all.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), after which `out` is wiped; and
    /// [`Error::BufferTooSmall`], after which it holds what it held, or zeros.
    #[inline]
    pub fn copy_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        let inner = &*self.inner;
        inner.storage.check()?;
        match inner.copy_optimistically(out) {
            Some(copied) => copied,
            None => self.copy_patiently(out),
        }
    }

    /// Copies a content that moved, or that may not be read without a pin.
    #[cold]
    fn copy_patiently(&self, out: &mut [u8]) -> Result<usize, Error> {
        for _ in 0..OPTIMISTIC_RETRIES {
            // An attempt that failed has left rubbish.
            out.zeroize();
            if let Some(copied) = self.inner.copy_optimistically(out) {
                return copied;
            }
        }
        out.zeroize();
        self.expose()?.copy_into(out)
    }

    /// A reader over the bytes; every read is an access of its own.
    #[must_use]
    pub fn reader(&self) -> Reader<S> {
        Reader::new(self.clone())
    }

    /// Gives the secret new content, of any length, wiping `source` on success and leaving it
    /// untouched on failure. Later accesses see the new content, current ones the old, which is
    /// wiped with the last of them.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], [`Error::Poisoned`], [`Error::Forked`], [`Error::Empty`],
    /// [`Error::Busy`] if the content before the current one is still being read, and those of the
    /// storage.
    pub fn replace(&self, source: &mut [u8]) -> Result<(), Error> {
        let inner = &*self.inner;
        inner.storage.check()?;
        inner.refuse_closed()?;
        let region = filled(&inner.storage, source)?;
        inner.replace_region(region, source.len())?;
        source.zeroize();
        Ok(())
    }

    /// Ends the secret: no access that begins after this returns succeeds. Never waits; called
    /// inside an access it returns [`Closed::Deferred`].
    pub fn close(&self) -> Closed {
        match self.inner.hot.state.close() {
            None => Closed::Already,
            Some(retired) => self.inner.finish(retired),
        }
    }

    /// Whether [`close`](Self::close) has been called, through this handle or another.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.hot.state.word().has(CLOSED)
    }

    /// Whether nothing is left of any content: closed, and wiped.
    #[must_use]
    pub fn is_wiped(&self) -> bool {
        self.inner.hot.state.is_vacant()
    }

    /// The number of bytes; never 0.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose), but a sealed content is not opened.
    #[expect(clippy::len_without_is_empty, reason = "a secret is never empty")]
    pub fn len(&self) -> Result<usize, Error> {
        let inner = &*self.inner;
        inner.storage.check()?;
        loop {
            let word = inner.refuse_closed()?;
            let (_, len) = inner.hot.views[word.slot() as usize].get();
            if word.generation() == inner.hot.state.word_after_reads().generation() {
                return Ok(len);
            }
        }
    }

    /// Whether the secret's bytes are those of `other`, in a time that depends on the lengths
    /// only.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn ct_eq(&self, other: &[u8]) -> Result<bool, Error> {
        self.with_bytes(|bytes| bytes.ct_eq(other).into())
    }

    /// Calls `f` with the host's side of the current content, which is not opened for it. `f` must
    /// not use the secret: a lock is held.
    ///
    /// # Errors
    ///
    /// Those of [`expose`](Self::expose).
    pub fn inspect<T>(&self, f: impl FnOnce(&S::Region) -> T) -> Result<T, Error> {
        let inner = &*self.inner;
        inner.storage.check()?;
        let mut f = Some(f);
        loop {
            let pin = match inner.hot.state.pin() {
                Pinned::Ready(pin) | Pinned::Sealed(pin) => pin,
                Pinned::Closed => return Err(Error::Closed),
                Pinned::Poisoned => return Err(Error::Poisoned),
            };
            let seen = inner.lock().map(|held| match inner.hot.state.sealing(&held, pin) {
                Sealing::Replaced | Sealing::Closed => None,
                // SAFETY: the lock is held, and `sealing` said that the pinned content is current.
                Sealing::Sealed | Sealing::Open => unsafe {
                    inner.regions.with(pin.slot(), |region| f.take().map(|f| f(region)))
                },
            });
            inner.unpin(pin);
            if let Some(seen) = seen?.flatten() {
                return Ok(seen);
            }
        }
    }

    /// The host's side of this secret.
    pub fn storage(&self) -> &S {
        &self.inner.storage
    }
}

impl<S: Storage> Inner<S> {
    /// The state word, unless the secret is closed.
    fn refuse_closed(&self) -> Result<Word, Error> {
        let word = self.hot.state.word();
        if word.has(POISONED) {
            Err(Error::Poisoned)
        } else if word.has(CLOSED) {
            Err(Error::Closed)
        } else {
            Ok(word)
        }
    }

    /// Copies without a pin. `None` if the content can't be read so, or changed meanwhile and left
    /// rubbish in `out`.
    #[inline]
    fn copy_optimistically(&self, out: &mut [u8]) -> Option<Result<usize, Error>> {
        let word = self.hot.state.word();
        if word.has(CLOSED | SEALED | PIN_ONLY) {
            return None;
        }
        let (start, len) = self.hot.views[word.slot() as usize].get();
        if !word.same_content(self.hot.state.word_after_reads()) {
            return None;
        }
        let Some(buffer) = out.get_mut(..len) else {
            return Some(Err(too_small(len, out.len())));
        };
        // SAFETY: start and length belong to one content that is readable at rest, since the word
        // did not change between reading it, them, and it again; its memory stays readable while
        // this handle exists and is only written atomically (guarantee 2 of `Region`).
        let words = unsafe { content::words(start, len) };
        words::load(words, buffer);
        word.same_content(self.hot.state.word_after_reads()).then_some(Ok(len))
    }

    /// Opens the content that `pin` met sealed.
    #[cold]
    fn expose_sealed(&self, mut pin: Pin) -> Result<Exposed<'_, S>, Error> {
        loop {
            match self.open(pin) {
                Ok(Sealing::Sealed | Sealing::Open) => return Ok(Exposed::new(self, pin)),
                Ok(Sealing::Replaced) => self.unpin(pin),
                Ok(Sealing::Closed) => {
                    self.unpin(pin);
                    return Err(Error::Closed);
                }
                Err(error) => {
                    self.unpin(pin);
                    return Err(error);
                }
            }
            pin = match self.hot.state.pin() {
                Pinned::Ready(pin) => return Ok(Exposed::new(self, pin)),
                Pinned::Sealed(pin) => pin,
                Pinned::Closed => return Err(Error::Closed),
                Pinned::Poisoned => return Err(Error::Poisoned),
            };
        }
    }

    /// Under the lock, opens the region of `pin` if it is still sealed.
    fn open(&self, pin: Pin) -> Result<Sealing, Error> {
        let held = self.lock()?;
        let sealing = self.hot.state.sealing(&held, pin);
        if matches!(sealing, Sealing::Sealed) {
            // SAFETY: the lock is held, and `sealing` said that the pinned content is current.
            let opened = unsafe { self.regions.with(pin.slot(), Region::open) };
            let start = opened.expect("a pinned place has a region")?;
            let view = &self.hot.views[pin.slot() as usize];
            view.set(start, view.get().1);
            self.hot.state.unseal(&held);
        }
        Ok(sealing)
    }

    /// Ends a pin and does what it leaves to be done.
    #[inline]
    pub(crate) fn unpin(&self, pin: Pin) {
        match self.hot.state.unpin(pin) {
            Unpinned::Plain => {}
            left => self.unpinned(left),
        }
    }

    #[cold]
    fn unpinned(&self, left: Unpinned) {
        match left {
            Unpinned::Plain => {}
            Unpinned::Last(slot) => {
                self.release(slot);
            }
            Unpinned::Idle => self.seal(),
        }
    }

    /// Seals the current content, if nobody reads it.
    fn seal(&self) {
        let Ok(held) = self.lock() else {
            // The host can't wait, and what can't be sealed must not stay readable.
            self.hot.state.close().map(|retired| self.finish(retired));
            return;
        };
        let Some(pin) = self.hot.state.begin_seal(&held) else { return };
        // SAFETY: the lock is held, and `begin_seal` pinned the current content.
        let sealed = unsafe { self.regions.with(pin.slot(), Region::seal) };
        if !matches!(sealed, Some(Ok(()))) {
            // What can't be sealed must not stay readable.
            self.hot.state.poison();
        }
        // The sealer's own unpin: the content is sealed, so all it can be is the last of a secret
        // that was closed meanwhile.
        let left = self.hot.state.unpin(pin);
        drop(held);
        if let Unpinned::Last(slot) = left {
            self.release(slot);
        }
    }

    fn replace_region(&self, mut region: S::Region, len: usize) -> Result<(), Error> {
        let (flags, eager) = content::entry(region.at_rest());
        let start = region.start();
        let sealed = if flags & SEALED != 0 { region.seal() } else { Ok(()) };
        let held = match sealed.and_then(|()| self.lock()) {
            Ok(held) => held,
            Err(error) => {
                region.release();
                return Err(error);
            }
        };
        let state = &self.hot.state;
        let slot = match state.vacant_slot(&held) {
            Ok(slot) => slot,
            Err(refused) => {
                region.release();
                return Err(self.refusal(refused));
            }
        };
        self.hot.views[slot as usize].set(start, len);
        // SAFETY: the lock is held and the place is vacant.
        unsafe { self.regions.put(slot, region) };
        let published = state.publish(&held, slot, flags, eager);
        drop(held);
        match published {
            Ok(retired) => {
                self.finish(retired);
                Ok(())
            }
            Err(refused) => {
                self.release(slot);
                Err(self.refusal(refused))
            }
        }
    }

    fn refusal(&self, refused: Refused) -> Error {
        match refused {
            Refused::Busy => Error::Busy,
            Refused::Closed => self.refuse_closed().err().unwrap_or(Error::Closed),
        }
    }

    /// Does what a retirement leaves to be done.
    fn finish(&self, retired: Retired) -> Closed {
        match retired {
            Retired::Drained(slot) => self.release(slot).into(),
            Retired::Deferred => Closed::Deferred,
        }
    }

    /// Releases the region in `slot`, which the caller has drained or never published.
    fn release(&self, slot: Slot) -> Released {
        // SAFETY: the caller's place, by draining it or by never having published it.
        let region = unsafe { self.regions.take(slot) };
        let released = region.map_or(Released::Intact, Region::release);
        self.hot.state.vacate(slot);
        released
    }

    fn lock(&self) -> Result<Held<'_>, Error> {
        let mut attempt = 0;
        loop {
            if let Some(held) = self.hot.state.lock().try_lock() {
                return Ok(held);
            }
            self.storage.relax(attempt)?;
            attempt = attempt.saturating_add(1);
        }
    }
}

impl<S: Storage> Drop for Inner<S> {
    fn drop(&mut self) {
        for slot in Slot::BOTH {
            // Whatever was forgotten pinned, nobody reads now: guards borrow their handle.
            if self.hot.state.is_occupied(slot) {
                self.release(slot);
            }
        }
    }
}

impl<S: Storage> Clone for Secret<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S: Storage> fmt::Debug for Secret<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

#[cold]
fn too_small(needed: usize, given: usize) -> Error {
    Error::BufferTooSmall { needed, given }
}

fn check_len(len: usize) -> Result<(), Error> {
    const MAX: usize = isize::MAX as usize;
    match len {
        0 => Err(Error::Empty),
        len if len > MAX => Err(Error::TooLarge { len, max: MAX }),
        _ => Ok(()),
    }
}

/// A region of `storage` with the bytes of `source`.
fn filled<S: Storage>(storage: &S, source: &[u8]) -> Result<S::Region, Error> {
    check_len(source.len())?;
    storage.check()?;
    let region = storage.allocate(source.len())?;
    // SAFETY: a new region is writable, and nobody else's (guarantee 1 of `Region`).
    let words = unsafe { content::words(region.start().as_ptr(), source.len()) };
    words::store(words, source);
    Ok(region)
}

/// A scratch region, released when it goes, however that happens.
struct Scratch<R: Region> {
    region: Option<R>,
    start: NonNull<AtomicU64>,
    len: usize,
}

impl<R: Region> Scratch<R> {
    fn new<S: Storage<Region = R>>(storage: &S, len: usize) -> Result<Self, Error> {
        let region = storage.scratch(len)?;
        Ok(Self { start: region.start(), region: Some(region), len })
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: guarantee 1 of `Region`, and that of `Storage::scratch`: nobody else looks at
        // this memory, so ordinary stores are fine; it is zeroed or written, so initialised.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.len) }
    }
}

impl<R: Region> Drop for Scratch<R> {
    fn drop(&mut self) {
        if let Some(region) = self.region.take() {
            region.release();
        }
    }
}
