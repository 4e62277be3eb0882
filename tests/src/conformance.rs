//! The one suite that every host passes.
//!
//! A host says in [`Host`], and in [`Lends`] if it lends bytes, how it does what all do. The cases
//! stand in files by subject; each file lists its own, and a case that is in no list is dead code,
//! which CI denies.

mod access;
mod attenuation;
mod close;
mod copy;
mod create;
mod errors;
mod local;
mod mac;
mod panics;
mod reader;
mod replace;

use std::fmt::{Debug, Display};
use std::ops::Deref;
use std::sync::LazyLock;

use strongroom_core::{CloseOutcome, Uses};

use crate::hosts::Locally;

/// Somewhere secrets live, by handle: what they are made from, and what can be done with them.
pub trait Host {
    /// A handle.
    type Secret: Debug;
    /// Why an operation was refused.
    type Error: Debug + Display;

    /// Whether `create` and `replace` wipe the source of their caller. A component can't, for it
    /// is given a copy.
    const WIPES_SOURCE: bool = true;

    /// Every how many lengths a case takes that would take them all; more than 1 only where all
    /// would take minutes.
    fn length_step(&self) -> usize {
        1
    }
    /// A secret with these bytes.
    fn create(&self, source: &mut [u8]) -> Result<Self::Secret, Self::Error>;
    /// A secret of so many random bytes.
    fn random(&self, len: usize) -> Result<Self::Secret, Self::Error>;
    /// A second handle.
    fn share(&self, secret: &Self::Secret) -> Self::Secret;
    /// All bytes.
    fn reveal(&self, secret: &Self::Secret) -> Result<Vec<u8>, Self::Error>;
    /// New content.
    fn replace(&self, secret: &Self::Secret, source: &mut [u8]) -> Result<(), Self::Error>;
    /// The end.
    fn close(&self, secret: &Self::Secret) -> CloseOutcome;
    /// Whether it has come.
    fn is_closed(&self, secret: &Self::Secret) -> bool;
    /// How many bytes there are.
    fn len(&self, secret: &Self::Secret) -> Result<usize, Self::Error>;
    /// The HMAC-SHA256 of `message`.
    fn hmac(&self, secret: &Self::Secret, message: &[u8]) -> Result<Vec<u8>, Self::Error>;
    /// Whether `tag` is the HMAC-SHA256 of `message`.
    fn verify(
        &self,
        secret: &Self::Secret,
        message: &[u8],
        tag: &[u8],
    ) -> Result<bool, Self::Error>;
    /// The error's short name, as of [`strongroom_core::Error::code`].
    fn code(error: &Self::Error) -> &'static str;
}

/// A host whose handles can be made to do less.
pub trait Restricts: Host {
    /// A handle that may be used in these ways alone.
    fn restrict(&self, secret: &Self::Secret, uses: Uses) -> Result<Self::Secret, Self::Error>;
}

/// A host that shares its memory with its user, and so can lend the bytes themselves.
pub trait Lends: Host<Error = strongroom_core::Error> {
    /// Reads a secret piece by piece.
    type Reader;

    /// A secret that `init` writes in place.
    fn init(
        &self,
        len: usize,
        init: impl FnOnce(&mut [u8]) -> Result<(), Self::Error>,
    ) -> Result<Self::Secret, Self::Error>;
    /// The bytes, for a callback.
    fn with_bytes<R>(
        &self,
        secret: &Self::Secret,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, Self::Error>;
    /// The bytes, for as long as the guard lives.
    fn expose<'a>(
        &self,
        secret: &'a Self::Secret,
    ) -> Result<impl Deref<Target = [u8]> + Debug + 'a, Self::Error>;
    /// The bytes, copied.
    fn copy_into(&self, secret: &Self::Secret, out: &mut [u8]) -> Result<usize, Self::Error>;
    /// Whether they equal these.
    fn ct_eq(&self, secret: &Self::Secret, other: &[u8]) -> Result<bool, Self::Error>;
    /// A reader from the start.
    fn reader(&self, secret: &Self::Secret) -> Self::Reader;
    /// The next bytes of a reader.
    fn read(&self, reader: &mut Self::Reader, out: &mut [u8]) -> Result<usize, Self::Error>;
}

/// A host that lends bytes by handles for one thread, too.
pub trait LendsLocally: Lends {
    /// A handle for one thread.
    type Local: Debug;

    /// A handle for this thread.
    fn local(&self, secret: &Self::Secret) -> Self::Local;
    /// The bytes, for a callback.
    fn with_local_bytes<R>(
        &self,
        local: &Self::Local,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, Self::Error>;
    /// The bytes, for as long as the guard lives.
    fn expose_locally<'a>(
        &self,
        local: &'a Self::Local,
    ) -> Result<impl Deref<Target = [u8]> + Debug + 'a, Self::Error>;
}

/// The longest secret of any case.
const LONGEST: usize = 16_385;

/// A case and its name.
type Case<H> = (&'static str, fn(&H));

/// Lists cases by the names of their functions.
macro_rules! cases {
    ($($case:ident),* $(,)?) => { [$((stringify!($case), $case::<H> as fn(&H))),*] };
}
use cases;

/// Runs the cases of every host. The name that was printed last is the one that failed.
pub fn by_handle<H: Host>(host: &H) {
    run(host, &create::cases());
    run(host, &replace::cases());
    run(host, &close::cases());
    run(host, &mac::cases());
    run(host, &errors::cases());
}

/// Runs those, and the cases of hosts whose handles can be made to do less.
pub fn restricting<H: Restricts>(host: &H) {
    by_handle(host);
    run(host, &attenuation::cases());
}

/// Runs those of [`by_handle`], and the cases of hosts that lend bytes.
pub fn lending<H: Lends>(host: &H) {
    by_handle(host);
    run(host, &access::cases());
    run(host, &copy::cases());
    run(host, &reader::cases());
    // A panic ends a wasm instance.
    if cfg!(panic = "unwind") {
        run(host, &panics::cases());
    }
}

/// Runs those of hosts that lend bytes by handles for one thread; and all others with such a handle for every
/// access.
pub fn lending_locally<H: LendsLocally>(host: H) {
    run(&host, &local::cases());
    lending(&Locally(host));
}

fn run<H>(host: &H, cases: &[Case<H>]) {
    for (name, case) in cases {
        println!("{name}");
        case(host);
    }
}

/// Bytes that tell every position from its neighbours, as many as asked for.
fn content(len: usize) -> Vec<u8> {
    static BYTES: LazyLock<Vec<u8>> =
        LazyLock::new(|| (0..LONGEST).map(|index| (index % 251) as u8 ^ 0x5A).collect());
    BYTES[..len].to_vec()
}

/// A secret of `len` bytes of [`content`].
fn secret<H: Host>(host: &H, len: usize) -> H::Secret {
    host.create(&mut content(len)).expect("a secret can be created")
}

/// Asserts that an operation was refused for this reason.
#[track_caller]
fn assert_refused<H: Host, T: Debug>(outcome: Result<T, H::Error>, code: &str) {
    match outcome {
        Ok(value) => panic!("expected to be refused as {code}, got {value:?}"),
        Err(error) => assert_eq!(H::code(&error), code, "{error}"),
    }
}

/// Asserts that a source was wiped, if its host does that.
#[track_caller]
fn assert_wiped<H: Host>(source: &[u8]) {
    assert!(!H::WIPES_SOURCE || source.iter().all(|byte| *byte == 0), "the source was not wiped");
}
