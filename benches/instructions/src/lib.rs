//! How many instructions the most travelled ways take, beside what is recorded: what makes one longer is seen
//! in a test, on a machine however busy, and on processors of either maker.
//!
//! Counted are the instructions of the program itself; not those of the C library, whose version is the
//! machine's, and not the kernel's. Why they are the same on AMD and on Intel, [`callgrind`] says. Another
//! compiler makes other ones, so the record names the compiler.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
#[cfg(feature = "component")]
use strongroom_crossing::{Guest, Provider, secret as host_secret};
use strongroom_measure::callgrind;
use strongroom_measure::peers::{Encrypted, Strongroom, borrow_locally};
use strongroom_measure::workload::{borrow, copy_out, create_drop, secret};

/// By how much of what is recorded a count may differ: what is drawn at random, as where a secret comes
/// to lie, differs by less.
pub const TOLERANCE: f64 = 0.03;

/// By how many instructions it may differ in any case.
pub const SLACK: f64 = 1.0;

/// A way through the library that is travelled often.
pub struct Way {
    /// What the record calls it.
    pub name: &'static str,
    /// Goes it so many times.
    pub go: fn(u64) -> Result<()>,
}

/// Those of the native library.
const NATIVE: &[Way] = &[
    Way {
        name: "with_bytes",
        go: |n| {
            borrow(&mut secret::<Strongroom>(), n);
            Ok(())
        },
    },
    Way {
        name: "local handle: with_bytes",
        go: |n| {
            borrow_locally(&mut secret::<Strongroom>(), n);
            Ok(())
        },
    },
    Way {
        name: "copy_into, 32 bytes",
        go: |n| {
            copy_out(&mut secret::<Strongroom>(), n);
            Ok(())
        },
    },
    Way {
        name: "create + drop, 32 bytes",
        go: |n| {
            create_drop(&mut secret::<Strongroom>(), n);
            Ok(())
        },
    },
    Way {
        name: "Encrypted: with_bytes, 32 bytes",
        go: |n| {
            borrow(&mut secret::<Strongroom<Encrypted>>(), n);
            Ok(())
        },
    },
];

/// Those into and out of components, which take an engine to be built.
#[cfg(feature = "component")]
const COMPONENT: &[Way] = &[
    Way {
        name: "length of a secret, host to component",
        go: |n| {
            Provider::strongroom()?.length(n);
            Ok(())
        },
    },
    Way {
        name: "hmac-sha256, guest to host",
        go: |n| {
            Guest::of_strongroom(host_secret())?.sign(n);
            Ok(())
        },
    },
];
#[cfg(not(feature = "component"))]
const COMPONENT: &[Way] = &[];

/// All that are counted.
pub fn ways() -> impl Iterator<Item = &'static Way> {
    NATIVE.iter().chain(COMPONENT)
}

/// The instructions of each way, by its name.
pub type Counts = BTreeMap<String, f64>;

/// Counts the ways of these names, by the program `counted`.
///
/// # Errors
///
/// Those of [`callgrind::each`].
pub fn counted<'n>(program: &Path, names: impl IntoIterator<Item = &'n str>) -> Result<Counts> {
    let count = |name: &'n str| {
        let counts =
            callgrind::each(program, &[name]).with_context(|| format!("counting {name}"))?;
        Ok((name.to_owned(), counts.own))
    };
    names.into_iter().map(count).collect()
}

/// Where the record is, one for each architecture.
#[must_use]
pub fn file() -> PathBuf {
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("../record");
    record.join(format!("instructions-{}.json", env::consts::ARCH))
}

/// The record.
///
/// # Errors
///
/// If there is none, or it isn't one.
pub fn recorded() -> Result<Counts> {
    let file = file();
    let text = fs::read_to_string(&file);
    let text = text.with_context(|| format!("no {}; {REMEDY}", file.display()))?;
    let record: Value = serde_json::from_str(&text)?;
    Ok(serde_json::from_value(record["instructions"].clone())?)
}

/// Makes these counts the record.
///
/// # Errors
///
/// If it can't be written.
pub fn record(counts: &Counts, compiler: &str) -> Result<()> {
    let record = json!({"compiler": compiler, "tolerance": TOLERANCE, "instructions": counts});
    fs::write(file(), serde_json::to_string_pretty(&record)? + "\n")
        .context("cannot write the record")
}

/// What makes the record.
const REMEDY: &str = "`cargo xtask bench --only instructions` makes it";

/// Whether the counts are as recorded.
///
/// # Errors
///
/// Those that aren't, each way by its name.
pub fn compare(counts: &Counts, recorded: &Counts) -> Result<()> {
    let different = |(name, count): (&String, &f64)| {
        let Some(before) = recorded.get(name) else {
            return Some(format!("{name}: {count}, and nothing is recorded"));
        };
        let allowed = (before * TOLERANCE).max(SLACK);
        ((count - before).abs() > allowed)
            .then(|| format!("{name}: {count}, recorded are {before} (give or take {allowed:.1})"))
    };
    let different: Vec<String> = counts.iter().filter_map(different).collect();
    ensure!(
        different.is_empty(),
        "instructions of one time:\n{}\nIf that is meant: {REMEDY}",
        different.join("\n")
    );
    Ok(())
}
