//! Every system call fails, each time it is made and from then on: an error says so, the source is
//! as it was, nothing is left open or readable, and everything works as soon as the system does.
#![cfg(all(target_os = "linux", not(strongroom_loom), not(miri)))]

use std::io::{self, PipeWriter, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex, MutexGuard};

use nix::sys::prctl;
use nix::sys::resource::Resource;
use nix::sys::signal::Signal::SIGABRT;
use strongroom::{Builder, Error, Protection, Secret, capabilities, harden, rekey, stats};
use strongroom_tests::linux::calls::{CALLS, Call, Supervisor, supervise};
use strongroom_tests::linux::{
    GUARDED, GUARDED_AFTER_AGES, NEEDLE, backings, child, limit, memory, repeated,
};
use strongroom_tests::residue::{Needle, search_process};

/// A content in a slot, and one with pages of its own.
const LENGTHS: [usize; 2] = [1024, 4128];

/// Secrets of one kind and length, all of one content.
struct Scene {
    level: Protection,
    builder: Builder,
    needle: Needle,
    len: usize,
}

impl Scene {
    fn create_long(&self, len: usize) -> Result<Secret, Error> {
        self.builder.build(&mut repeated(&self.needle, len))
    }

    fn create(&self) -> Result<Secret, Error> {
        self.create_long(self.len)
    }

    /// More secrets than the library keeps room for afterwards.
    fn crowd(&self) -> Result<Vec<Secret>, Error> {
        let count = match self.level {
            Protection::Encrypted => 3,
            _ if self.len > 4096 => 9,
            Protection::Guarded { .. } => 17,
            _ => 10,
        };
        (0..count).map(|_| self.create()).collect()
    }

    /// Two secrets, after which the library has given back all that it doesn't need for them.
    fn pair(&self) -> Result<Vec<Secret>, Error> {
        let pair = vec![self.create()?, self.create()?];
        limit::locking(stats().locked_bytes as u64);
        let refused = self.create_long(100 * NEEDLE * NEEDLE).map(drop);
        assert!(matches!(refused, Err(Error::LockLimit { .. })), "{refused:?}");
        limit::set(Resource::RLIMIT_MEMLOCK, u64::MAX);
        Ok(pair)
    }

    /// Locks all that may be locked, and leaves it unused, in pages and slots of other sizes.
    fn exhaust(&self) -> Result<(), Error> {
        let lengths: &[usize] = match self.level {
            Protection::Guarded { .. } => &[19_200],
            Protection::Encrypted => &[32, 2048],
            _ => &[32, 2048, 9600],
        };
        lengths.iter().try_for_each(|len| self.create_long(*len).map(drop))?;
        limit::locking(stats().locked_bytes as u64);
        Ok(())
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        bytes == repeated(&self.needle, self.len).as_slice()
    }
}

/// Does something with the secrets that there are, or with a source.
type Act = fn(&Scene, &mut Vec<Secret>, &mut [u8]) -> Result<(), Error>;

/// What is done while calls fail.
struct Deed {
    name: &'static str,
    /// Before they do.
    prepare: fn(&Scene) -> Result<Vec<Secret>, Error>,
    act: Act,
    /// Whether `act` wipes the source that it is given.
    takes_source: bool,
}

fn build(scene: &Scene, secrets: &mut Vec<Secret>, source: &mut [u8]) -> Result<(), Error> {
    secrets.push(scene.builder.build(source)?);
    Ok(())
}

const DEEDS: [Deed; 10] = [
    Deed { name: "the first secret", prepare: |_| Ok(Vec::new()), act: build, takes_source: true },
    Deed {
        name: "secrets where memory was given back",
        prepare: |scene| scene.crowd().map(|_| Vec::new()),
        act: |scene, secrets, source| {
            secrets.extend(scene.crowd()?);
            build(scene, secrets, source)
        },
        takes_source: true,
    },
    Deed {
        name: "a secret for which memory has to be given back",
        prepare: |scene| scene.exhaust().map(|()| Vec::new()),
        act: build,
        takes_source: true,
    },
    Deed {
        name: "replace",
        prepare: Scene::pair,
        act: |_, secrets, source| secrets[0].replace(source),
        takes_source: true,
    },
    Deed {
        name: "init",
        prepare: |_| Ok(Vec::new()),
        act: |scene, secrets, _| {
            let write = |bytes: &mut [u8]| {
                bytes.chunks_mut(NEEDLE).for_each(|chunk| scene.needle.unmask_into(chunk));
            };
            secrets.push(scene.builder.init(scene.len, write)?);
            Ok(())
        },
        takes_source: false,
    },
    Deed {
        name: "random",
        prepare: |_| Ok(Vec::new()),
        act: |scene, _, _| scene.builder.random(scene.len).map(drop),
        takes_source: false,
    },
    Deed {
        name: "access",
        prepare: Scene::pair,
        act: |scene, secrets, buffer| {
            for secret in secrets {
                assert!(secret.with_bytes(|bytes| scene.holds(bytes))?);
                secret.copy_into(buffer)?;
                secret.hmac_sha256(b"message")?;
                assert!(secret.protections()?.locked);
            }
            Ok(())
        },
        takes_source: false,
    },
    Deed {
        name: "rekey",
        prepare: Scene::pair,
        act: |_, _, _| {
            // What can't be moved stays as it was.
            rekey().map(|rekeyed| assert!(rekeyed.moved + rekeyed.unmoved <= 2))
        },
        takes_source: false,
    },
    Deed {
        name: "close and drop",
        prepare: Scene::crowd,
        act: |_, secrets, _| {
            secrets[0].close();
            secrets.clear();
            Ok(())
        },
        takes_source: false,
    },
    Deed {
        name: "harden",
        prepare: Scene::pair,
        act: |_, _, _| {
            let _ = (capabilities(), stats());
            harden::disable_core_files()?;
            harden::deny_inspection()
        },
        takes_source: false,
    },
];

/// Which call of an act fails, with which of its errors, and whether all of its kind do from then
/// on.
#[derive(Clone, Copy, Debug)]
struct Plan {
    place: usize,
    error: usize,
    from_then_on: bool,
}

/// Has calls fail as planned, while there is an act.
struct Injection {
    plan: Plan,
    acting: bool,
    /// Calls so far.
    calls: usize,
    failing: Option<&'static Call>,
    report: PipeWriter,
}

/// What a child reports after the place in [`CALLS`] of the call that failed: that it was made again,
/// and that the act was refused.
const AGAIN: u8 = u8::MAX;
const REFUSED: u8 = u8::MAX - 1;

impl Injection {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        if !self.acting {
            return None;
        }
        let place = self.calls;
        self.calls += 1;
        let fails = if place == self.plan.place && self.failing.is_none_or(|other| other == call) {
            self.failing = Some(call);
            let number = CALLS.iter().position(|other| other == call);
            self.report(number.expect("it is one of them") as u8);
            true
        } else if place > self.plan.place && self.failing == Some(call) {
            self.report(AGAIN);
            self.plan.from_then_on
        } else {
            false
        };
        if fails { call.errors.get(self.plan.error).copied() } else { None }
    }

    /// Reports at once, for the process may not live to tell.
    fn report(&mut self, what: u8) {
        self.report.write_all(&[what]).expect("the parent reads");
    }
}

/// An injection, for the thread that acts and the one that supervises it.
#[derive(Clone)]
struct Injecting(Arc<Mutex<Injection>>);

impl Injecting {
    fn new(plan: Plan, report: PipeWriter) -> Self {
        let injection = Injection { plan, acting: false, calls: 0, failing: None, report };
        Self(Arc::new(Mutex::new(injection)))
    }

    /// Begins an act. If it isn't the first one, it is the same kind of call that fails.
    fn begin(&self) {
        let mut injection = self.lock();
        (injection.acting, injection.calls) = (true, 0);
    }

    /// Ends it.
    fn end(&self) {
        self.lock().acting = false;
    }

    fn lock(&self) -> MutexGuard<'_, Injection> {
        self.0.lock().expect("nobody panics with it")
    }
}

impl Supervisor for Injecting {
    fn decide(&mut self, call: &'static Call) -> Option<i32> {
        self.lock().decide(call)
    }
}

/// Does the deed while calls fail as planned, and sees to what is left of it.
fn play(scene: &Scene, deed: &Deed, plan: Plan, report: PipeWriter) {
    let injecting = Injecting::new(plan, report);
    supervise(injecting.clone());

    let mut secrets = (deed.prepare)(scene).expect("the system works yet");
    let files = memory::open_files();
    let mut source = repeated(&scene.needle, scene.len);
    injecting.begin();
    let outcome = (deed.act)(scene, &mut secrets, &mut source);
    injecting.end();
    // The kernel shows a process that denies inspection nothing of itself either.
    prctl::set_dumpable(true).expect("one may allow it again");

    match outcome {
        Ok(()) => assert!(!deed.takes_source || source.iter().all(|byte| *byte == 0)),
        Err(
            Error::LockLimit { .. }
            | Error::OutOfMemory { .. }
            | Error::Os { .. }
            | Error::Random
            | Error::Poisoned
            | Error::Unsupported { .. },
        ) => {
            assert!(injecting.lock().failing.is_some(), "without a failure it works: {outcome:?}");
            assert!(!deed.takes_source || scene.holds(&source), "the source is untouched");
            injecting.lock().report(REFUSED);
        }
        Err(error) => panic!("{error:?}"),
    }
    drop(source);

    // The system works again.
    for secret in secrets.iter().filter(|secret| !secret.is_closed()) {
        assert_eq!(secret.with_bytes(|bytes| scene.holds(bytes)), Ok(true));
    }
    let another = scene.create().expect("the system works again");
    assert_eq!(another.with_bytes(|bytes| scene.holds(bytes)), Ok(true));
    drop((another, secrets));
    assert_eq!(memory::open_files(), files);
    assert_eq!((stats().locked, stats().guarded, stats().encrypted), (0, 0, 0));
    assert_eq!(residue(&scene.needle), 0);
}

/// Creates secrets while one call fails each time, as planned, and sees what that takes.
fn play_often(scene: &Scene, plan: Plan, report: PipeWriter) {
    let injecting = Injecting::new(plan, report);
    supervise(injecting.clone());
    let create = |_| {
        injecting.begin();
        drop(scene.create());
        injecting.end();
    };
    // Some get further than those before them, and what they have got is kept.
    (0..12).for_each(create);
    let few = memory::usage();
    (0..12).for_each(create);
    // What the system doesn't take back can't be given back.
    if injecting.lock().failing.is_none_or(|call| call.name != "munmap") {
        assert_eq!(memory::usage(), few);
    }
}

fn residue(needle: &Needle) -> usize {
    search_process(&[needle]).expect("/proc is there").windows
}

/// What was made to fail.
struct Failed {
    call: &'static Call,
    /// Whether it was made again.
    again: bool,
    /// Whether the act failed with it.
    refused: bool,
}

/// Plays in a child, and says what failed there, if as many calls were made.
fn inject(name: &str, plan: Plan, play: impl FnOnce(PipeWriter)) -> Option<Failed> {
    let (mut reports, report) = io::pipe().expect("the system has pipes");
    let ended = child::forked(|| play(report)).ends();
    let mut reported = Vec::new();
    reports.read_to_end(&mut reported).expect("the child reports");
    let failed = reported.split_first().map(|(call, rest)| Failed {
        call: &CALLS[usize::from(*call)],
        again: rest.contains(&AGAIN),
        refused: rest.contains(&REFUSED),
    });
    // What can't be made writable can't be wiped, and must not be left either.
    let call = failed.as_ref().map(|failed| failed.call);
    let is_loud = ended.signal() == Some(SIGABRT as i32)
        && call.is_some_and(|call| ["mprotect", "pkey_mprotect"].contains(&call.name));
    assert!(child::has_played(ended) || is_loud, "{name}, {plan:?}, {call:?}: {ended}");
    failed
}

/// How many calls were made, and how many failures met with an error.
#[derive(Default)]
struct Injected {
    calls: usize,
    refusals: usize,
}

/// Injects every failure of every call that is made.
fn inject_all(inject: impl Fn(Plan) -> Option<Failed>) -> Injected {
    let mut injected = Injected::default();
    loop {
        let place = injected.calls;
        let once = |error| inject(Plan { place, error, from_then_on: false });
        let Some(mut failed) = once(0) else { return injected };
        for error in 0..failed.call.errors.len() {
            if error > 0 {
                failed = once(error).expect("it makes the same calls each time");
            }
            injected.refusals += usize::from(failed.refused);
            // Were it not made again, the play would be the same.
            if failed.again {
                inject(Plan { place, error, from_then_on: true });
            }
        }
        injected.calls += 1;
    }
}

/// One kind of secrets.
struct Case {
    name: String,
    level: Protection,
    builder: Builder,
    len: usize,
}

fn cases(level: Protection) -> impl Iterator<Item = Case> {
    backings().into_iter().flat_map(move |(backing_name, backing)| {
        LENGTHS.map(|len| {
            let builder = Secret::builder().protection(level).backing(backing);
            Case { name: format!("{len} bytes, {backing_name}"), level, builder, len }
        })
    })
}

impl Case {
    /// Injects every failure into every deed.
    fn inject(&self) {
        limit::heaps();
        let _room = limit::room_on_the_heap();
        // Keys aren't asked for under the filter that has calls fail.
        let _ = capabilities();
        let Self { level, builder, len, .. } = *self;
        let scene = Scene { level, builder, needle: Needle::random(NEEDLE), len };
        let into = |deed: &Deed| {
            inject_all(|plan| inject(deed.name, plan, |report| play(&scene, deed, plan, report)))
        };
        let [first, .., last] = DEEDS.each_ref().map(into);
        for injected in [first, last] {
            assert!(injected.calls > 0, "it takes calls");
            assert!(injected.refusals > 0, "and needs them");
        }
        inject_all(|plan| {
            inject("again and again", plan, |report| play_often(&scene, plan, report))
        });
    }
}

#[test]
fn into_what_is_done_with_locked_secrets() {
    for case in cases(Protection::Locked) {
        child::run(&case.name, || case.inject()).finishes();
    }
}

#[test]
fn into_what_is_done_with_guarded_secrets() {
    for case in cases(GUARDED) {
        child::run(&case.name, || case.inject()).finishes();
    }
}

/// The calls of that thread itself fail in `injection_guarded.rs`.
#[test]
fn into_what_is_done_with_secrets_that_a_thread_makes_unreadable() {
    for case in cases(GUARDED_AFTER_AGES) {
        child::run(&case.name, || case.inject()).finishes();
    }
}

#[test]
fn into_what_is_done_with_encrypted_secrets() {
    for case in cases(Protection::Encrypted) {
        child::run(&case.name, || case.inject()).finishes();
    }
}
