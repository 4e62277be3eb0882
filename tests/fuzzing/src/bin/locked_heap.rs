//! `cargo xtask fuzz locked-heap`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strongroom_fuzzing::locked_heap::check(input));
