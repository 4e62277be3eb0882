//! `cargo xtask fuzz linear-heap`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| strongroom_fuzzing::linear_heap::check(input));
