//! How bytes cross: arguments are written into a block that is asked for, results are read where
//! [`OUT`] says.

use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::fmt::{self, Write as _};

use strongroom_core::{Error, guest, room};

use super::single::Single;

/// What an operation returns: a number that isn't negative, or -1 and an error's text in [`OUT`].
pub(super) type Outcome = i32;

/// Where the bytes of the last result are, or the text of the last error: address and length.
static OUT: Single<[Cell<usize>; 2]> = Single::new([Cell::new(0), Cell::new(0)]);

static ARGUMENTS: Single<Cell<Arguments>> = Single::new(Cell::new(Arguments::none()));

/// What is shown of results and errors, until the next of its kind or [`clear`].
static LONG: Single<Cell<Vec<u8>>> = Single::new(Cell::new(Vec::new()));
static SHORT: Single<Cell<[u8; 64]>> = Single::new(Cell::new([0; 64]));
static TEXT: Single<RefCell<Text>> = Single::new(RefCell::new(Text { bytes: [0; 512], len: 0 }));

/// The arguments of a call that are bytes, one behind the other in a block that is wiped when it goes.
pub(super) struct Arguments {
    bytes: Vec<u8>,
    lens: [usize; 3],
}

impl Arguments {
    const fn none() -> Self {
        Self { bytes: Vec::new(), lens: [0; 3] }
    }

    /// The arguments; those that weren't given are empty.
    pub(super) fn all(&mut self) -> [&mut [u8]; 3] {
        let (first, rest) = self.bytes.split_at_mut(self.lens[0]);
        let (second, third) = rest.split_at_mut(self.lens[1]);
        [first, second, third]
    }
}

/// The arguments of this call.
pub(super) fn arguments() -> Arguments {
    ARGUMENTS.get().replace(Arguments::none())
}

/// Where [`OUT`] is.
#[unsafe(no_mangle)]
extern "C" fn out() -> *const [Cell<usize>; 2] {
    OUT.get()
}

/// Room for arguments of so many bytes; null and an error's text, if there is none.
#[unsafe(no_mangle)]
extern "C" fn room(first: f64, second: f64, third: f64) -> *mut u8 {
    reserved([first, second, third]).unwrap_or_else(|error| {
        refuse(error);
        core::ptr::null_mut()
    })
}

/// The border: no argument that is too long comes any further.
fn reserved(lens: [f64; 3]) -> Result<*mut u8, Error> {
    let [first, second, third] = lens.map(|len| guest::length(len as u64));
    let lens = [first?, second?, third?];
    let mut bytes = room::zeros(lens.iter().sum())?;
    let start = bytes.as_mut_ptr();
    ARGUMENTS.get().set(Arguments { bytes, lens });
    Ok(start)
}

/// Wipes what was shown.
#[unsafe(no_mangle)]
extern "C" fn clear() {
    LONG.get().take();
    SHORT.get().set([0; 64]);
}

/// Shows bytes where they are, and says how many.
pub(super) fn show(bytes: &[u8]) -> usize {
    let [address, len] = OUT.get();
    address.set(bytes.as_ptr().addr());
    len.set(bytes.len());
    bytes.len()
}

/// What an operation gives.
pub(super) trait Shown {
    /// Shows it, or what there is to know of it, and returns its number.
    fn shown(self) -> Outcome;
}

impl Shown for () {
    fn shown(self) -> Outcome {
        0
    }
}

impl Shown for bool {
    fn shown(self) -> Outcome {
        self.into()
    }
}

impl Shown for u32 {
    fn shown(self) -> Outcome {
        self as Outcome
    }
}

impl Shown for usize {
    fn shown(self) -> Outcome {
        self as Outcome
    }
}

impl Shown for Vec<u8> {
    fn shown(self) -> Outcome {
        let len = show(&self);
        // Moving it doesn't move its bytes.
        LONG.get().set(self);
        len.shown()
    }
}

impl<const LEN: usize> Shown for [u8; LEN] {
    fn shown(self) -> Outcome {
        const { assert!(LEN <= 64) };
        let mut short = [0; 64];
        short[..LEN].copy_from_slice(&self);
        SHORT.get().set(short);
        let [address, len] = OUT.get();
        address.set(SHORT.get().as_ptr().addr());
        len.set(LEN);
        LEN.shown()
    }
}

/// What JavaScript is told of a `result`.
pub(super) fn outcome(result: Result<impl Shown, Error>) -> Outcome {
    match result {
        Ok(result) => result.shown(),
        Err(error) => refuse(error),
    }
}

/// A text of a bounded length, so that telling of full memory takes none.
struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let rest = self.bytes.get_mut(self.len..).ok_or(fmt::Error)?;
        rest.get_mut(..part.len()).ok_or(fmt::Error)?.copy_from_slice(part.as_bytes());
        self.len += part.len();
        Ok(())
    }
}

/// What JavaScript is told of text that is none: what the core takes is bytes.
#[cold]
pub(super) fn malformed(message: &str) -> Outcome {
    told(|text| write!(text, "malformed\n{message}"))
}

/// Shows the error: its code, a line's end and its message.
#[cold]
fn refuse(error: Error) -> Outcome {
    told(|text| {
        writeln!(text, "{}", error.code()).and_then(|()| match error {
        // The core speaks of the system's memory and its remedies.
        Error::OutOfMemory { asked } => write!(
            text,
            "WebAssembly memory has no {asked} bytes more; close secrets, or pass smaller inputs"
        ),
        Error::Random => write!(
            text,
            "crypto.getRandomValues gave no random bytes; it has been replaced by something that \
             fills nothing, or too little"
        ),
        other => write!(text, "{other}"),
    })
    })
}

/// Shows the text that `write` writes.
fn told(write: impl FnOnce(&mut Text) -> fmt::Result) -> Outcome {
    let mut text = TEXT.get().borrow_mut();
    text.len = 0;
    // What doesn't fit any more is left out.
    let _ = write(&mut text);
    show(&text.bytes[..text.len]);
    -1
}
