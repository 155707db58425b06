//! Drives the laws of `contract`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::contract::hold(data));
