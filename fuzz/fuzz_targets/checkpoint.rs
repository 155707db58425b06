//! Drives the laws of `checkpoint`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::checkpoint::hold(data));
