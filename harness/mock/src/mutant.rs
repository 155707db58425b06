//! Servers with one deliberate bug, to test the tests.
//!
//! Each mutant has a bug that a real server could have. It overrides as little of
//! [`Behavior`](crate::Behavior) as possible, and names the requirements and cases that have to notice it.

mod catalog;
mod definition;
#[cfg(test)]
mod tests;

// The lists of mutants, by theme.
mod combination;
mod encoding;
mod error;
mod http;
mod identifier_class;
mod incomplete_service;
mod intermittent;
mod interval;
mod json;
mod length;
mod long_session;
mod race;
mod recovery;
mod required;
mod resource;
mod response;
mod session;
mod signature;
mod similar_identifier;
mod similar_token;
mod timing;
mod token;
mod token_form;

pub use catalog::{all, find};
pub use definition::Mutant;
