//! The library for tests of servers and clients.

pub mod examples;
#[cfg(feature = "trials")]
pub mod libtest;
#[cfg(feature = "wiremock")]
pub mod wiremock;
