//! Short runs of what a fuzzer does: the same random inputs each time, and those that were found before.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use fastrand::Rng;
#[cfg(feature = "component")]
use strongroom_fuzzing::component;
use strongroom_fuzzing::{linear_heap, locked_heap, operations, sources};

/// Inputs of each length, from next to nothing to a long course of events.
const ROUNDS: usize = 30;
const LENGTHS: [usize; 4] = [4, 32, 200, 1000];

/// Plays random inputs, and all that are kept in `found/` for this target.
fn play(target: &str, check: fn(&[u8])) {
    let mut rng = Rng::with_seed(1);
    for len in LENGTHS.into_iter().cycle().take(ROUNDS * LENGTHS.len()) {
        let mut input = vec![0; len];
        rng.fill(&mut input);
        check(&input);
    }
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(target);
    for entry in fs::read_dir(found).into_iter().flatten() {
        let file = entry.expect("the folder can be read").path();
        println!("{}", file.display());
        check(&fs::read(&file).expect("what was found can be read"));
    }
}

#[test]
fn operations_are_as_in_the_model() {
    play("operations", operations::check);
}

#[test]
fn secrets_in_the_locked_heap_are_apart_and_whole() {
    play("locked-heap", locked_heap::check);
}

#[test]
fn blocks_of_linear_memory_are_apart_and_wiped() {
    play("linear-heap", linear_heap::check);
}

#[test]
fn what_is_read_is_what_the_secret_is() {
    play("sources", sources::check);
}

#[cfg(feature = "component")]
#[test]
fn the_component_gives_what_native_secrets_give() {
    play("component", component::check);
}
