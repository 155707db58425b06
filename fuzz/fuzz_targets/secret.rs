//! Drives the laws of `secret`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::secret::hold(data));
