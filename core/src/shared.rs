//! What all handles of a secret share, and the steps that their operations are made of.

use core::mem;
use core::panic::RefUnwindSafe;
use core::ptr::NonNull;

use crate::content::{self, Header, Location, RegionCell};
use crate::extra::Extra;
use crate::hazards::{Hazard, Hazards};
use crate::outcome::CloseOutcome;
use crate::own_line::OwnLine;
use crate::state::{Begun, LocalReads, Pin, Pinned, Removal, Retired, State, Unpinned};
use crate::storage::{AtRest, Region, Released, Storage};
use crate::sync::{self, Arc, AtomicU64};
use crate::word::{CLOSED, Entrance, POISONED, Place, Word};
use crate::{Error, atomic_bytes, wipe};

/// The state, the contents and the host of one secret.
///
/// Each secret costs so much memory, so there is no more than all secrets need.
pub(crate) struct Shared<S: Storage>(OwnLine<Header<S::Region>, S, Location>);

// SAFETY: the regions are the only part that is not `Sync` by itself. Who may touch them, and that
// it is one thread at a time, is the table at `RegionCell`; they are `Send`.
unsafe impl<S: Storage> Sync for Shared<S> {}
// SAFETY: all parts are `Send`: `Region: Send`, `Storage: Send`, the locations are plain atomics.
unsafe impl<S: Storage> Send for Shared<S> {}
/// A panic inside an access ends that access, and what it read was never changed under it; nothing
/// here is left half done.
impl<S: Storage> RefUnwindSafe for Shared<S> {}

impl<S: Storage> Shared<S> {
    /// A secret whose first content is in `region`, filled and readable.
    #[inline(always)]
    pub(crate) fn new(storage: S, region: S::Region, len: usize) -> Result<Arc<Self>, Error> {
        let incoming = Incoming::new::<S>(region, len)?;
        let Incoming { region, start, len, entrance } = incoming;
        let locations = [Location::vacant(), Location::vacant()];
        locations[Place::First as usize].set(start, len);
        // SAFETY: the values are placed below, and nothing in between can unwind.
        let shared = sync::arc(Self(unsafe { OwnLine::vacant() }));
        // SAFETY: the first values; what an `Arc` holds doesn't move, and nobody else has it yet.
        unsafe { shared.0.place(Header::new(entrance, region), storage, locations) };
        Ok(shared)
    }

    /// What every access writes.
    #[inline]
    pub(crate) fn header(&self) -> &Header<S::Region> {
        self.0.line()
    }

    /// The host of the secret.
    #[inline]
    pub(crate) fn storage(&self) -> &S {
        self.0.first()
    }

    /// Where readers find the content in `place`.
    #[inline]
    pub(crate) fn location(&self, place: Place) -> &Location {
        self.0.other(place as usize)
    }

    /// Start and length of the content of `pin`, which is readable.
    ///
    /// What is read doesn't hang on the pin, but on a branch that the processor predicts: so it reads start, length
    /// and bytes while the pin's atomic operation is still under way, and the next one follows at once. Otherwise a
    /// second thread takes the line in between, and an access that two threads make at a time takes a third longer.
    #[inline(always)]
    pub(crate) fn pinned_at(&self, pin: Pin) -> (*const AtomicU64, usize) {
        let mut found = self.location(Place::First).get();
        if pin.place() != Place::First {
            found = self.location(Place::Second).get();
        }
        found
    }

    #[inline]
    fn region(&self, place: Place) -> &RegionCell<S::Region> {
        &self.header().regions[place as usize]
    }

    /// The state word, unless the secret is closed.
    pub(crate) fn refuse_closed(&self) -> Result<Word, Error> {
        let word = self.header().state.word();
        if word.has(CLOSED) { Err(refusal(word)) } else { Ok(word) }
    }

    /// Pins the current content, if the secret may be used here, and makes it readable if it isn't.
    #[inline(always)]
    pub(crate) fn pin(&self) -> Result<Pin, Error> {
        // Once: it takes some instructions to find.
        let storage = self.storage();
        storage.check()?;
        if storage.rests_unreadable() {
            return self.pin_unreadable();
        }
        match self.header().state.pin() {
            Pinned::Ready(pin) => Ok(pin),
            refused_or_unready => self.pin_slowly(refused_or_unready),
        }
    }

    /// [`pin`](Self::pin) for contents that are nearly always found unreadable: pins them and begins to make
    /// them readable in one instruction.
    #[inline(never)]
    fn pin_unreadable(&self) -> Result<Pin, Error> {
        let state = &self.header().state;
        let begun = self.begin(state.word(), State::to_pin_and_make_readable)?;
        let Begun::Busy(busy) = begun else { return self.pin_slowly(state.pin()) };
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
            pinned = self.header().state.pin();
        }
    }

    /// Takes half of the range off the counts of the content of `pin`, if nobody else has; or ends the
    /// pin with an error, if there are too many others.
    #[cold]
    fn count_pins(&self, pin: Pin) -> Result<(), Error> {
        let state = &self.header().state;
        let mut word = state.word();
        while state.is_half_counted(pin, word) {
            match self.begin(word, |word| state.to_halve(pin, word)) {
                Ok(Begun::Busy(_busy)) => {
                    state.halve(pin.place());
                    return Ok(());
                }
                Ok(Begun::NothingToDo(now)) => word = now,
                Err(error) => {
                    self.abandon(pin);
                    return Err(error);
                }
            }
            let refused = self.begin(word, |word| state.to_refuse(pin, word));
            if let Ok(Begun::Busy(_busy)) = refused {
                return Err(Error::Busy);
            }
            word = state.word();
        }
        Ok(())
    }

    /// Makes the content of `pin` readable, if nobody else has; false if it was closed or replaced.
    #[inline]
    fn make_readable(&self, pin: Pin) -> Result<bool, Error> {
        match self.begin(pin.word(), |word| State::to_make_readable(pin, word))? {
            Begun::Busy(busy) => busy.make_readable().map(|()| true),
            Begun::NothingToDo(word) => Ok(pin.is_current(word)),
        }
    }

    /// Copies the content of `word`, which allows it, without a pin. `None` if the content changed
    /// meanwhile; what has been copied is wiped then.
    #[inline]
    pub(crate) fn copy_optimistically(
        &self,
        word: Word,
        out: &mut [u8],
    ) -> Option<Result<usize, Error>> {
        let (start, len) = self.location(word.place()).get();
        if !word.same_content(self.header().state.word_after_reads()) {
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
        if word.same_content(self.header().state.word_after_reads()) {
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
            return self.unpin_and_make_unreadable(pin);
        }
        match self.header().state.unpin(pin) {
            Unpinned::Plain => {}
            rest => self.unpinned(rest),
        }
    }

    /// The same for whoever found the content unreadable: nearly always nobody else has come in since, so
    /// that the pin may end in the same instruction that begins to make the content unreadable again.
    #[inline(never)]
    fn unpin_and_make_unreadable(&self, pin: Pin) {
        self.storage().on_access_end();
        let state = &self.header().state;
        self.make_unreadable_if(
            |word| state.to_make_unreadable_at_end_of(pin, word),
            || self.abandon(pin),
        );
    }

    #[inline(never)]
    fn unpinned(&self, rest: Unpinned) {
        self.storage().on_access_end();
        self.finish(rest);
    }

    /// Ends a pin under which nothing was read.
    fn abandon(&self, pin: Pin) {
        self.finish(self.header().state.unpin(pin));
    }

    fn finish(&self, rest: Unpinned) {
        match rest {
            Unpinned::Plain | Unpinned::OthersInside => {}
            Unpinned::Last(place) => self.release_deferred(place),
            Unpinned::Idle => self.make_unreadable(),
        }
    }

    /// Makes the current content unreadable, if nobody reads it.
    pub(crate) fn make_unreadable(&self) {
        self.make_unreadable_if(|word| self.header().state.to_make_unreadable(word), || ());
    }

    /// Makes the current content unreadable by `transition`; calls `otherwise` if that has nothing to do.
    #[inline]
    fn make_unreadable_if(
        &self,
        transition: impl Fn(Word) -> Option<Word>,
        otherwise: impl FnOnce(),
    ) {
        match self.begin(self.header().state.word(), transition) {
            Ok(Begun::Busy(busy)) => busy.make_unreadable(),
            Ok(Begun::NothingToDo(_)) => otherwise(),
            Err(_) => {
                // The host can't wait, and what isn't made unreadable now must not stay readable.
                self.close();
                otherwise();
            }
        }
    }

    /// Makes `region`, filled and readable, the current content.
    pub(crate) fn replace(&self, region: S::Region, len: usize) -> Result<(), Error> {
        let incoming = Incoming::new::<S>(region, len)?;
        match self.busy() {
            Ok(busy) => busy.replace(incoming),
            Err(error) => {
                incoming.discard::<S>();
                Err(error)
            }
        }
    }

    /// A hazard for a local handle, if the host can make all threads run a barrier.
    pub(crate) fn enrol(&self) -> Option<Hazard> {
        if self.storage().check().is_err() || self.storage().barrier().is_err() {
            return None;
        }
        let hazards = self.header().extra.get_or_new(Extra::empty).hazards.get_or_new(Hazards::new);
        self.header().state.has_local_handles();
        let hazard = hazards.enrol(|attempt| self.wait(attempt));
        self.let_through(&hazard);
        Some(hazard)
    }

    /// Lets a local handle that was shut out read what is current now, if anything is; and ends the pin that it
    /// has, if it was counted. Its thread doesn't read.
    #[cold]
    #[inline(never)]
    pub(crate) fn let_through(&self, hazard: &Hazard) {
        let location = || {
            let word = self.header().state.word();
            (!word.has(CLOSED)).then(|| self.location(word.place()).get())
        };
        let wait = |attempt| self.wait(attempt);
        let pin = self.hazards().and_then(|hazards| hazards.let_through(wait, hazard, location));
        if let Some(pin) = pin {
            self.abandon(pin);
        }
    }

    /// Ends a local handle.
    pub(crate) fn strike(&self, hazard: &Hazard) {
        let wait = |attempt| self.wait(attempt);
        if let Some(pin) = self.hazards().and_then(|hazards| hazards.strike(wait, hazard)) {
            self.abandon(pin);
        }
    }

    /// The hazards of local handles, if there are any and this process may use them: in a child, a thread that
    /// it doesn't have may hold their lock.
    fn hazards(&self) -> Option<&Hazards> {
        self.storage().check().ok()?;
        self.header().extra.get()?.hazards.get()
    }

    /// Waits for the hazards' lock, which nobody keeps.
    fn wait(&self, attempt: u32) {
        // A host that has a barrier has threads, so that waiting ends.
        let _ = self.storage().relax(attempt);
    }

    /// Retires the current content, if `change` makes it so that it is no longer current. Local handles are shut out
    /// before, and those that read are counted.
    #[inline]
    fn retire(&self, change: impl Fn(LocalReads) -> Removal) -> Option<Retired> {
        match change(LocalReads::Possible) {
            Removal::Done(former) => Some(self.header().state.retire(former)),
            Removal::Closed => None,
            Removal::LocalReads => self.retire_amid_local_reads(change),
        }
    }

    #[cold]
    fn retire_amid_local_reads(&self, change: impl Fn(LocalReads) -> Removal) -> Option<Retired> {
        let change = || change(LocalReads::ShutOut);
        let Some(hazards) = self.hazards() else {
            // In a child, nobody can read the content.
            let Removal::Done(former) = change() else { return None };
            return Some(self.header().state.retire(former));
        };
        let (shut_out, removal) = hazards.shut_out(|attempt| self.wait(attempt), change);
        let Removal::Done(former) = removal else { return None };
        let readers = if shut_out.any {
            // Without a barrier nobody knows who reads; a handle that doesn't will unpin the content, too.
            let certain = self.storage().barrier().is_ok();
            hazards.count(|attempt| self.wait(attempt), &shut_out, former.joining(), certain)
        } else {
            0
        };
        Some(self.header().state.retire(former.joined_by(readers)))
    }

    /// Ends the secret.
    pub(crate) fn close(&self) -> CloseOutcome {
        match self.retire(|local_reads| self.header().state.close(local_reads)) {
            None => CloseOutcome::Already,
            Some(Retired::Drained(place)) => {
                let released = self.release(place);
                // Nobody is busy, nor will be again: what is in the other place is the content that
                // was replaced before, and somebody still reads it.
                let is_last = self.header().state.is_vacant(place.other());
                if released == Released::Intact && !is_last {
                    return CloseOutcome::Deferred;
                }
                released.into()
            }
            Some(Retired::Deferred) => {
                self.storage().on_release_deferred();
                CloseOutcome::Deferred
            }
        }
    }

    /// Releases the region in `place`, which the caller has drained or never published.
    #[inline]
    fn release(&self, place: Place) -> Released {
        // SAFETY: the caller has drained the place, or is the busy party and has put the region there without
        // publishing it, or drops the whole secret: nobody else touches the cell.
        let region = unsafe { self.region(place).take() };
        let released = region.map_or(Released::Intact, Region::release);
        if let Some(extra) = self.header().extra.get() {
            extra.note.clear();
        }
        self.header().state.vacate(place, released);
        released
    }

    /// Releases it where no caller would learn of an overrun: the host is told.
    fn release_silently(&self, place: Place) {
        if self.release(place) == Released::Overrun {
            S::on_overrun();
        }
    }

    /// Releases a content whose release was deferred to its last reader.
    fn release_deferred(&self, place: Place) {
        self.release_silently(place);
        self.storage().on_deferred_release();
    }

    /// [`State::begin`], waiting as the host does.
    #[inline]
    fn begin(
        &self,
        word: Word,
        transition: impl Fn(Word) -> Option<Word>,
    ) -> Result<Begun<Busy<'_, S>>, Error> {
        let relax = |attempt| self.storage().relax(attempt);
        Ok(match self.header().state.begin(word, transition, relax)? {
            Begun::Busy(word) => Begun::Busy(Busy { shared: self, word }),
            Begun::NothingToDo(word) => Begun::NothingToDo(word),
        })
    }

    /// Ends what the busy party began; `made_readable` if an unreadable content is readable now.
    #[inline]
    fn end(&self, made_readable: bool) {
        if let Some(place) = self.header().state.end(made_readable) {
            self.release_deferred(place);
        }
    }

    /// Ends the secret, as the busy party could not make its content unreadable.
    #[cold]
    fn poison(&self) {
        if self.header().state.poison() {
            self.storage().on_release_deferred();
        }
    }

    /// Makes this the busy party, unless the secret is closed.
    fn busy(&self) -> Result<Busy<'_, S>, Error> {
        match self.begin(self.header().state.word(), State::to_hold)? {
            Begun::Busy(busy) => Ok(busy),
            Begun::NothingToDo(word) => Err(refusal(word)),
        }
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
        let result = unsafe { self.shared.region(self.word.place()).with(f) };
        result.expect("a current content has a region")
    }

    /// Makes the content readable, which this party has pinned and found unreadable.
    #[inline(always)]
    fn make_readable(self) -> Result<(), Error> {
        let start = self.region(Region::make_readable)?;
        if self.region(|region| region.at_rest()) != AtRest::Entered {
            self.shared.location(self.word.place()).begin_at(start);
            self.shared.end(true);
            mem::forget(self);
        }
        Ok(())
    }

    /// Makes the content unreadable, as the word says already that it is.
    #[inline(always)]
    fn make_unreadable(self) {
        if self.region(Region::make_unreadable).is_err() {
            self.shared.poison();
        }
    }

    /// Makes `incoming` the current content, if the place for it is vacant.
    fn replace(self, incoming: Incoming<S::Region>) -> Result<(), Error> {
        let (shared, place) = (self.shared, self.word.place().other());
        if !shared.header().state.is_vacant(place) {
            incoming.discard::<S>();
            return Err(Error::Busy);
        }
        let entrance = incoming.entrance;
        incoming.show(shared.location(place));
        // SAFETY: this is the busy party, and the place is vacant.
        unsafe { shared.region(place).put(incoming.region) };
        let publish = |local_reads| shared.header().state.publish(self.word, entrance, local_reads);
        let Some(retired) = shared.retire(publish) else {
            shared.release_silently(place);
            return Err(refusal(shared.header().state.word()));
        };
        // Publishing has ended it.
        mem::forget(self);
        match retired {
            Retired::Drained(old) => shared.release_silently(old),
            Retired::Deferred => shared.storage().on_release_deferred(),
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
            let state = &mut self.0.line_mut().state;
            if state.is_retired(place) {
                self.release_deferred(place);
            } else if state.is_occupied(place) {
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
    entrance: Entrance,
}

impl<R: Region> Incoming<R> {
    #[inline(always)]
    fn new<S: Storage<Region = R>>(mut region: R, len: usize) -> Result<Self, Error> {
        let (entrance, start) = (Entrance::of(region.at_rest()), region.start());
        let prepared = if entrance.is_unreadable() { region.make_unreadable() } else { Ok(()) };
        let incoming = Self { region, start, len, entrance };
        match prepared {
            Ok(()) => Ok(incoming),
            Err(error) => {
                incoming.discard::<S>();
                Err(error)
            }
        }
    }

    /// Tells readers where it is.
    fn show(&self, location: &Location) {
        location.set(self.start, self.len);
    }

    /// Releases it without its ever having been seen.
    fn discard<S: Storage<Region = R>>(self) {
        if self.region.release() == Released::Overrun {
            S::on_overrun();
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
