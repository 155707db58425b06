//! Parses the values of arguments.

use std::net::SocketAddr;
use std::str::FromStr;

use jiff::SignedDuration;

pub(crate) fn duration(text: &str) -> Result<SignedDuration, &'static str> {
    text.parse().map_err(|_| "a time with its unit is expected, such as 10s or 2m")
}

pub(crate) fn above_zero<T: FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "a whole number above zero is expected")
}

pub(crate) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an address of this machine and a port are expected, such as 127.0.0.1:8787")
}

/// The first list that is not empty.
pub(crate) fn either(own: Vec<String>, other: Vec<String>) -> Vec<String> {
    if own.is_empty() { other } else { own }
}
