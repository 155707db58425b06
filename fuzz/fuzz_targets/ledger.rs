//! Drives the laws of `ledger`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| boundstone_fuzz::ledger::hold(data));
