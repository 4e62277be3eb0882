//! Random bytes, which JavaScript brings: nothing is called out of here.

use alloc::vec::Vec;
use core::cell::Cell;

use strongroom_core::{Error, room, wipe};

use super::crossing::{Outcome, Shown, outcome};
use super::single::Single;

/// So many bytes in a row a generator doesn't leave zero: at each byte, it would be a chance of one in 2^96.
/// No nonce is shorter.
const RUN: usize = 12;

/// The most that one call takes: for a password of the greatest length, of which half is thrown away.
const MAX: f64 = (64 << 20) as f64;

static SUPPLY: Single<Cell<Vec<u8>>> = Single::new(Cell::new(Vec::new()));

/// Room for so many random bytes, for the next operation; null and an error's text, if there is none.
#[unsafe(no_mangle)]
extern "C" fn entropy_room(len: f64) -> *mut u8 {
    match room::zeros(len.min(MAX) as usize) {
        Ok(mut supply) => {
            let start = supply.as_mut_ptr();
            SUPPLY.get().set(supply);
            start
        }
        Err(error) => {
            outcome(Err::<(), _>(error));
            core::ptr::null_mut()
        }
    }
}

/// Calls `operation`, which is all that the random bytes are for.
pub(super) fn consumed<R: Shown>(operation: impl FnOnce() -> Result<R, Error>) -> Outcome {
    let result = operation();
    SUPPLY.get().take();
    outcome(result)
}

/// Random bytes from what was brought.
///
/// # Errors
///
/// [`Error::Random`] if that is too little, or isn't random.
pub(crate) fn random(out: &mut [u8]) -> Result<(), Error> {
    let mut supply = SUPPLY.get().take();
    let drawn = draw(&mut supply, out);
    SUPPLY.get().set(supply);
    drawn
}

fn draw(supply: &mut Vec<u8>, out: &mut [u8]) -> Result<(), Error> {
    if !is_random(supply) {
        return Err(Error::Random);
    }
    let rest = supply.len().checked_sub(out.len()).ok_or(Error::Random)?;
    out.copy_from_slice(&supply[rest..]);
    wipe::wipe(&mut supply[rest..]);
    supply.truncate(rest);
    Ok(())
}

/// Whether no run of `supply` is all zero, wherever it begins.
fn is_random(supply: &[u8]) -> bool {
    let mut zeros = 0;
    supply.iter().all(|&byte| {
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        zeros < RUN
    })
}
