//! Drives the laws of `known_failures`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::known_failures::hold(data));
