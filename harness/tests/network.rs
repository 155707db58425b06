//! Boundstone and what a network may hold: TLS, proxies, endpoints that are none, and peers that are
//! out to harm.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test")]

pub(crate) mod child;
mod contact;
mod escape;
mod hostile;
mod large;
mod library;
mod peer;
mod proxies;
#[cfg(feature = "aws")]
mod renewed;
mod tls;
