//! `cargo xtask fuzz operations`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strongroom_fuzzing::operations::check(input));
