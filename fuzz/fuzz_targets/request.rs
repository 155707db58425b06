//! Drives the laws of `request`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::request::hold(data));
