//! `cargo xtask sanitize`: tests as LLVM's sanitizers watch them.
//!
//! Which tests is decided by what is left out, so that a new one is run.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use xtask::process::{self, command, root, target_dir};
use xtask::setup;

/// What watches.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sanitizer {
    /// Data races between threads
    Thread,
    /// Memory that is read or written where it isn't one's own, or no longer, or never given back
    Address,
}

use Sanitizer::{Address, Thread};

/// What tests stand in: the folder in `tests/`, and the package.
const PACKAGES: [(&str, &str); 3] = [
    ("proofs", "strongroom-proofs"),
    ("native", "strongroom-native-tests"),
    ("operations", "strongroom-operations-tests"),
];

/// Test files that a sanitizer doesn't run, and why.
const LEFT_OUT: [(&str, &[Sanitizer], &str); 15] = [
    (
        "constant_time",
        &[Thread, Address],
        "it counts instructions, to which a sanitizer adds its own",
    ),
    (
        "cost",
        &[Thread, Address],
        "it compares with the system's books, where a sanitizer has its part",
    ),
    (
        "encrypted",
        &[Thread, Address],
        "its million secrets take too long; `stress` has the same accesses",
    ),
    (
        "faults",
        &[Thread],
        "its processes that die by a signal take minutes with a sanitizer in them",
    ),
    ("fork", &[Thread, Address], "it forks while threads run, which may hold a sanitizer's locks"),
    ("injection", &[Thread, Address], "it forks, as `fork`, for each call that is to fail"),
    ("injection_guarded", &[Thread, Address], "it forks, as `fork`, for each call that is to fail"),
    (
        "instructions",
        &[Thread, Address],
        "it counts instructions, to which a sanitizer adds its own",
    ),
    (
        "limits",
        &[Thread, Address],
        "it bounds the address space, of which a sanitizer's shadow takes more",
    ),
    ("loom", &[Thread, Address], "it is empty without loom, whose threads aren't the system's"),
    ("observers", &[Thread, Address], "it has the system dump the process, shadow and all"),
    (
        "residue",
        &[Thread, Address],
        "it searches the process, and finds what a sanitizer has copied",
    ),
    ("soak", &[Thread, Address], "it takes as long as it is told to, by `cargo xtask soak`"),
    ("stack", &[Thread, Address], "it searches the stack, where a sanitizer spills what it checks"),
    ("wasm", &[Thread, Address], "it is empty but in WebAssembly"),
];

/// Single tests that it doesn't run, and why.
const SKIPPED: [(&str, &str); 2] = [
    ("nothing_is_left_of_what_was_read", "it searches the process, as `residue`"),
    ("large_contents_give_their_pages_back", "it compares with the system's books, as `cost`"),
];

impl Sanitizer {
    fn name(self) -> &'static str {
        match self {
            Thread => "thread",
            Address => "address",
        }
    }

    /// What it says of the flaw that [`finds_what_is_wrong`] shows it.
    fn finding(self) -> &'static str {
        match self {
            Thread => "WARNING: ThreadSanitizer: data race",
            Address => "ERROR: AddressSanitizer: heap-use-after-free",
        }
    }

    /// Cargo of nightly Rust, for code with the sanitizer in it, also that of the standard library.
    fn cargo(self, verb: &str) -> Command {
        let mut cargo = command("rustup", ["run", "nightly", "cargo", verb, "-Zbuild-std"]);
        // With a target, build scripts are compiled without it; the folder is for what no other build shares.
        cargo.arg("--target=host-tuple");
        cargo.arg("--target-dir").arg(target_dir().join("sanitize").join(self.name()));
        cargo.env("RUSTFLAGS", format!("-Zsanitizer={}", self.name()));
        // Some tests make stray accesses, and expect the system's signal. And memory that can't be had is an error.
        let options = "handle_segv=0:handle_sigbus=0:allocator_may_return_null=1";
        let passed_by =
            |name| format!("suppressions={}", root().join("xtask").join(name).display());
        cargo.env("TSAN_OPTIONS", format!("{options}:{}", passed_by("races.txt")));
        cargo.env("ASAN_OPTIONS", options).env("LSAN_OPTIONS", passed_by("leaks.txt"));
        cargo
    }
}

/// Runs the tests under `only` this sanitizer, or under both.
pub fn run(only: Option<Sanitizer>) -> Result<()> {
    setup::nightly()?;
    for sanitizer in only.map_or_else(|| vec![Thread, Address], |only| vec![only]) {
        finds_what_is_wrong(sanitizer)?;
        let mut test = sanitizer.cargo("test");
        test.arg("--no-fail-fast");
        for (folder, package) in PACKAGES {
            test.arg(format!("--package={package}"));
            for name in tests(folder)? {
                if why_left_out(sanitizer, &name).is_none() {
                    test.arg(format!("--test={name}"));
                }
            }
        }
        test.arg("--").args(SKIPPED.iter().flat_map(|(name, _)| ["--skip", name]));
        process::run(&mut test)?;
        println!(
            "\nThe sanitizer of the kind `{}` has found nothing. Left out were:",
            sanitizer.name()
        );
        for (name, left_out, why) in LEFT_OUT {
            if left_out.contains(&sanitizer) {
                println!("- {name}: {why}");
            }
        }
        for (name, why) in SKIPPED {
            println!("- the test {name}: {why}");
        }
    }
    Ok(())
}

/// The control: of a program that has the flaw, the sanitizer says so.
fn finds_what_is_wrong(sanitizer: Sanitizer) -> Result<()> {
    let mut flawed = sanitizer.cargo("run");
    flawed.args(["--package=strongroom-proofs", "--bin=flawed", sanitizer.name()]);
    let output = flawed.output().context("cannot start rustup")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(said.contains(sanitizer.finding()), "it doesn't find a flaw that is there:\n{said}");
    Ok(())
}

/// The test files in a folder, by the names of their targets.
fn tests(folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("tests").join(folder).join("tests"))? {
        let file = entry?.path();
        if let Some(name) =
            file.file_stem().filter(|_| file.extension().is_some_and(|it| it == "rs"))
        {
            names.push(name.display().to_string());
        }
    }
    names.sort();
    Ok(names)
}

fn why_left_out(sanitizer: Sanitizer, test: &str) -> Option<&'static str> {
    let row =
        LEFT_OUT.iter().find(|(name, left_out, _)| *name == test && left_out.contains(&sanitizer));
    row.map(|(_, _, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::{LEFT_OUT, PACKAGES};

    #[test]
    fn what_is_left_out_is_there() {
        let all: Vec<String> =
            PACKAGES.iter().flat_map(|(folder, _)| super::tests(folder).unwrap()).collect();
        for (name, ..) in LEFT_OUT {
            assert!(all.iter().any(|test| test == name), "there is no test {name}");
        }
    }
}
