//! What all handles of a secret share, and the steps that their operations are made of.

use core::ptr::NonNull;

use crate::content::{self, Hot, Regions, View};
use crate::line::Line;
use crate::secret::Closed;
use crate::state::{Pin, Pinned, Refused, Retired, Sealing, State, Unpinned};
use crate::storage::{AtRest, Region, Released, Storage};
use crate::sync::{self, Arc, AtomicU64, Held};
use crate::word::{CLOSED, POISONED, SEALED, Slot, Word};
use crate::{Error, Exposed, wipe, words};

/// The state, the contents and the host of one secret.
pub(crate) struct Shared<S: Storage> {
    pub(crate) hot: Line<Hot>,
    regions: Regions<S::Region>,
    pub(crate) storage: S,
}

// SAFETY: the regions are the only part that is not `Sync` by itself. Who may touch them, and that
// it is one thread at a time, is the table at `Regions`; they are `Send`.
unsafe impl<S: Storage> Sync for Shared<S> {}
// SAFETY: all parts are `Send`: `Region: Send`, `Storage: Send`, the views are plain atomics.
unsafe impl<S: Storage> Send for Shared<S> {}

impl<S: Storage> Shared<S> {
    /// A secret whose first content is in `region`, filled and open.
    #[inline]
    pub(crate) fn new(storage: S, region: S::Region, len: usize) -> Result<Arc<Self>, Error> {
        let incoming = Incoming::new(&storage, region, len)?;
        let Incoming { region, start, len, flags, eager } = incoming;
        // SAFETY: the value is placed below, and nothing in between can unwind.
        let hot = unsafe { Line::vacant() };
        let shared = sync::arc(Self { hot, regions: Regions::new(region), storage });
        let views = [View::vacant(), View::vacant()];
        let hot = Hot { state: State::new(flags, eager), views };
        hot.views[Slot::First as usize].set(start, len);
        // SAFETY: the first value; what an `Arc` holds doesn't move, and nobody else has it yet.
        unsafe { shared.hot.place(hot) };
        Ok(shared)
    }

    /// The state word, unless the secret is closed.
    pub(crate) fn refuse_closed(&self) -> Result<Word, Error> {
        let word = self.hot.state.word();
        if word.has(POISONED) {
            Err(Error::Poisoned)
        } else if word.has(CLOSED) {
            Err(Error::Closed)
        } else {
            Ok(word)
        }
    }

    /// Pins the current content and opens it if it is sealed.
    #[inline]
    pub(crate) fn expose(&self) -> Result<Exposed<'_, S>, Error> {
        match self.hot.state.pin() {
            Pinned::Ready(pin) => Ok(Exposed::new(self, pin)),
            refused_or_sealed => self.expose_slowly(refused_or_sealed),
        }
    }

    #[inline(never)]
    fn expose_slowly(&self, mut pinned: Pinned) -> Result<Exposed<'_, S>, Error> {
        loop {
            let pin = match pinned {
                Pinned::Ready(pin) => return Ok(Exposed::new(self, pin)),
                Pinned::Sealed(pin) => pin,
                Pinned::Closed => return Err(Error::Closed),
                Pinned::Poisoned => return Err(Error::Poisoned),
            };
            match self.open(pin) {
                Ok(Sealing::Sealed | Sealing::Open) => return Ok(Exposed::new(self, pin)),
                Ok(Sealing::Replaced | Sealing::Closed) => self.abandon(pin),
                Err(error) => {
                    self.abandon(pin);
                    return Err(error);
                }
            }
            pinned = self.hot.state.pin();
        }
    }

    /// Under the lock, opens the region of `pin` if it is still sealed.
    fn open(&self, pin: Pin) -> Result<Sealing, Error> {
        let held = self.lock()?;
        let sealing = self.hot.state.sealing(&held, pin);
        if matches!(sealing, Sealing::Sealed) {
            // SAFETY: the lock is held, and `sealing` said that the pinned content is current.
            let opened = unsafe {
                self.regions.with(pin.slot(), |region| Ok((region.open()?, region.at_rest())))
            };
            let (start, at_rest) = opened.expect("a pinned place has a region")?;
            if at_rest != AtRest::Entered {
                let view = &self.hot.views[pin.slot() as usize];
                view.set(start, view.get().1);
                self.hot.state.unseal(&held);
            }
        }
        Ok(sealing)
    }

    /// Copies the content of `word`, which allows it, without a pin. `None` if the content changed
    /// meanwhile; what has been copied is wiped then.
    #[inline]
    pub(crate) fn copy_optimistically(
        &self,
        word: Word,
        out: &mut [u8],
    ) -> Option<Result<usize, Error>> {
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
        if word.same_content(self.hot.state.word_after_reads()) {
            Some(Ok(len))
        } else {
            discard(buffer);
            None
        }
    }

    /// Calls `f` with the current region, under the lock.
    pub(crate) fn inspect<T>(&self, f: impl FnOnce(&S::Region) -> T) -> Result<T, Error> {
        let mut f = Some(f);
        loop {
            let pin = match self.hot.state.pin() {
                Pinned::Ready(pin) | Pinned::Sealed(pin) => pin,
                Pinned::Closed => return Err(Error::Closed),
                Pinned::Poisoned => return Err(Error::Poisoned),
            };
            let seen = self.lock().map(|held| match self.hot.state.sealing(&held, pin) {
                Sealing::Replaced | Sealing::Closed => None,
                // SAFETY: the lock is held, and `sealing` said that the pinned content is current.
                Sealing::Sealed | Sealing::Open => unsafe {
                    self.regions.with(pin.slot(), |region| f.take().map(|f| f(region)))
                },
            });
            self.abandon(pin);
            if let Some(seen) = seen?.flatten() {
                return Ok(seen);
            }
        }
    }

    /// Ends a pin and does what it leaves to be done.
    #[inline]
    pub(crate) fn unpin(&self, pin: Pin) {
        if pin.met_seal() {
            return self.unpin_opener(pin);
        }
        match self.hot.state.unpin(pin) {
            Unpinned::Plain => {}
            left => self.unpinned(left),
        }
    }

    /// The same for whoever found the content sealed: as nearly always nobody else has come in
    /// since, the content is sealed before the pin ends, which saves an idle moment in between.
    #[inline(never)]
    fn unpin_opener(&self, pin: Pin) {
        self.storage.left();
        if self.hot.state.is_last_of_eager(pin) {
            self.seal(Some(pin));
        } else {
            self.abandon(pin);
        }
    }

    #[inline(never)]
    fn unpinned(&self, left: Unpinned) {
        self.storage.left();
        self.settle(left);
    }

    /// Ends a pin under which nothing was read.
    fn abandon(&self, pin: Pin) {
        self.settle(self.hot.state.unpin(pin));
    }

    fn abandon_if_any(&self, pin: Option<Pin>) {
        if let Some(pin) = pin {
            self.abandon(pin);
        }
    }

    fn settle(&self, left: Unpinned) {
        match left {
            Unpinned::Plain | Unpinned::Inside => {}
            Unpinned::Last(slot) => self.release_deferred(slot),
            Unpinned::Idle => self.seal(None),
        }
    }

    /// Seals the current content, if nobody reads it but `reader`, and ends that pin.
    #[inline]
    pub(crate) fn seal(&self, reader: Option<Pin>) {
        let Ok(held) = self.lock() else {
            // The host can't wait, and what can't be sealed must not stay readable.
            self.close();
            return self.abandon_if_any(reader);
        };
        let Some(pin) = self.hot.state.begin_seal(&held, reader) else {
            drop(held);
            return self.abandon_if_any(reader);
        };
        // SAFETY: the lock is held, and the pin is on the current content, as `begin_seal` said.
        let sealed = unsafe { self.regions.with(pin.slot(), Region::seal) };
        if !matches!(sealed, Some(Ok(()))) && self.hot.state.poison() {
            self.storage.deferred();
        }
        let last = self.hot.state.end_seal(&held, pin);
        drop(held);
        if let Some(slot) = last {
            self.release_deferred(slot);
        }
    }

    /// Makes `region`, filled and open, the current content.
    pub(crate) fn replace(&self, region: S::Region, len: usize) -> Result<(), Error> {
        let incoming = Incoming::new(&self.storage, region, len)?;
        let held = match self.lock() {
            Ok(held) => held,
            Err(error) => {
                incoming.discard(&self.storage);
                return Err(error);
            }
        };
        let slot = match self.hot.state.vacant_slot(&held) {
            Ok(slot) => slot,
            Err(refused) => {
                incoming.discard(&self.storage);
                return Err(self.refusal(refused));
            }
        };
        let (flags, eager) = (incoming.flags, incoming.eager);
        incoming.show(&self.hot.views[slot as usize]);
        // SAFETY: the lock is held and the place is vacant.
        unsafe { self.regions.put(slot, incoming.region) };
        let published = self.hot.state.publish(&held, slot, flags, eager);
        drop(held);
        match published {
            Ok(Retired::Drained(old)) => self.release_silently(old),
            Ok(Retired::Deferred) => self.storage.deferred(),
            Err(refused) => {
                self.release_silently(slot);
                return Err(self.refusal(refused));
            }
        }
        Ok(())
    }

    fn refusal(&self, refused: Refused) -> Error {
        match refused {
            Refused::Busy => Error::Busy,
            Refused::Closed => self.refuse_closed().err().unwrap_or(Error::Closed),
        }
    }

    /// Ends the secret.
    pub(crate) fn close(&self) -> Closed {
        match self.hot.state.close() {
            None => Closed::Already,
            Some(Retired::Drained(slot)) => self.release(slot).into(),
            Some(Retired::Deferred) => {
                self.storage.deferred();
                Closed::Deferred
            }
        }
    }

    /// Releases the region in `slot`, which the caller has drained or never published.
    #[inline]
    fn release(&self, slot: Slot) -> Released {
        // SAFETY: the caller's place, by draining it or by never having published it.
        let region = unsafe { self.regions.take(slot) };
        let released = region.map_or(Released::Intact, Region::release);
        self.hot.state.vacate(slot, released);
        released
    }

    /// The same where no caller would learn of an overrun.
    fn release_silently(&self, slot: Slot) {
        if self.release(slot) == Released::Overrun {
            self.storage.overrun();
        }
    }

    /// The same for a content whose release had been left to its last reader.
    fn release_deferred(&self, slot: Slot) {
        self.release_silently(slot);
        self.storage.settled();
    }

    fn lock(&self) -> Result<Held<'_, ()>, Error> {
        self.hot.state.lock().lock(|attempt| self.storage.relax(attempt))
    }
}

impl<S: Storage> Drop for Shared<S> {
    fn drop(&mut self) {
        for slot in Slot::BOTH {
            // Whatever was forgotten pinned, nobody reads now: guards borrow their handle.
            if self.hot.state.is_retired(slot) {
                self.release_deferred(slot);
            } else if self.hot.state.is_occupied(slot) {
                self.release_silently(slot);
            }
        }
    }
}

/// A content on its way into a secret: filled, and sealed if it rests so.
struct Incoming<R: Region> {
    region: R,
    start: NonNull<AtomicU64>,
    len: usize,
    flags: u64,
    eager: bool,
}

impl<R: Region> Incoming<R> {
    #[inline]
    fn new<S: Storage<Region = R>>(storage: &S, mut region: R, len: usize) -> Result<Self, Error> {
        let (flags, eager) = content::entry(region.at_rest());
        let start = region.start();
        let sealed = if flags & SEALED != 0 { region.seal() } else { Ok(()) };
        let incoming = Self { region, start, len, flags, eager };
        match sealed {
            Ok(()) => Ok(incoming),
            Err(error) => {
                incoming.discard(storage);
                Err(error)
            }
        }
    }

    /// Tells readers where it is.
    fn show(&self, view: &View) {
        view.set(self.start, self.len);
    }

    /// Releases it without its ever having been seen.
    fn discard<S: Storage<Region = R>>(self, storage: &S) {
        if self.region.release() == Released::Overrun {
            storage.overrun();
        }
    }
}

#[cold]
fn discard(rubbish: &mut [u8]) {
    wipe::wipe(rubbish);
}

#[cold]
fn too_small(needed: usize, given: usize) -> Error {
    Error::BufferTooSmall { needed, given }
}
