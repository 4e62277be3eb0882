//! `cargo xtask fuzz sources`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strongroom_fuzzing::sources::check(input));
