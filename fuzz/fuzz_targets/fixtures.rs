//! Drives the laws of `fixtures`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::fixtures::hold(data));
