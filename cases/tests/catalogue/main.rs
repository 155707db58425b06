//! The catalogue against the classifier and the oracle: two derivations of one contract.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod combinations;
mod entries;
mod expectations;
mod partitions;
mod prerequisites;
mod sessions;
mod signatures;
mod support;
mod texts;
