//! What all handles of a secret share, and the steps that their operations are made of.

use core::mem;
use core::panic::RefUnwindSafe;
use core::ptr::NonNull;

use crate::cache_line::CacheLine;
use crate::content::{self, Header, Location, Regions};
use crate::outcome::CloseOutcome;
use crate::state::{Pin, Pinned, Retired, State, Unpinned};
use crate::storage::{AtRest, Region, Released, Storage};
use crate::sync::{self, Arc, AtomicU64};
use crate::word::{CLOSED, HALF, POISONED, Place, UNREADABLE, Word};
use crate::{Error, atomic_bytes, wipe};

/// The state, the contents and the host of one secret.
pub(crate) struct Shared<S: Storage> {
    pub(crate) header: CacheLine<Header>,
    regions: Regions<S::Region>,
    pub(crate) storage: S,
}

// SAFETY: the regions are the only part that is not `Sync` by itself. Who may touch them, and that
// it is one thread at a time, is the table at `Regions`; they are `Send`.
unsafe impl<S: Storage> Sync for Shared<S> {}
// SAFETY: all parts are `Send`: `Region: Send`, `Storage: Send`, the locations are plain atomics.
unsafe impl<S: Storage> Send for Shared<S> {}
/// A panic inside an access ends that access, and what it read was never changed under it; nothing
/// here is left half done.
impl<S: Storage> RefUnwindSafe for Shared<S> {}

impl<S: Storage> Shared<S> {
    /// A secret whose first content is in `region`, filled and open.
    #[inline]
    pub(crate) fn new(storage: S, region: S::Region, len: usize) -> Result<Arc<Self>, Error> {
        let incoming = Incoming::new(&storage, region, len)?;
        let Incoming { region, start, len, at_rest } = incoming;
        // SAFETY: the value is placed below, and nothing in between can unwind.
        let header = unsafe { CacheLine::vacant() };
        let shared = sync::arc(Self { header, regions: Regions::new(region), storage });
        let locations = [Location::vacant(), Location::vacant()];
        let header = Header { state: State::new(at_rest), locations };
        header.locations[Place::First as usize].set(start, len);
        // SAFETY: the first value; what an `Arc` holds doesn't move, and nobody else has it yet.
        unsafe { shared.header.place(header) };
        Ok(shared)
    }

    /// The state word, unless the secret is closed.
    pub(crate) fn refuse_closed(&self) -> Result<Word, Error> {
        let word = self.header.state.word();
        if word.has(CLOSED) { Err(refusal(word)) } else { Ok(word) }
    }

    /// Pins the current content and opens it if it is sealed.
    #[inline]
    pub(crate) fn pin(&self) -> Result<Pin, Error> {
        if self.storage.rests_unreadable() {
            return self.pin_unreadable();
        }
        match self.header.state.pin() {
            Pinned::Ready(pin) => Ok(pin),
            refused_or_unready => self.pin_slowly(refused_or_unready),
        }
    }

    /// Pins the content and begins to open it, in one instruction, if it is sealed.
    #[inline(never)]
    fn pin_unreadable(&self) -> Result<Pin, Error> {
        let to_make_readable =
            |word: Word| (word.has(UNREADABLE) && !word.has(CLOSED | HALF)).then(|| word.pinned());
        let state = &self.header.state;
        let Ok(busy) = self.begin(state.word(), to_make_readable)? else {
            return self.pin_slowly(state.pin());
        };
        let pin = Pin::of(busy.word);
        match busy.make_readable() {
            Ok(()) => Ok(pin),
            Err(error) => {
                self.abandon(pin);
                Err(error)
            }
        }
    }

    #[inline(never)]
    fn pin_slowly(&self, mut pinned: Pinned) -> Result<Pin, Error> {
        loop {
            let pin = match pinned {
                Pinned::Ready(pin) => return Ok(pin),
                Pinned::Unready(pin) => pin,
                Pinned::Closed => return Err(Error::Closed),
                Pinned::Poisoned => return Err(Error::Poisoned),
            };
            if pin.met_half() {
                self.count_pins(pin)?;
            }
            match self.make_readable(pin) {
                Ok(true) => return Ok(pin),
                Ok(false) => self.abandon(pin),
                Err(error) => {
                    self.abandon(pin);
                    return Err(error);
                }
            }
            pinned = self.header.state.pin();
        }
    }

    /// Takes half of the range off the counts of the content of `pin`, if nobody else has; or ends the
    /// pin with an error, if there are too many others.
    #[cold]
    fn count_pins(&self, pin: Pin) -> Result<(), Error> {
        let state = &self.header.state;
        let mut word = state.word();
        while state.is_half_counted(pin, word) {
            match self.begin(word, |word| state.to_halve(pin, word)) {
                Ok(Ok(_busy)) => {
                    state.halve(pin.place());
                    return Ok(());
                }
                Ok(Err(now)) => word = now,
                Err(error) => {
                    self.abandon(pin);
                    return Err(error);
                }
            }
            if let Ok(Ok(_busy)) = self.begin(word, |word| state.to_refuse(pin, word)) {
                return Err(Error::Busy);
            }
            word = state.word();
        }
        Ok(())
    }

    /// Opens the region of `pin`, if nobody else has; false if its content was closed or replaced.
    #[inline]
    fn make_readable(&self, pin: Pin) -> Result<bool, Error> {
        let to_make_readable =
            |word: Word| (pin.is_current(word) && word.has(UNREADABLE)).then_some(word);
        let busy = match self.begin(pin.word(), to_make_readable)? {
            Ok(busy) => busy,
            Err(word) => return Ok(pin.is_current(word)),
        };
        busy.make_readable()?;
        Ok(true)
    }

    /// Copies the content of `word`, which allows it, without a pin. `None` if the content changed
    /// meanwhile; what has been copied is wiped then.
    #[inline]
    pub(crate) fn copy_optimistically(
        &self,
        word: Word,
        out: &mut [u8],
    ) -> Option<Result<usize, Error>> {
        let (start, len) = self.header.locations[word.place() as usize].get();
        if !word.same_content(self.header.state.word_after_reads()) {
            return None;
        }
        let Some(buffer) = out.get_mut(..len) else {
            return Some(Err(too_small(len, out.len())));
        };
        // SAFETY: start and length belong to one content that is readable at rest, since the word
        // did not change between reading it, them, and it again; its memory stays readable while
        // this handle exists and is only written atomically (guarantee 2 of `Region`).
        let words = unsafe { content::words(start, len) };
        atomic_bytes::load(words, buffer);
        if word.same_content(self.header.state.word_after_reads()) {
            Some(Ok(len))
        } else {
            discard(buffer);
            None
        }
    }

    /// Calls `f` with the current region, while nobody else uses it but to read.
    pub(crate) fn inspect<T>(&self, f: impl FnOnce(&S::Region) -> T) -> Result<T, Error> {
        Ok(self.busy()?.region(|region| f(region)))
    }

    /// Ends a pin and does what it leaves to be done.
    #[inline]
    pub(crate) fn unpin(&self, pin: Pin) {
        if pin.met_unreadable() {
            return self.unpin_after_opening(pin);
        }
        match self.header.state.unpin(pin) {
            Unpinned::Plain => {}
            left => self.unpinned(left),
        }
    }

    /// The same for whoever found the content sealed: as nearly always nobody else has come in
    /// since, the pin ends with the beginning of a seal.
    #[inline(never)]
    fn unpin_after_opening(&self, pin: Pin) {
        self.storage.on_access_end();
        let state = &self.header.state;
        self.make_unreadable_if(
            |word| state.to_make_unreadable_at_end_of(pin, word),
            || self.abandon(pin),
        );
    }

    #[inline(never)]
    fn unpinned(&self, left: Unpinned) {
        self.storage.on_access_end();
        self.finish(left);
    }

    /// Ends a pin under which nothing was read.
    fn abandon(&self, pin: Pin) {
        self.finish(self.header.state.unpin(pin));
    }

    fn finish(&self, left: Unpinned) {
        match left {
            Unpinned::Plain | Unpinned::Inside => {}
            Unpinned::Last(place) => self.release_deferred(place),
            Unpinned::Idle => self.make_unreadable(),
        }
    }

    /// Seals the current content, if nobody reads it.
    pub(crate) fn make_unreadable(&self) {
        self.make_unreadable_if(|word| self.header.state.to_make_unreadable(word), || ());
    }

    /// Seals the current content, if `wanted` wants it. If it doesn't, calls `otherwise`.
    #[inline]
    fn make_unreadable_if(&self, wanted: impl Fn(Word) -> Option<Word>, otherwise: impl FnOnce()) {
        match self.begin(self.header.state.word(), wanted) {
            Ok(Ok(busy)) => busy.make_unreadable(),
            Ok(Err(_)) => otherwise(),
            Err(_) => {
                // The host can't wait, and what can't be sealed must not stay readable.
                self.close();
                otherwise();
            }
        }
    }

    /// Makes `region`, filled and open, the current content.
    pub(crate) fn replace(&self, region: S::Region, len: usize) -> Result<(), Error> {
        let incoming = Incoming::new(&self.storage, region, len)?;
        match self.busy() {
            Ok(busy) => busy.replace(incoming),
            Err(error) => {
                incoming.discard(&self.storage);
                Err(error)
            }
        }
    }

    /// Ends the secret.
    pub(crate) fn close(&self) -> CloseOutcome {
        match self.header.state.close() {
            None => CloseOutcome::Already,
            Some(Retired::Drained(place)) => {
                let released = self.release(place);
                // Nobody is busy, nor will be again: what is in the other place is the content that
                // was replaced before, and somebody still reads it.
                let is_last = self.header.state.is_vacant(place.other());
                if released == Released::Intact && !is_last {
                    return CloseOutcome::Deferred;
                }
                released.into()
            }
            Some(Retired::Deferred) => {
                self.storage.on_release_deferred();
                CloseOutcome::Deferred
            }
        }
    }

    /// Releases the region in `place`, which the caller has drained or never published.
    #[inline]
    fn release(&self, place: Place) -> Released {
        // SAFETY: the caller's place, by draining it or by never having published it.
        let region = unsafe { self.regions.take(place) };
        let released = region.map_or(Released::Intact, Region::release);
        self.header.state.vacate(place, released);
        released
    }

    /// The same where no caller would learn of an overrun.
    fn release_silently(&self, place: Place) {
        if self.release(place) == Released::Overrun {
            self.storage.on_overrun();
        }
    }

    /// The same for a content whose release had been left to its last reader.
    fn release_deferred(&self, place: Place) {
        self.release_silently(place);
        self.storage.on_deferred_release();
    }

    /// Makes this the busy party, with the change of the word, `word` just now, that `wanted` gives for
    /// it; or gives the word for which `wanted` gave nothing.
    #[inline]
    fn begin(
        &self,
        word: Word,
        wanted: impl Fn(Word) -> Option<Word>,
    ) -> Result<Result<Busy<'_, S>, Word>, Error> {
        let begun = self.header.state.begin(word, wanted, |attempt| self.storage.relax(attempt))?;
        Ok(begun.map(|word| Busy { shared: self, word }))
    }

    /// Ends what the busy party began; `opened` if a sealed content is readable now.
    #[inline]
    fn end(&self, opened: bool) {
        if let Some(place) = self.header.state.end(opened) {
            self.release_deferred(place);
        }
    }

    /// Ends the secret, as the busy party could not seal its content.
    #[cold]
    fn poison(&self) {
        if self.header.state.poison() {
            self.storage.on_release_deferred();
        }
    }

    /// Makes this the busy party, unless the secret is closed.
    fn busy(&self) -> Result<Busy<'_, S>, Error> {
        let to_use = |word: Word| (!word.has(CLOSED)).then_some(word);
        let begun = self.begin(self.header.state.word(), to_use)?;
        begun.map_err(refusal)
    }
}

/// The busy party, until this is dropped. Nobody else touches the current region, nor the other place
/// if it is vacant, and nothing replaces the current content.
struct Busy<'a, S: Storage> {
    shared: &'a Shared<S>,
    /// The state word from before.
    word: Word,
}

impl<S: Storage> Busy<'_, S> {
    /// Calls `f` with the current region.
    #[inline]
    fn region<T>(&self, f: impl FnOnce(&mut S::Region) -> T) -> T {
        // SAFETY: this is the busy party, and the content was current when it began.
        let result = unsafe { self.shared.regions.with(self.word.place(), f) };
        result.expect("a current content has a region")
    }

    /// Opens the content, which is sealed, and which this party has pinned.
    #[inline(always)]
    fn make_readable(self) -> Result<(), Error> {
        let start = self.region(Region::make_readable)?;
        if self.region(|region| region.at_rest()) != AtRest::Entered {
            let location = &self.shared.header.locations[self.word.place() as usize];
            location.set(start, location.get().1);
            self.shared.end(true);
            mem::forget(self);
        }
        Ok(())
    }

    /// Seals the content, which is marked as sealed already.
    #[inline(always)]
    fn make_unreadable(self) {
        if self.region(Region::make_unreadable).is_err() {
            self.shared.poison();
        }
    }

    /// Makes `incoming` the current content, if the place for it is vacant.
    fn replace(self, incoming: Incoming<S::Region>) -> Result<(), Error> {
        let (shared, place) = (self.shared, self.word.place().other());
        if !shared.header.state.is_vacant(place) {
            incoming.discard(&shared.storage);
            return Err(Error::Busy);
        }
        let at_rest = incoming.at_rest;
        incoming.show(&shared.header.locations[place as usize]);
        // SAFETY: this is the busy party, and the place is vacant.
        unsafe { shared.regions.put(place, incoming.region) };
        let Some(retired) = shared.header.state.publish(self.word, at_rest) else {
            shared.release_silently(place);
            return Err(refusal(shared.header.state.word()));
        };
        // Publishing has ended it.
        mem::forget(self);
        match retired {
            Retired::Drained(old) => shared.release_silently(old),
            Retired::Deferred => shared.storage.on_release_deferred(),
        }
        Ok(())
    }
}

impl<S: Storage> Drop for Busy<'_, S> {
    #[inline]
    fn drop(&mut self) {
        self.shared.end(false);
    }
}

impl<S: Storage> Drop for Shared<S> {
    fn drop(&mut self) {
        for place in Place::BOTH {
            // Whatever was forgotten pinned, nobody reads now: guards borrow their handle.
            if self.header.state.is_retired(place) {
                self.release_deferred(place);
            } else if self.header.state.is_occupied(place) {
                self.release_silently(place);
            }
        }
    }
}

/// A content on its way into a secret: filled, and unreadable if it rests so.
struct Incoming<R: Region> {
    region: R,
    start: NonNull<AtomicU64>,
    len: usize,
    at_rest: AtRest,
}

impl<R: Region> Incoming<R> {
    #[inline]
    fn new<S: Storage<Region = R>>(storage: &S, mut region: R, len: usize) -> Result<Self, Error> {
        let (at_rest, start) = (region.at_rest(), region.start());
        let prepared = match at_rest {
            AtRest::Readable | AtRest::PinOnly => Ok(()),
            AtRest::Unreadable { .. } | AtRest::Entered => region.make_unreadable(),
        };
        let incoming = Self { region, start, len, at_rest };
        match prepared {
            Ok(()) => Ok(incoming),
            Err(error) => {
                incoming.discard(storage);
                Err(error)
            }
        }
    }

    /// Tells readers where it is.
    fn show(&self, location: &Location) {
        location.set(self.start, self.len);
    }

    /// Releases it without its ever having been seen.
    fn discard<S: Storage<Region = R>>(self, storage: &S) {
        if self.region.release() == Released::Overrun {
            storage.on_overrun();
        }
    }
}

/// Why the secret of `word`, which is closed, is.
fn refusal(word: Word) -> Error {
    if word.has(POISONED) { Error::Poisoned } else { Error::Closed }
}

#[cold]
fn discard(rubbish: &mut [u8]) {
    wipe::wipe(rubbish);
}

#[cold]
fn too_small(needed: usize, given: usize) -> Error {
    Error::BufferTooSmall { needed, given }
}
