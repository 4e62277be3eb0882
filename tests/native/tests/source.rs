//! Owned sources, vectors and strings, are wiped with all their spare room when they have become a
//! secret, and given back when they haven't.
#![cfg(target_os = "linux")]

use std::io;

use strongroom::{Builder, Error, Protection, Rejected, Secret};
use strongroom_tests::linux::blocks::{Blocks, watch};
use strongroom_tests::linux::{GUARDED, child, limit};

#[global_allocator]
static BLOCKS: Blocks = Blocks;

/// The room of the sources, a size that nothing else in this process has.
const ROOM: usize = 4567;

/// What a source holds, or held, and never shows.
const CONTENT: &str = "an ordinary passphrase";

/// A string of `CONTENT`, with more of the same in its spare room.
fn string() -> String {
    let mut string = String::with_capacity(ROOM);
    while string.len() + CONTENT.len() <= ROOM {
        string.push_str(CONTENT);
    }
    string.truncate(CONTENT.len());
    string
}

fn vector() -> Vec<u8> {
    string().into_bytes()
}

/// A box as large as the other sources.
fn boxed() -> Box<[u8]> {
    CONTENT.bytes().cycle().take(ROOM).collect()
}

#[test]
fn a_source_is_freed_as_zeros_with_its_spare_room() {
    assert_eq!(watch(ROOM, || drop(vector())).dirty(), 1, "ordinary vectors leave their bytes");
    let made = watch(ROOM, || {
        let secret = Secret::try_from(vector()).expect("there is memory");
        assert_eq!(secret.ct_eq(CONTENT.as_bytes()), Ok(true));
        let secret = Secret::try_from(string()).expect("there is memory");
        assert_eq!(secret.ct_eq(CONTENT.as_bytes()), Ok(true));
        let secret = Secret::try_from(boxed()).expect("there is memory");
        assert_eq!(secret.len(), Ok(ROOM));
    });
    assert_eq!((made.clean(), made.dirty()), (3, 0));
}

#[test]
fn a_builder_takes_sources_too() {
    for level in [Protection::Locked, GUARDED] {
        let builder = Secret::builder().protection(level);
        let made = watch(ROOM, || {
            for secret in [
                builder.build_from(vector()).expect("there is memory"),
                builder.build_from(string()).expect("there is memory"),
            ] {
                assert_eq!(secret.ct_eq(CONTENT.as_bytes()), Ok(true));
                assert_eq!(secret.protections().expect("it is open").level, level);
            }
            builder.build_from(boxed()).expect("there is memory");
        });
        assert_eq!((made.clean(), made.dirty()), (3, 0), "{level:?}");
    }
}

#[test]
fn an_array_becomes_a_secret_where_it_is() {
    let mut array = *b"an array";
    let secret = Secret::try_from(&mut array).expect("there is memory");
    assert_eq!(secret.ct_eq(b"an array"), Ok(true));
    assert_eq!(array, [0; 8]);
    let mut array = *b"a slice";
    Secret::try_from(&mut array[2..]).expect("there is memory");
    assert_eq!(&array, b"a \0\0\0\0\0");
    assert_eq!(Secret::try_from(&mut [0; 0]).err(), Some(Error::Empty));
}

/// What a program does that has a `?` for either error.
fn made_and_read(builder: Builder, password: String) -> Result<Vec<u8>, io::Error> {
    fn made(builder: Builder, password: String) -> Result<Secret, Error> {
        Ok(builder.build_from(password)?)
    }
    Ok(made(builder, password)?.expose()?.as_ref().to_vec())
}

#[test]
fn rejections_become_errors_and_errors_become_those_of_io() {
    let builder = Secret::builder();
    assert_eq!(made_and_read(builder, CONTENT.into()).expect("all is well"), CONTENT.as_bytes());
    let error = made_and_read(builder, String::new()).expect_err("it is empty");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    assert_eq!(inner, Some(&Error::Empty));
    for (error, kind) in [
        (Error::LockLimit { asked: 1, locked: 2, limit: None }, io::ErrorKind::OutOfMemory),
        (Error::Os { call: "mmap", code: libc::EACCES }, io::ErrorKind::PermissionDenied),
        (Error::Corrupted, io::ErrorKind::InvalidData),
        (Error::Closed, io::ErrorKind::Other),
    ] {
        let converted = io::Error::from(error);
        assert_eq!((converted.kind(), converted.to_string()), (kind, error.to_string()));
    }
}

#[test]
fn an_empty_source_with_bytes_in_its_spare_room_is_wiped_too() {
    let rejected = watch(ROOM, || {
        let mut vector = vector();
        vector.clear();
        let rejected = Secret::try_from(vector).expect_err("it is empty");
        assert_eq!(rejected.error, Error::Empty);
        assert_eq!(rejected.source.capacity(), ROOM);
    });
    assert_eq!((rejected.clean(), rejected.dirty()), (1, 0));
}

/// What is told of a rejection has the reason and nothing of the source.
fn assert_tells<T: zeroize::Zeroize>(rejected: &Rejected<T>) {
    let source = std::error::Error::source(rejected).and_then(|error| error.downcast_ref());
    assert!(matches!(source, Some(Error::LockLimit { .. })));
    for text in [format!("{rejected:?}"), format!("{rejected:#?}"), rejected.to_string()] {
        assert!(!text.contains(CONTENT), "{text}");
        assert!(!text.contains(&format!("{:?}", &CONTENT.as_bytes()[..4])[1..]), "{text}");
    }
    assert!(rejected.to_string().contains("limit"), "{rejected}");
}

#[test]
fn a_failure_gives_the_source_back_and_its_drop_wipes_it() {
    child::run("without locked memory", || {
        limit::locking(0);
        let rejected = watch(ROOM, || {
            let rejected = Secret::try_from(vector()).expect_err("nothing can be locked");
            assert_tells(&rejected);
            assert_eq!(*rejected.source, CONTENT.as_bytes());
            let rejected = Secret::try_from(string()).expect_err("nothing can be locked");
            assert_tells(&rejected);
            assert_eq!(*rejected.source, CONTENT);
        });
        assert_eq!((rejected.clean(), rejected.dirty()), (2, 0));
    })
    .finishes();
}

#[test]
fn a_rejected_source_can_be_taken_out_and_tried_again() {
    child::run("for a while without locked memory", || {
        limit::locking(0);
        let mut rejected = Secret::try_from(vector()).expect_err("nothing can be locked");
        let source = std::mem::take(&mut *rejected.source);
        drop(rejected);
        assert_eq!(source, CONTENT.as_bytes());
        strongroom::set_default_on_lock_failure(strongroom::OnLockFailure::Degrade);
        let secret = Secret::try_from(source).expect("ordinary memory is there");
        assert_eq!(secret.ct_eq(CONTENT.as_bytes()), Ok(true));
    })
    .finishes();
}
