//! Drives the laws of `snapshot`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::snapshot::hold(data));
