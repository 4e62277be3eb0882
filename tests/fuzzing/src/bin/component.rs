//! `cargo xtask fuzz component`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strongroom_fuzzing::component::check(input));
