//! What something is made of, counted by callgrind: instructions and system calls. Unlike times, they are the
//! same on a busy machine, and nearly the same on another.
//!
//! Valgrind shows programs a processor of its own making, the same on every machine whose processor has AVX2
//! (an Intel Core of 2013): so whatever asks which instructions there are takes the same way on AMD and on Intel.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What was counted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Counts {
    /// Instructions of the process; callgrind doesn't see the kernel's.
    pub instructions: f64,
    /// Those of them that aren't the C library's or the loader's: they don't depend on its version.
    pub own: f64,
    /// System calls.
    pub calls: f64,
}

/// How often it is done: in the second run so many times more than in the first, so that all that happens
/// around it falls out of the difference.
const RUNS: [u64; 2] = [1000, 3000];

/// What `program` with these arguments, and the number of times behind them, does for one time.
///
/// # Errors
///
/// If valgrind can't be started, the program fails, or callgrind's figures aren't as expected.
pub fn each(program: &Path, arguments: &[&str]) -> Result<Counts> {
    let [few, many] = RUNS.map(|n| totals(program, arguments, n));
    let (few, many) = (few?, many?);
    let each = |total: fn(&Counts) -> f64| {
        let each = (total(&many) - total(&few)) / (RUNS[1] - RUNS[0]) as f64;
        // What a thread of the library does meanwhile is a thousandth of one; and zero has no sign.
        (each * 100.0).round() / 100.0 + 0.0
    };
    Ok(Counts {
        instructions: each(|total| total.instructions),
        own: each(|total| total.own),
        calls: each(|total| total.calls),
    })
}

/// What a whole process with `n` times does.
fn totals(program: &Path, arguments: &[&str], n: u64) -> Result<Counts> {
    let out = tempfile::NamedTempFile::new().context("no room for callgrind's figures")?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-systime=nsec"])
        .arg(format!("--callgrind-out-file={}", out.path().display()))
        .arg(program)
        .args(arguments)
        .arg(n.to_string())
        .output()
        .context("cannot start valgrind (apt-get install valgrind)")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "under valgrind: {}\n{said}", output.status);
    parsed(&std::fs::read_to_string(out.path())?)
}

/// The figures of a file of callgrind's. `events: Ir sysCount ..` names what `totals: 1 2 ..` counts, and
/// what the lines of places count behind their line number: `16 3`. Before them, `ob=(1) /lib/libc.so.6` says
/// in which object they are, or `ob=(1)` if that had its name before.
fn parsed(file: &str) -> Result<Counts> {
    let line = |name: &str| {
        let line = file.lines().find_map(|line| line.strip_prefix(name));
        line.with_context(|| format!("callgrind's figures have no line {name}"))
    };
    let (events, totals) = (line("events:")?, line("totals:")?);
    let place = |event: &str| {
        let place = events.split_whitespace().position(|name| name == event);
        place.with_context(|| format!("callgrind has counted no {event}"))
    };
    let (instructions, calls) = (place("Ir")?, place("sysCount")?);
    let count = |counts: &str, place: usize| match counts.split_whitespace().nth(place) {
        // Zeros at the end are left out.
        None => Ok(0.0),
        Some(count) => count.parse::<f64>().with_context(|| format!("{count} is no number")),
    };

    let mut names = HashMap::new();
    let mut is_own = true;
    let mut own = 0.0;
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("calls=") {
            // What was called is counted there; this is the sum of it.
            lines.next();
        } else if let Some(object) = line.strip_prefix("ob=").or(line.strip_prefix("cob=")) {
            let (number, name) = object.split_once(' ').unwrap_or((object, ""));
            if !name.is_empty() {
                names.insert(number, name);
            }
            if line.starts_with("ob=") {
                is_own = names.get(number).is_none_or(|name| !is_system(name));
            }
        } else if is_own
            && line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first))
        {
            let (_, counts) = line.split_once(' ').unwrap_or((line, ""));
            own += count(counts, instructions)?;
        }
    }
    Ok(Counts { instructions: count(totals, instructions)?, own, calls: count(totals, calls)? })
}

/// Whether an object is one of the C library's, or the loader.
fn is_system(object: &str) -> bool {
    let name = object.rsplit('/').next().unwrap_or(object);
    ["libc.", "libc-", "libm.", "libm-", "libpthread", "ld-", "ld64", "libgcc_s"]
        .iter()
        .any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::{Counts, parsed};

    const FILE: &str = "version: 1\nevents: sysTime Ir sysCount\n\nob=(1) /usr/bin/own\nfn=(1) main\n\
        16 0 400\n+3 0 7 1\ncob=(2) /lib/libc.so.6\ncfn=(2) memcpy\ncalls=1 50\n16 9 150 2\n* 0 3\n\n\
        ob=(2)\nfn=(2)\n50 9 150 2\n\nob=(1)\nfn=(3) other\n9 0 40\n\ntotals: 9 600 3\n";

    #[test]
    fn what_is_the_c_librarys_is_told_apart() {
        let counts = Counts { instructions: 600.0, own: 450.0, calls: 3.0 };
        assert_eq!(parsed(FILE).unwrap(), counts);
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
