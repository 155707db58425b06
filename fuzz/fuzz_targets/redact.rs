//! Drives the laws of `redact`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::redact::hold(data));
