//! What an access is made of, counted by callgrind: instructions and system calls. Unlike times, they are
//! the same on a busy machine, and nearly the same on another.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::figure::{self, Figure};

/// The argument by which this program makes accesses of one way, to be counted.
pub const COUNTED: &str = "--counted";

/// How many accesses are counted: in the second run so many more than in the first, so that all that
/// happens around them falls out of the difference.
const RUNS: [u64; 2] = [1000, 3000];

/// Instructions and system calls of one access of the way of this name, in this program run again. Those
/// are the program's own instructions: callgrind doesn't see the kernel's.
pub fn counts(name: &str) -> [Figure; 2] {
    eprintln!("counting {name}");
    let [few, many] = RUNS.map(|n| figure::told(totals(name, n)));
    let each = |which: usize| {
        let (few, many) = (few.clone()?[which], many.clone()?[which]);
        let each = (many as f64 - few as f64) / (RUNS[1] - RUNS[0]) as f64;
        // What a thread of the library does meanwhile is a thousandth of one; and zero has no sign.
        Ok((each * 100.0).round() / 100.0 + 0.0)
    };
    [each(0), each(1)]
}

/// Instructions and system calls of a whole process with `n` accesses.
fn totals(name: &str, n: u64) -> Result<[u64; 2]> {
    let out = tempfile::NamedTempFile::new().context("no room for callgrind's figures")?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-systime=nsec"])
        .arg(format!("--callgrind-out-file={}", out.path().display()))
        .arg(env::current_exe()?)
        .args([COUNTED, name, &n.to_string()])
        .output()
        .context("cannot start valgrind (apt-get install valgrind)")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "under valgrind: {}\n{said}", output.status);
    parsed(&std::fs::read_to_string(out.path())?)
}

/// The figures of a file of callgrind's: `events: Ir sysCount ..` names what `totals: 1 2 ..` counts.
fn parsed(file: &str) -> Result<[u64; 2]> {
    let line = |name: &str| {
        let line = file.lines().find_map(|line| line.strip_prefix(name));
        line.with_context(|| format!("callgrind's figures have no line {name}"))
    };
    let (events, totals) = (line("events:")?, line("totals:")?);
    let total = |event: &str| {
        let place = events.split_whitespace().position(|name| name == event);
        let total = place.and_then(|place| totals.split_whitespace().nth(place));
        let total = total.with_context(|| format!("callgrind has counted no {event}"))?;
        total.parse().with_context(|| format!("{event}: {total} is no number"))
    };
    Ok([total("Ir")?, total("sysCount")?])
}

#[cfg(test)]
mod tests {
    use super::parsed;

    #[test]
    fn totals_are_found_by_their_names() {
        let file =
            "version: 1\nevents: sysTime Ir sysCount\n\nfn=(1)\n1 2 3 4\n\ntotals: 7 800 9\n";
        assert_eq!(parsed(file).unwrap(), [800, 9]);
    }

    #[test]
    fn what_was_not_counted_is_an_error() {
        for file in [
            "",
            "events: Ir\ntotals: 5\n",
            "events: Ir sysCount\n",
            "events: Ir sysCount\ntotals: 5 x\n",
        ] {
            assert!(parsed(file).is_err(), "{file}");
        }
    }
}
