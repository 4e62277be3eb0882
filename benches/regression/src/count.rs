//! What an access is made of, counted by callgrind.

use std::env;

use strongroom_measure::callgrind::each;
use strongroom_measure::figure::{Figure, told};

/// The argument by which this program makes accesses of one way, to be counted.
pub const COUNTED: &str = "--counted";

/// Instructions and system calls of one access of the way of this name, in this program run again.
pub fn counts(name: &str) -> [Figure; 2] {
    eprintln!("counting {name}");
    let this = env::current_exe().map_err(Into::into);
    let counts = told(this.and_then(|this| each(&this, &[COUNTED, name])));
    [counts.clone().map(|counts| counts.instructions), counts.map(|counts| counts.calls)]
}
