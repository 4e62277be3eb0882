//! Every system call fails, each time it is made and from then on: an error says so, the source is
//! as it was, nothing is left open or readable, and everything works as soon as the system does.
#![cfg(target_os = "linux")]

use std::io::{self, PipeWriter, Read, Write};
use std::os::unix::process::ExitStatusExt;

use nix::sys::signal::Signal::SIGABRT;
use strongroom::{Builder, Error, Protection, Secret, stats};
use strongroom_tests::linux::calls::{CALLS, supervise};
use strongroom_tests::linux::{NEEDLE, builders, child, limit, memory, repeated};
use strongroom_tests::residue::{Needle, search_process};
use zeroize::Zeroize;

/// Secrets of one kind and length, all of one content.
struct Scene {
    level: Protection,
    builder: Builder,
    needle: Needle,
    len: usize,
}

impl Scene {
    fn create(&self) -> Result<Secret, Error> {
        let mut source = repeated(&self.needle, self.len);
        let created = self.builder.build(&mut source);
        source.zeroize();
        created
    }

    /// More secrets than the library has room for at once, and keeps room for afterwards.
    fn crowd(&self) -> Result<Vec<Secret>, Error> {
        let count = match self.level {
            _ if self.len > 4096 => 5,
            Protection::Guarded { .. } => 20,
            _ => 100,
        };
        (0..count).map(|_| self.create()).collect()
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        let mut source = repeated(&self.needle, self.len);
        let same = bytes == source;
        source.zeroize();
        same
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

const DEEDS: [Deed; 7] = [
    Deed { name: "the first secret", prepare: |_| Ok(Vec::new()), act: build, takes_source: true },
    Deed {
        name: "secrets in slabs that were given back",
        prepare: |scene| scene.crowd().map(|_| Vec::new()),
        act: |scene, secrets, source| {
            secrets.extend(scene.crowd()?);
            build(scene, secrets, source)
        },
        takes_source: true,
    },
    Deed {
        name: "replace",
        prepare: |scene| Ok(vec![scene.create()?]),
        act: |_, secrets, source| secrets[0].replace(source),
        takes_source: true,
    },
    Deed {
        name: "init",
        prepare: |_| Ok(Vec::new()),
        act: |scene, secrets, _| {
            let write = |bytes: &mut [u8]| {
                bytes.chunks_mut(NEEDLE).for_each(|chunk| scene.needle.unmask_into(chunk));
                Ok::<_, Error>(())
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
        prepare: |scene| Ok(vec![scene.create()?, scene.create()?]),
        act: |scene, secrets, _| {
            secrets.iter().try_for_each(|secret| {
                assert!(secret.with_bytes(|bytes| scene.holds(bytes))?);
                secret.hmac_sha256(b"message").map(drop)
            })
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
];

/// Which call fails, with which of its errors, and whether all of its kind do from then on.
#[derive(Clone, Copy)]
struct Plan {
    place: usize,
    error: usize,
    from_then_on: bool,
}

/// What an injection reports when a call is made to fail: where it is in [`CALLS`].
const NO_SUCH_CALL: u8 = u8::MAX;
const NO_SUCH_ERROR: u8 = u8::MAX - 1;

/// Does the deed while calls fail as planned, and sees to what is left of it.
fn play(scene: &Scene, deed: &Deed, plan: Plan, mut report: PipeWriter) {
    let mut secrets = (deed.prepare)(scene).expect("the system works yet");
    let files = memory::open_files();
    let mut source = repeated(&scene.needle, scene.len);

    let mut failing = None;
    let mut reported = NO_SUCH_CALL;
    let verdict = |place, number| {
        let call = CALLS.iter().position(|(_, other, _)| *other == number).expect("it is filtered");
        if place == plan.place {
            let error = CALLS[call].2.get(plan.error);
            reported = if error.is_some() { call as u8 } else { NO_SUCH_ERROR };
            // Now, for the process may not live to tell.
            report.write_all(&[reported]).expect("the parent reads");
            failing = error.map(|error| (call, *error));
        }
        let (failing_call, error) = failing?;
        let fails = place == plan.place || plan.from_then_on && call == failing_call;
        fails.then_some(error)
    };
    let outcome = supervise(verdict, || (deed.act)(scene, &mut secrets, &mut source));
    if reported == NO_SUCH_CALL {
        assert_eq!(outcome, Ok(()), "without a failure it works");
        report.write_all(&[NO_SUCH_CALL]).expect("the parent reads");
    }

    match outcome {
        Ok(()) if deed.takes_source => assert!(source.iter().all(|byte| *byte == 0)),
        Ok(()) => {}
        Err(
            Error::LockLimit { .. }
            | Error::OutOfMemory { .. }
            | Error::Os { .. }
            | Error::Random
            | Error::Poisoned
            | Error::Unsupported { .. },
        ) => assert!(scene.holds(&source), "the source is untouched"),
        Err(error) => panic!("{error:?}"),
    }
    source.zeroize();

    // The system works again.
    for secret in secrets.iter().filter(|secret| !secret.is_closed()) {
        assert_eq!(secret.with_bytes(|bytes| scene.holds(bytes)), Ok(true));
    }
    let another = scene.create().expect("the system works again");
    assert_eq!(another.with_bytes(|bytes| scene.holds(bytes)), Ok(true));
    drop((another, secrets));
    assert_eq!(memory::open_files(), files);
    assert_eq!((stats().locked, stats().guarded, stats().sealed), (0, 0, 0));
    assert_eq!(search_process(&[&scene.needle]).expect("/proc is there").windows, 0);
}

/// Does the deed in a child, and says what failed there.
fn inject(scene: &Scene, deed: &Deed, plan: Plan) -> u8 {
    let (mut reports, report) = io::pipe().expect("the system has pipes");
    let ended = child::forked(|| play(scene, deed, plan, report)).ends();
    let mut reported = [NO_SUCH_CALL];
    reports.read_exact(&mut reported).expect("the child reports");
    let [reported] = reported;
    if child::has_played(ended) {
        return reported;
    }
    // What can't be made writable can't be wiped, and must not be left either.
    let is_loud = ended.signal() == Some(SIGABRT as i32);
    let call = CALLS.get(usize::from(reported)).map(|(name, ..)| *name);
    assert!(is_loud && call == Some("mprotect"), "{call:?}, {} of its errors: {ended}", plan.error);
    reported
}

/// Does the deed with every failure of every call that it makes, and says how many these are.
fn inject_into(scene: &Scene, deed: &Deed, from_then_on: bool) -> usize {
    for place in 0.. {
        for error in 0.. {
            match inject(scene, deed, Plan { place, error, from_then_on }) {
                NO_SUCH_ERROR => break,
                NO_SUCH_CALL => return place,
                _ => {}
            }
        }
    }
    unreachable!("no deed goes on for ever")
}

/// One deed with one kind of secret.
struct Case {
    name: String,
    level: Protection,
    builder: Builder,
    len: usize,
    deed: &'static Deed,
}

fn cases() -> impl Iterator<Item = Case> {
    builders().into_iter().flat_map(|(level, kind, builder)| {
        [32, 20_000].into_iter().flat_map(move |len| {
            let kind = kind.clone();
            DEEDS.iter().map(move |deed| {
                let name = format!("{}, {len} bytes, {kind}", deed.name);
                Case { name, level, builder, len, deed }
            })
        })
    })
}

impl Case {
    /// Injects every failure of every call.
    fn inject(&self, from_then_on: bool) {
        limit::heaps();
        let _room = limit::room_on_the_heap();
        let Self { level, builder, len, deed, .. } = *self;
        let scene = Scene { level, builder, needle: Needle::random(NEEDLE), len };
        let places = inject_into(&scene, deed, from_then_on);
        assert!(places > 0 || deed.name != DEEDS[0].name, "the first secret takes no call");
    }
}

#[test]
fn a_call_that_fails_once() {
    for case in cases() {
        child::run(&case.name, || case.inject(false)).finishes();
    }
}

#[test]
fn a_call_that_fails_from_then_on() {
    for case in cases() {
        child::run(&case.name, || case.inject(true)).finishes();
    }
}
