//! Secrets from what is read: all of it, whatever it said about its size, and no copy of it anywhere.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write, pipe};
use std::path::PathBuf;
use std::thread;

use strongroom::{Error, Secret};
use strongroom_tests::linux::{NEEDLE, builders, child, material, repeated};
use strongroom_tests::residue::{Needle, search_process};

/// The most that is read here.
const MAX: usize = 100_000;

fn assert_reads(what: &str, source: impl Read, expected: usize, content: &[u8]) {
    let secret = Secret::builder().read(source, expected, MAX);
    let secret = secret.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(secret.len(), Ok(content.len()), "{what}");
    assert_eq!(secret.ct_eq(content), Ok(true), "{what}");
}

#[test]
fn all_is_read_whatever_was_expected() {
    for len in [1, 2, 4095, 4096, 4097, 8192, 20_000, MAX - 1, MAX] {
        let content = material(1, len);
        for expected in [0, 1, len - 1, len, len + 1, MAX / 2, MAX] {
            let what = format!("{len} bytes, {expected} expected");
            assert_reads(&what, &content[..], expected.min(MAX), &content);
        }
    }
}

#[test]
fn too_much_and_nothing_are_errors() {
    let refused = |source: &[u8], expected| {
        let refused = Secret::builder().read(source, expected, MAX).expect_err("it can't be");
        *refused.get_ref().and_then(|error| error.downcast_ref::<Error>()).expect("it is ours")
    };
    for expected in [0, 1, MAX] {
        assert_eq!(refused(&[], expected), Error::Empty);
        for more in [1, 50_000] {
            let error = refused(&material(1, MAX + more), expected);
            assert!(matches!(error, Error::TooLarge { len, max: MAX } if len > MAX), "{error:?}");
        }
    }
    let error = refused(b"short", MAX + 1);
    assert_eq!(error, Error::TooLarge { len: MAX + 1, max: MAX });
}

/// A source that is interrupted, gives a little at a time, and fails in the end.
struct Unwilling(u32);

impl Read for Unwilling {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        match self.0 {
            7 => Err(ErrorKind::ConnectionReset.into()),
            turn if turn % 2 == 0 => Err(ErrorKind::Interrupted.into()),
            _ => Ok(out.first_mut().map_or(0, |byte| {
                *byte = 7;
                1
            })),
        }
    }
}

#[test]
fn a_failing_source_fails_and_an_interrupted_one_goes_on() {
    let failed = Secret::builder().read(Unwilling(0), 0, MAX).expect_err("it fails");
    assert_eq!(failed.kind(), ErrorKind::ConnectionReset);
    assert_reads("interrupted", Unwilling(0).take(3), 0, &[7; 3]);
}

/// A file that somebody appends to as soon as its size is known.
struct Growing {
    file: File,
    path: PathBuf,
    rest: Vec<u8>,
}

impl Read for Growing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut end = File::options().append(true).open(&self.path)?;
        end.write_all(&std::mem::take(&mut self.rest))?;
        self.file.read(out)
    }
}

#[test]
fn a_file_that_grows_is_read_to_the_end() {
    let path = std::env::temp_dir().join(format!("strongroom-grows-{}", std::process::id()));
    let content = material(1, 30_000);
    fs::write(&path, &content[..100]).expect("there is room for files");
    let file = File::open(&path).expect("it was just written");
    let growing = Growing { file, path: path.clone(), rest: content[100..].to_vec() };
    assert_reads("growing", growing, 100, &content);
    fs::remove_file(path).expect("it was just read");
}

#[test]
fn nothing_is_left_of_what_was_read() {
    for (_, kind, builder) in builders() {
        child::run(&kind, || {
            let needle = Needle::random(NEEDLE);
            let windows = || search_process(&[&needle]).expect("/proc is there").windows;
            const LEN: usize = 16 * NEEDLE * NEEDLE;
            for (expected, max) in [(0, LEN), (LEN, LEN), (LEN / 2, LEN), (0, LEN - 1)] {
                let (source, mut writer) = pipe().expect("the system has pipes");
                let content = repeated(&needle, LEN);
                let read = thread::scope(|scope| {
                    // Where reading ends before the end, so does this.
                    scope.spawn(move || writer.write_all(&content).err());
                    builder.read(source, expected, max)
                });
                assert_eq!(read.is_ok(), max >= LEN);
                if let Ok(secret) = read {
                    assert_eq!(secret.len(), Ok(LEN));
                    secret.close();
                }
                assert_eq!(windows(), 0, "{expected} expected");
            }
            let careless = repeated(&needle, NEEDLE);
            assert_ne!(windows(), 0, "the control: the search sees the heap");
            drop(careless);
        })
        .finishes();
    }
}
