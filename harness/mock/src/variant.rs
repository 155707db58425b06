//! Conformant servers that are unusual, to see that none of them fails a requirement.
//!
//! Each variant uses a freedom that the contract or HTTP leaves, or departs from a convention that is
//! recommended and not required.

mod catalog;
mod definition;
#[cfg(test)]
mod tests;

// The lists of variants, by theme.
mod body;
mod delivery;
mod error;
mod lookup;
mod poll;
mod signature;
mod token;

pub use catalog::{all, find};
pub use definition::Variant;
