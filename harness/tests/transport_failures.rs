//! Boundstone and a network that disturbs: no conformant server is accused, no run hangs, nothing is lost,
//! and what a server does wrong is found all the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test")]

mod accounts;
mod proxy;
mod runs;
