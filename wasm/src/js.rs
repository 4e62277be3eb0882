//! The face for JavaScript: raw exports, on which `npm/package/*.js` builds the class `Secret`.
//!
//! A module without imports: no code but its own ever runs on top of it, so nothing of others can
//! throw through it, and no call is inside another. JavaScript asks for room ([`crossing`]), writes
//! the bytes of the arguments there, and calls an operation with the numbers of the secrets
//! ([`secrets`]) and whatever else is a number. An operation returns a number, or -1 and an error's text.

use core::cell::RefCell;

use strongroom_core::{Error, Uses, guest};

use crate::Linear;
use crate::table::Table;

mod crossing;
mod encoding;
mod entropy;
mod headroom;
mod moving;
mod single;

#[cfg(feature = "aead")]
mod aead;
#[cfg(any(feature = "aead", feature = "wrap"))]
mod algorithm;
#[cfg(feature = "kdf")]
mod kdf;
#[cfg(feature = "mac")]
mod mac;
#[cfg(feature = "sign")]
mod sign;
#[cfg(feature = "wrap")]
mod wrap;

use crossing::{Outcome, arguments, outcome};
pub(crate) use entropy::random;
use single::Single;

/// A secret in linear memory.
type Secret = strongroom_core::Secret<Linear>;

/// A handle on one, which may be used for some things.
type Handle = strongroom_core::Restricted<Linear>;

/// All handles there are. Operations borrow it shared, and alone only to put one in or take one out.
static HANDLES: Single<RefCell<Table<Handle>>> = Single::new(RefCell::new(Table::new()));

/// Calls `f` with the handle of this number.
fn with<R>(number: u32, f: impl FnOnce(&Handle) -> Result<R, Error>) -> Result<R, Error> {
    HANDLES.get().borrow().get(number).ok_or(Error::Closed).and_then(f)
}

/// Calls `f` with the handles of these numbers.
fn with_both<R>(
    number: u32,
    other: u32,
    f: impl FnOnce(&Handle, &Handle) -> Result<R, Error>,
) -> Result<R, Error> {
    with(number, |handle| with(other, |other| f(handle, other)))
}

/// Gives the secret a number that `make` makes of `len` bytes.
fn made(make: impl FnOnce(usize) -> Result<Secret, Error>, len: f64) -> Result<u32, Error> {
    guest::length(len as u64).and_then(make).and_then(unrestricted)
}

/// Gives a handle on `secret` a number, which may be used for anything.
fn unrestricted(secret: Secret) -> Result<u32, Error> {
    numbered(secret.into_restricted(Uses::all()))
}

/// Gives `handle` a number.
fn numbered(handle: Handle) -> Result<u32, Error> {
    HANDLES.get().borrow_mut().insert(handle)
}

/// A new secret of `len` bytes of the random bytes that were brought.
#[unsafe(no_mangle)]
extern "C" fn random_secret(len: f64) -> Outcome {
    entropy::consumed(|| made(|len| Secret::random_in(Linear, len), len))
}

/// A new secret of `len` bytes of the alphabet that is the first argument.
#[unsafe(no_mangle)]
extern "C" fn password(len: f64) -> Outcome {
    let mut arguments = arguments();
    let [alphabet, ..] = arguments.all();
    entropy::consumed(|| made(|len| Secret::password_in(Linear, alphabet, len), len))
}

/// A new secret with the bytes of the first argument.
#[unsafe(no_mangle)]
extern "C" fn from_bytes() -> Outcome {
    let mut arguments = arguments();
    let [bytes, ..] = arguments.all();
    outcome(Secret::new_in(Linear, bytes).and_then(unrestricted))
}

/// Gives the secret the bytes of the first argument.
#[unsafe(no_mangle)]
extern "C" fn replace(number: u32) -> Outcome {
    let mut arguments = arguments();
    let [bytes, ..] = arguments.all();
    outcome(with(number, |secret| secret.replace(bytes)))
}

/// Shows where the secret's bytes are, for whoever has `room` for them, and returns how many.
#[unsafe(no_mangle)]
extern "C" fn reveal(number: u32, room: f64) -> Outcome {
    // They are copied before any other call, so nobody ends or replaces the secret meanwhile, and a pin
    // for that time would guard against nothing.
    let shown = |bytes: &[u8]| match bytes.len() {
        needed if room < needed as f64 => {
            Err(Error::BufferTooSmall { needed, given: room as usize })
        }
        _ => Ok(crossing::show(bytes)),
    };
    outcome(with(number, |secret| secret.with_bytes(shown)?))
}

/// Whether both secrets have the same bytes.
#[unsafe(no_mangle)]
extern "C" fn equals(number: u32, other: u32) -> Outcome {
    outcome(with_both(number, other, Handle::equals))
}

/// How many bytes the secret has.
#[unsafe(no_mangle)]
extern "C" fn length(number: u32) -> Outcome {
    outcome(with(number, Handle::len))
}

/// Another handle on the secret, with those of these uses that this one has.
#[unsafe(no_mangle)]
extern "C" fn restrict(number: u32, uses: u32) -> Outcome {
    outcome(with(number, |handle| Ok(handle.restrict(guest::uses(uses)))).and_then(numbered))
}

/// Ends the secret, or what was lent to this handle, and takes its number away. Whoever may have been cut short
/// inside it counts for nothing: nobody is inside now.
#[unsafe(no_mangle)]
extern "C" fn close(number: u32) -> Outcome {
    if let Some(ended) = HANDLES.get().borrow_mut().remove(number) {
        ended.close();
    }
    // The last handle, whose end wipes the bytes even where a reader never left, is gone with it.
    outcome(Ok(()))
}

/// Takes a number away. The last handle on a secret ends it.
#[unsafe(no_mangle)]
extern "C" fn forget(number: u32) -> Outcome {
    let forgotten = HANDLES.get().borrow_mut().remove(number);
    drop(forgotten);
    outcome(Ok(()))
}
