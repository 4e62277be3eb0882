//! The most travelled ways take as many instructions as recorded. Needs a release build and valgrind:
//! `cargo xtask test --only instructions` has both.

use std::env;
use std::path::Path;
use std::process::Command;

use strongroom_instructions::{compare, counted, record, recorded, ways};

/// The program that is counted.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_counted"))
}

/// Makes the counts the record instead, where it is asked to.
#[test]
fn the_ways_take_as_many_instructions_as_recorded() {
    let counts = counted(program(), ways().map(|way| way.name)).unwrap();
    for (name, count) in &counts {
        println!("{name}: {count}");
        assert!(*count >= 1.0, "{name}: nothing was counted");
    }
    if env::var_os("STRONGROOM_RECORD_INSTRUCTIONS").is_some() {
        let rustc = Command::new("rustc").arg("--version").output().unwrap().stdout;
        record(&counts, String::from_utf8(rustc).unwrap().trim()).unwrap();
    } else {
        compare(&counts, &recorded().unwrap()).unwrap();
    }
}

/// Counted for real, and beside a record of which one figure was changed by a little more than is allowed.
#[test]
fn a_record_that_was_changed_is_told() {
    let name = ways().next().unwrap().name;
    let counts = counted(program(), [name]).unwrap();
    compare(&counts, &counts).unwrap();
    for factor in [0.9, 1.1] {
        let changed = [(name.to_owned(), counts[name] * factor)].into();
        let error = compare(&counts, &changed).unwrap_err().to_string();
        assert!(error.contains(&format!("{name}: {}", counts[name])), "{error}");
    }
    let error = compare(&counts, &Default::default()).unwrap_err().to_string();
    assert!(error.contains("nothing is recorded"), "{error}");
}
