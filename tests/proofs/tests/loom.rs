//! Models of a secret's operations against each other, in every order and with every value that
//! the memory model allows: run with `RUSTFLAGS="--cfg strongroom_loom"`, in release.
#![cfg(strongroom_loom)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use loom::model::Builder;
use loom::thread;
use strongroom_core::{
    CloseOutcome, Error, Exposed, Idleness, LastLook, LocalExposed, LocalSecret, Released, Secret,
};
use strongroom_tests::modelled::{
    Faults, MAKE_READABLE_FAILED, MAKE_UNREADABLE_FAILED, Memory, Modelled, Protection,
};

use Protection::{Elsewhere, Entered, InPlace, PinOnly, Readable};

const EAGER: Protection = InPlace { eager: true };
const EAGER_ELSEWHERE: Protection = Elsewhere { eager: true };
const IDLE: Protection = InPlace { eager: false };
const IDLE_ELSEWHERE: Protection = Elsewhere { eager: false };

/// What one thread does with a handle of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// Reads under a guard.
    Pin,
    /// Copies the bytes out.
    CopyInto,
    /// Closes the secret.
    Close,
    /// Closes the secret while reading it.
    CloseInside,
    /// Gives it new content.
    Replace,
    /// Makes a second handle, gives up the first, and reads through the second.
    Share,
    /// Gives up its handle.
    Leave,
    /// Asks for the length.
    Len,
    /// Looks at the region.
    Inspect,
    /// Makes the content unreadable if it is idle.
    MakeUnreadable,
    /// Reads, makes it unreadable if that isn't done already, and reads again.
    Reprotect,
    /// Makes a local handle, and reads by that.
    Local,
    /// Reads by one twice, so that what has changed after the first time is seen the second time.
    LocalTwice,
    /// Reads by one after having read under a guard.
    LocalAfterPin,
    /// Reads by one, and by itself within that, which it outlives.
    LocalNested,
    /// Closes the secret while reading by one.
    LocalCloseInside,
    /// Gives up all other handles before reading by one.
    LocalAlone,
    /// Reads by one that is made before the others begin, and stays until they have ended. Only the first.
    LocalKept,
}

use Part::{
    Close, CloseInside, CopyInto, Inspect, Leave, Len, Local, LocalAfterPin, LocalAlone,
    LocalCloseInside, LocalKept, LocalNested, LocalTwice, MakeUnreadable, Pin, Replace, Reprotect,
    Share,
};

/// Every part that any content allows.
const PARTS: [Part; 9] = [Pin, CopyInto, Close, CloseInside, Replace, Share, Leave, Len, Inspect];
/// Those, and the ones for contents that rest unreadable.
const UNREADABLE_PARTS: [Part; 11] = [
    Pin,
    CopyInto,
    Close,
    CloseInside,
    Replace,
    Share,
    Leave,
    Len,
    Inspect,
    MakeUnreadable,
    Reprotect,
];

/// What is done by local handles.
const LOCAL_PARTS: [Part; 6] =
    [Local, LocalTwice, LocalAfterPin, LocalNested, LocalCloseInside, LocalAlone];

/// The content that a secret is created with; the replacement of part `i` is `content(i + 1)`.
const FIRST: u8 = 1;

/// A content of two words, of one value throughout, so that a mixture of two contents shows. Their
/// lengths differ.
fn content(number: u8) -> Vec<u8> {
    vec![number; 17 - usize::from(number)]
}

/// What the count of pins reaches in models, a quarter of its range: so many accesses may be under way
/// when it has come to half.
const MOST: usize = 4;

/// What a read has shown: which content, or why none.
type Seen = Result<u8, Error>;

/// One model: a secret and what several threads do with it at once.
#[derive(Clone, Debug)]
struct Model {
    protection: Protection,
    parts: Vec<Part>,
    faults: Faults,
    /// How often a thread may be interrupted in one execution; `None` is as often as one likes.
    preemptions: Option<usize>,
    /// How many accesses there have been before.
    before: usize,
    /// How many more are under way all the time.
    held: usize,
}

impl Model {
    fn new(protection: Protection, parts: &[Part]) -> Self {
        Self {
            protection,
            parts: parts.to_vec(),
            faults: Faults::NONE,
            preemptions: None,
            before: 0,
            held: 0,
        }
    }

    fn bounded(self, preemptions: usize) -> Self {
        Self { preemptions: Some(preemptions), ..self }
    }

    fn failing(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    fn after(self, before: usize) -> Self {
        Self { before, ..self }
    }

    fn among(self, held: usize) -> Self {
        Self { held, ..self }
    }

    /// Runs every execution of the model and says how many there were.
    fn check(self) {
        let mut builder = Builder::new();
        builder.max_branches = 100_000;
        builder.preemption_bound = builder.preemption_bound.or(self.preemptions);
        println!("{self:?}");
        let executions = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&executions);
        builder.check(move || {
            count.fetch_add(1, Relaxed);
            self.execute();
        });
        println!("    {} executions", executions.load(Relaxed));
    }

    fn execute(&self) {
        let memory = Memory::new(self.faults);
        let mut source = content(FIRST);
        let secret = Secret::new_in(Modelled::new(&memory, self.protection), &mut source)
            .expect("creating doesn't fail");
        assert!(source.iter().all(|byte| *byte == 0), "the source is wiped");

        // A handle that outlives the threads would hide what their last drop does.
        let leaves = |part: &Part| matches!(part, Leave | LocalAlone);
        let probe = (!self.parts.iter().any(leaves)).then(|| secret.clone());
        self.use_before(&secret);
        let holder = (self.held > 0).then(|| secret.clone());
        let held: Vec<_> = holder
            .iter()
            .flat_map(|secret| (0..self.held).map(|_| secret.expose().expect("they fit")))
            .collect();
        let kept = (self.parts[0] == LocalKept).then(|| secret.local());
        let threads: Vec<_> = (1..self.parts.len())
            .map(|part| {
                let (model, secret) = (self.clone(), secret.clone());
                thread::spawn(move || model.play(part, secret))
            })
            .collect();
        if let Some(local) = &kept {
            drop(secret);
            _ = self.read_locally(local);
        } else {
            self.play(0, secret);
        }
        for thread in threads {
            thread.join().expect("a thread of the model panicked");
        }
        if let (Some(_idle), Some(secret)) = (&kept, &probe)
            && secret.is_closed()
        {
            assert_eq!(secret.wiped(), Some(Released::Intact), "an idle handle delays nothing");
        }
        drop(kept);
        holder
            .iter()
            .for_each(|secret| held.iter().for_each(|guard| _ = self.shown_by(secret, guard)));
        drop(held);
        drop(holder);
        if let Some(secret) = probe {
            self.assert_at_rest(&secret);
        }
        memory.assert_clean();
    }

    /// Lets all accesses that come before overlap with one, or a content that is made unreadable by the last
    /// reader would not count them.
    fn use_before(&self, secret: &Secret<Modelled>) {
        if self.before > 0 {
            let _guard = secret.expose().expect("nobody has closed it");
            (1..self.before).for_each(|_| _ = self.read(secret));
        }
    }

    /// Plays the part of this number.
    fn play(&self, part: usize, secret: Secret<Modelled>) {
        match self.parts[part] {
            Pin => _ = self.read(&secret),
            CopyInto => self.copy(&secret),
            Close => {
                secret.close();
            }
            CloseInside => self.close_inside(&secret),
            Replace => self.replace(&secret, u8::try_from(part).unwrap() + 1 + FIRST),
            Share => {
                let second = secret.clone();
                drop(secret);
                _ = self.read(&second);
            }
            Leave => drop(secret),
            Len => self.len(&secret),
            Inspect => self.inspect(&secret),
            MakeUnreadable => make_unreadable(&secret),
            Reprotect => {
                _ = self.read(&secret);
                if !self.is_eager() {
                    make_unreadable(&secret);
                }
                _ = self.read(&secret);
            }
            Local => _ = self.read_locally(&secret.local()),
            LocalTwice => {
                let local = secret.local();
                let first = self.read_locally(&local);
                self.assert_later(first, self.read_locally(&local));
            }
            LocalAfterPin => {
                let local = secret.local();
                let first = self.read(&secret);
                self.assert_later(first, self.read_locally(&local));
            }
            LocalNested => {
                let local = secret.local();
                let outer = local.expose();
                let inner = local.expose();
                let first = self.shown_locally(&local, outer);
                self.assert_later(first, self.shown_locally(&local, inner));
            }
            LocalCloseInside => self.close_inside_locally(&secret),
            LocalKept => unreachable!("it is the first"),
            LocalAlone => {
                let local = secret.local();
                drop(secret);
                _ = self.read_locally(&local);
            }
        }
    }

    /// Reads under a guard.
    fn read(&self, secret: &Secret<Modelled>) -> Seen {
        let guard = secret.expose().inspect_err(|error| self.assert_allowed(*error))?;
        Ok(self.shown_by(secret, &guard))
    }

    fn shown_by(&self, secret: &Secret<Modelled>, guard: &Exposed<'_, Modelled>) -> u8 {
        let memory = secret.storage().memory();
        self.shown(memory, guard.as_ptr(), |out| guard.copy_into(out))
    }

    /// The same by a local handle.
    fn read_locally(&self, local: &LocalSecret<Modelled>) -> Seen {
        self.shown_locally(local, local.expose())
    }

    fn shown_locally(
        &self,
        local: &LocalSecret<Modelled>,
        exposed: Result<LocalExposed<'_, Modelled>, Error>,
    ) -> Seen {
        let guard = exposed.inspect_err(|error| self.assert_allowed(*error))?;
        let memory = local.storage().memory();
        Ok(self.shown(memory, guard.as_ptr(), |out| guard.copy_into(out)))
    }

    /// The number of the content that is at `start`, copied out by `copy`.
    fn shown(
        &self,
        memory: &Memory,
        start: *const u8,
        copy: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
    ) -> u8 {
        let _reading = memory.reading(start);
        let mut out = [0xEE; 16];
        let len = copy(&mut out).expect("the buffer is large enough");
        self.assert_content(&out[..len]);
        out[0]
    }

    /// What was seen `later` is not older than what the same thread had seen before.
    fn assert_later(&self, before: Seen, later: Seen) {
        match (before, later) {
            (Err(_), Ok(_)) => panic!("open again: {before:?}, {later:?}"),
            (Ok(before), Ok(FIRST)) => assert_eq!(before, FIRST, "an older content again"),
            _ => {}
        }
    }

    fn copy(&self, secret: &Secret<Modelled>) {
        let mut out = [0xEE; 16];
        match secret.copy_into(&mut out) {
            Ok(len) => self.assert_content(&out[..len]),
            Err(error) => {
                self.assert_allowed(error);
                assert_eq!(out, [0; 16], "the buffer is wiped");
            }
        }
    }

    fn close_inside(&self, secret: &Secret<Modelled>) {
        match secret.expose() {
            Ok(guard) => {
                let closed = secret.close();
                assert_ne!(closed, CloseOutcome::Wiped, "a guard defers the wipe");
                assert_eq!(secret.wiped(), None, "what is read is still there");
                self.shown_by(secret, &guard);
            }
            Err(error) => {
                self.assert_allowed(error);
                secret.close();
            }
        }
    }

    fn close_inside_locally(&self, secret: &Secret<Modelled>) {
        let local = secret.local();
        let exposed = local.expose();
        let closed = secret.close();
        assert!(exposed.is_err() || closed != CloseOutcome::Wiped, "a guard defers the wipe");
        _ = self.shown_locally(&local, exposed);
    }

    fn replace(&self, secret: &Secret<Modelled>, number: u8) {
        let mut source = content(number);
        match secret.replace(&mut source) {
            Ok(()) => assert!(source.iter().all(|byte| *byte == 0), "the source is wiped"),
            Err(error) => {
                assert!(error == Error::Busy || self.allows(error), "{error:?}");
                assert_eq!(source, content(number), "the source is untouched");
            }
        }
    }

    fn len(&self, secret: &Secret<Modelled>) {
        match secret.len() {
            Ok(len) => assert!(self.numbers().any(|number| content(number).len() == len)),
            Err(error) => self.assert_allowed(error),
        }
    }

    fn inspect(&self, secret: &Secret<Modelled>) {
        if let Err(error) = secret.inspect(|_| ()) {
            self.assert_allowed(error);
        }
    }

    /// The contents that there may be.
    fn numbers(&self) -> impl Iterator<Item = u8> {
        let replaced = self.parts.iter().zip(FIRST + 1..).filter(|(part, _)| **part == Replace);
        [FIRST].into_iter().chain(replaced.map(|(_, number)| number))
    }

    fn assert_content(&self, bytes: &[u8]) {
        let whole = self.numbers().any(|number| content(number) == bytes);
        assert!(whole, "not a content: {bytes:?}");
    }

    fn is_eager(&self) -> bool {
        matches!(self.protection, EAGER | EAGER_ELSEWHERE)
    }

    fn fails_to_make_unreadable(&self) -> bool {
        self.faults.unreadable != usize::MAX
    }

    fn closes(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Close | CloseInside | LocalCloseInside))
    }

    fn replaces(&self) -> bool {
        self.parts.contains(&Replace)
    }

    fn allows(&self, error: Error) -> bool {
        match error {
            // Who comes while a secret is being poisoned may find it closed first.
            Error::Closed => self.closes() || self.fails_to_make_unreadable(),
            Error::Poisoned => self.fails_to_make_unreadable(),
            Error::Busy => self.held > MOST,
            MAKE_READABLE_FAILED => self.faults.readable != usize::MAX,
            MAKE_UNREADABLE_FAILED => self.fails_to_make_unreadable() && self.replaces(),
            _ => false,
        }
    }

    fn assert_allowed(&self, error: Error) {
        assert!(self.allows(error), "{error:?}");
    }

    /// All threads have ended: what holds now?
    fn assert_at_rest(&self, secret: &Secret<Modelled>) {
        if self.is_eager() && !self.fails_to_make_unreadable() {
            assert_eq!(
                secret.storage().memory().readable(),
                0,
                "the last reader makes it unreadable"
            );
        }
        if self.closes() {
            assert_closed(secret);
        }
        if secret.is_closed() {
            assert_eq!(secret.wiped(), Some(Released::Intact));
        } else {
            _ = self.read(secret);
        }
    }
}

/// Looks twice, and makes the content unreadable if nothing has happened between the looks.
fn make_unreadable(secret: &Secret<Modelled>) {
    let mut last = LastLook::default();
    for _ in 0..2 {
        let _: Idleness = secret.make_unreadable_if_idle(&mut last);
    }
}

/// After a close has returned, no access succeeds.
fn assert_closed(secret: &Secret<Modelled>) {
    let refused = |error| matches!(error, Error::Closed | Error::Poisoned);
    assert!(secret.is_closed());
    assert!(secret.expose().is_err_and(refused));
    let mut out = [0xEE; 16];
    assert!(secret.copy_into(&mut out).is_err_and(refused));
    assert_eq!(out, [0; 16], "the buffer is wiped");
    let mut source = content(FIRST);
    assert!(secret.replace(&mut source).is_err_and(refused));
    assert_eq!(secret.close(), CloseOutcome::Already);
}

/// Whether contents are made readable and unreadable, which makes too many orders to try all of them.
fn changes_readability(protection: Protection) -> bool {
    !matches!(protection, Readable | PinOnly)
}

/// Every pair of `parts`, in every order; or, where contents are made readable and unreadable, in those in which
/// the threads take turns up to four times, or three in two rounds of that.
fn pairs(protection: Protection, parts: &[Part]) {
    for (index, first) in parts.iter().enumerate() {
        for second in &parts[index..] {
            let model = Model::new(protection, &[*first, *second]);
            let turns = if *second == Reprotect { 3 } else { 4 };
            if changes_readability(protection) { model.bounded(turns) } else { model }.check();
        }
    }
}

#[test]
fn pairs_readable() {
    pairs(Readable, &PARTS);
}

#[test]
fn pairs_pin_only() {
    pairs(PinOnly, &PARTS);
}

#[test]
fn pairs_entered() {
    pairs(Entered, &PARTS);
}

#[test]
fn pairs_eager() {
    pairs(EAGER, &UNREADABLE_PARTS);
}

#[test]
fn pairs_eager_elsewhere() {
    pairs(EAGER_ELSEWHERE, &UNREADABLE_PARTS);
}

#[test]
fn pairs_idle() {
    pairs(IDLE, &UNREADABLE_PARTS);
}

#[test]
fn pairs_idle_elsewhere() {
    pairs(IDLE_ELSEWHERE, &UNREADABLE_PARTS);
}

/// Every part beside every one of local handles.
fn pairs_with_local_handles(protection: Protection) {
    for (index, local) in LOCAL_PARTS.iter().enumerate() {
        for other in PARTS.iter().chain(&LOCAL_PARTS[index..]) {
            let model = Model::new(protection, &[*local, *other]);
            model.bounded(if changes_readability(protection) { 2 } else { 4 }).check();
        }
    }
}

#[test]
fn local_handles_readable() {
    pairs_with_local_handles(Readable);
}

#[test]
fn local_handles_pin_only() {
    pairs_with_local_handles(PinOnly);
}

/// There they take pins.
#[test]
fn local_handles_eager() {
    pairs_with_local_handles(EAGER);
}

#[test]
fn local_handles_in_threes() {
    for parts in [
        [Local, Close, Replace],
        [Local, Local, Close],
        [Local, Pin, Close],
        [Local, Replace, Replace],
        [LocalTwice, Replace, Close],
        [LocalAlone, Close, Leave],
        [LocalAfterPin, Replace, Close],
    ] {
        Model::new(Readable, &parts).bounded(2).check();
    }
}

#[test]
fn idle_local_handles_delay_nothing() {
    for protection in [Readable, PinOnly] {
        for parts in [&[LocalKept, Close][..], &[LocalKept, CloseInside], &[LocalKept, Local]] {
            Model::new(protection, parts).bounded(4).check();
        }
        for parts in [[LocalKept, Replace, Close], [LocalKept, Pin, Close]] {
            Model::new(protection, &parts).bounded(2).check();
        }
    }
}

/// Hosts whose barrier fails from then on: nobody knows who reads, and nothing is released too early, or never.
#[test]
fn local_handles_without_a_barrier() {
    for barrier in [0, 1, 2] {
        let faults = Faults { barrier, ..Faults::NONE };
        for local in LOCAL_PARTS {
            for other in [Close, CloseInside, Replace, Leave, Local] {
                Model::new(Readable, &[local, other]).failing(faults).bounded(3).check();
            }
        }
    }
}

/// The triples in which a third party meets what two others have left half done, for every
/// protection whose contents anyone may read under a pin.
const TRIPLES: [[Part; 3]; 11] = [
    [Pin, Close, Replace],
    [Pin, Close, Close],
    [Pin, CloseInside, Close],
    [Pin, Pin, Close],
    [Pin, Replace, Replace],
    [Pin, Replace, Leave],
    [CopyInto, Close, Replace],
    [CopyInto, CopyInto, Close],
    [CopyInto, Replace, Replace],
    [Len, Replace, Replace],
    [Share, Close, Leave],
];

fn triples(protection: Protection, all: &[[Part; 3]]) {
    let changes = changes_readability(protection);
    for parts in all {
        if parts[0] == CopyInto && protection != Readable {
            // It takes a pin, as `Pin` does.
            continue;
        }
        // Who waits to replace what others replace, or makes readable and unreadable, does so in the most orders.
        let waits = parts.contains(&Replace) && (changes || parts[1..] == [Replace, Replace]);
        Model::new(protection, parts).bounded(if waits { 2 } else { 3 }).check();
    }
}

#[test]
fn triples_readable() {
    triples(Readable, &TRIPLES);
}

#[test]
fn triples_pin_only() {
    triples(PinOnly, &TRIPLES);
}

#[test]
fn triples_eager() {
    triples(EAGER, &TRIPLES);
}

#[test]
fn triples_eager_elsewhere() {
    triples(EAGER_ELSEWHERE, &TRIPLES);
}

#[test]
fn triples_idle() {
    triples(
        IDLE_ELSEWHERE,
        &[
            [Pin, MakeUnreadable, Close],
            [Pin, MakeUnreadable, Replace],
            [Pin, Pin, MakeUnreadable],
            [MakeUnreadable, MakeUnreadable, Close],
        ],
    );
}

/// The count of accesses comes to half of its range, and that half is taken off while others come,
/// leave, close and replace.
#[test]
fn the_count_comes_to_half_of_its_range() {
    for protection in [Readable, PinOnly, Entered, EAGER, EAGER_ELSEWHERE, IDLE_ELSEWHERE] {
        for before in [2 * MOST - 1, 2 * MOST] {
            for other in [Pin, Close, CloseInside, Replace, Leave, MakeUnreadable] {
                if other == MakeUnreadable && protection != IDLE_ELSEWHERE {
                    continue;
                }
                Model::new(protection, &[Pin, other]).after(before).bounded(3).check();
            }
        }
        Model::new(protection, &[Pin, Pin, Close]).after(2 * MOST).bounded(2).check();
    }
}

/// So many accesses are under way at that moment that another one is refused.
#[test]
fn more_accesses_than_can_be_counted_are_refused() {
    for protection in [Readable, PinOnly, Entered, EAGER, EAGER_ELSEWHERE, IDLE_ELSEWHERE] {
        for other in [Pin, Close, Replace] {
            Model::new(protection, &[Pin, other]).among(2 * MOST).bounded(3).check();
        }
    }
}

/// Guards that are forgotten don't end; no number of them makes the others' bytes vanish.
#[test]
fn forgotten_accesses_are_never_too_many() {
    for protection in [Readable, PinOnly, Entered, EAGER, EAGER_ELSEWHERE, IDLE_ELSEWHERE] {
        loom::model(move || {
            let memory = Memory::new(Faults::NONE);
            let secret = Secret::new_in(Modelled::new(&memory, protection), &mut content(FIRST))
                .expect("creating doesn't fail");
            let first = secret.expose().expect("nobody has closed it");
            // Three times what can be counted.
            let mut refused = 0;
            for _ in 0..3 * 4 * MOST {
                match secret.expose() {
                    Ok(guard) => std::mem::forget(guard),
                    Err(error) => {
                        assert_eq!(error, Error::Busy);
                        refused += 1;
                    }
                }
            }
            assert!(refused > 2 * 4 * MOST, "{refused} refused");
            assert_eq!(secret.close(), CloseOutcome::Deferred);
            let reading = memory.reading(first.as_ptr());
            let mut out = [0xEE; 16];
            assert_eq!(first.copy_into(&mut out), Ok(16));
            assert_eq!(out, *content(FIRST));
            drop((reading, first));
            drop(secret);
            memory.assert_released();
        });
    }
}

/// What is to become unreadable when it has been idle stays readable when an access ends.
#[test]
fn what_is_not_idle_stays_readable() {
    for protection in [IDLE, IDLE_ELSEWHERE] {
        loom::model(move || {
            let memory = Memory::new(Faults::NONE);
            let secret = Secret::new_in(Modelled::new(&memory, protection), &mut content(FIRST))
                .expect("creating doesn't fail");
            drop(secret.expose().expect("nobody has closed it"));
            assert_eq!(memory.readable(), 1);
            make_unreadable(&secret);
            assert_eq!(memory.readable(), 0);
        });
    }
}

/// Contents that can't be made unreadable any more, after the first `unreadable` times. The secret is closed for
/// good, and nothing stays readable.
#[test]
fn failing_to_make_unreadable() {
    for protection in [EAGER, EAGER_ELSEWHERE] {
        for unreadable in [1, 2] {
            let faults = Faults { unreadable, ..Faults::NONE };
            for parts in [&[Pin, Pin][..], &[Pin, Close], &[Pin, CloseInside], &[Pin, Replace]] {
                Model::new(protection, parts).failing(faults).bounded(4).check();
            }
            for parts in [[Pin, Pin, Close], [Pin, Replace, Close]] {
                Model::new(protection, &parts).failing(faults).bounded(2).check();
            }
        }
    }
}

/// Contents that can't be made readable any more, after the first `readable` times. They stay unreadable, and can
/// be closed and replaced.
#[test]
fn failing_to_make_readable() {
    for protection in [EAGER, EAGER_ELSEWHERE] {
        for readable in [0, 1] {
            let faults = Faults { readable, ..Faults::NONE };
            for parts in [&[Pin, Pin][..], &[Pin, Close], &[Pin, CloseInside], &[Pin, Replace]] {
                Model::new(protection, parts).failing(faults).bounded(4).check();
            }
            for parts in [[Pin, Pin, Close], [Pin, Replace, Close]] {
                Model::new(protection, &parts).failing(faults).bounded(2).check();
            }
        }
    }
}
