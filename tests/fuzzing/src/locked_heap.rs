//! Many secrets of all sizes, against the bytes that they were made of: none is where another is, none
//! changes, and no canary is touched.

use arbitrary::{Arbitrary, Unstructured};
use strongroom::{CloseOutcome, Error, Protection, Secret};
use strongroom_tests::linux::{builders, material};

use crate::course;

#[derive(Arbitrary)]
enum Event {
    Make { builder: u8, len: u16, seed: u8 },
    Replace { which: u8, len: u16, seed: u8 },
    Close(u8),
    Leave(u8),
}

/// A secret, and what it has to be.
struct Kept {
    secret: Secret,
    bytes: Vec<u8>,
    stays: bool,
}

/// Plays what `input` says.
///
/// # Panics
///
/// If secrets share bytes, or one isn't what it was made of.
pub fn check(input: &[u8]) {
    let events: Vec<Event> = course(Unstructured::new(input));
    let mut kept: Vec<Kept> = Vec::new();
    for event in events {
        happen(event, &mut kept);
    }
    kept.iter().for_each(assert_whole);
    assert_apart(&kept);
    kept.into_iter().for_each(|kept| assert_eq!(kept.secret.close(), CloseOutcome::Wiped));
}

fn happen(event: Event, kept: &mut Vec<Kept>) {
    match event {
        Event::Make { builder, len, seed } => {
            let builders = builders();
            let (level, _, builder) = builders[usize::from(builder) % builders.len()];
            let bytes = material(seed.into(), usize::from(len) + 1);
            match builder.build(&mut bytes.clone()) {
                Ok(secret) => {
                    kept.push(Kept { secret, bytes, stays: level == Protection::Locked });
                }
                // So many fit, and no more.
                Err(Error::LockLimit { .. }) => kept.clear(),
                Err(error) => panic!("{error}"),
            }
        }
        Event::Replace { which, len, seed } => {
            let Some(kept) = one_of(which, kept).map(|at| &mut kept[at]) else { return };
            let bytes = material(seed.into(), usize::from(len) + 1);
            match kept.secret.replace(&mut bytes.clone()) {
                Ok(()) => kept.bytes = bytes,
                Err(Error::LockLimit { .. }) => assert_whole(kept),
                Err(error) => panic!("{error}"),
            }
        }
        Event::Close(which) => {
            let Some(at) = one_of(which, kept) else { return };
            let Kept { secret, .. } = kept.swap_remove(at);
            assert_eq!(secret.close(), CloseOutcome::Wiped);
        }
        Event::Leave(which) => {
            let Some(at) = one_of(which, kept) else { return };
            assert_whole(&kept.swap_remove(at));
        }
    }
}

fn one_of(which: u8, kept: &[Kept]) -> Option<usize> {
    usize::from(which).checked_rem(kept.len())
}

fn assert_whole(Kept { secret, bytes, .. }: &Kept) {
    assert_eq!(secret.with_bytes(|is| is == bytes), Ok(true));
}

/// Those that stay where they are, are apart.
fn assert_apart(kept: &[Kept]) {
    let place =
        |kept: &Kept| kept.secret.with_bytes(|bytes| bytes.as_ptr_range()).expect("it is open");
    let mut places: Vec<_> = kept.iter().filter(|kept| kept.stays).map(place).collect();
    places.sort_by_key(|place| place.start);
    for pair in places.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{pair:?}");
    }
}
