//! What it takes to move all handles, as they are, from an instance that was cut short to a fresh one.

use strongroom_core::{Error, guest};

use super::crossing::{self, Outcome, arguments, outcome};
use super::{HANDLES, Handle, Secret, with};
use crate::Linear;

/// Stands beside the uses of a handle that owns its secret.
const OWNER: u32 = 1 << 16;

/// The highest number that any handle may have.
#[unsafe(no_mangle)]
extern "C" fn highest() -> u32 {
    HANDLES.get().borrow().highest()
}

/// A number that all handles on this one's secret have, and no others; 0 where there is no handle.
#[unsafe(no_mangle)]
extern "C" fn identity(number: u32) -> usize {
    HANDLES.get().borrow().get(number).map_or(0, Handle::identity)
}

/// What a handle may be used for, and whether it owns its secret.
#[unsafe(no_mangle)]
extern "C" fn rights(number: u32) -> Outcome {
    let rights = |handle: &Handle| {
        let owner = if handle.check_owner().is_ok() { OWNER } else { 0 };
        Ok(u32::from(handle.uses().bits()) | owner)
    };
    outcome(with(number, rights))
}

/// Shows where the bytes are, whatever the handle may be used for, and returns how many.
#[unsafe(no_mangle)]
extern "C" fn salvage(number: u32) -> Outcome {
    outcome(with(number, |handle| handle.unrestricted().with_bytes(crossing::show)))
}

/// Makes a secret of the bytes of the first argument, and gives a handle with these rights on it this number, which
/// is above those of all others.
#[unsafe(no_mangle)]
extern "C" fn restore(number: u32, rights: u32) -> Outcome {
    let mut arguments = arguments();
    let [bytes, ..] = arguments.all();
    let secret = Secret::new_in(Linear, bytes);
    outcome(secret.and_then(|secret| put(number, with_rights(secret, rights))))
}

/// Gives another handle with these rights, on the secret that the handle numbered `same` is on, this number, which is
/// above those of all others.
#[unsafe(no_mangle)]
extern "C" fn restore_further(number: u32, same: u32, rights: u32) -> Outcome {
    let secret = with(same, |handle| Ok(handle.unrestricted().clone()));
    outcome(secret.and_then(|secret| put(number, with_rights(secret, rights))))
}

fn with_rights(secret: Secret, rights: u32) -> Handle {
    let uses = guest::uses(rights & !OWNER);
    if rights & OWNER != 0 { secret.into_restricted(uses) } else { secret.restrict(uses) }
}

fn put(number: u32, handle: Handle) -> Result<u32, Error> {
    HANDLES.get().borrow_mut().insert_above(number, handle)
}
