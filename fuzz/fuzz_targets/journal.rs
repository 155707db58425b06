//! Drives the laws of `journal`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::journal::hold(data));
