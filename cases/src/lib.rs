//! What to send to an endpoint and what must come back, derived from a contract.
//!
//! A contract is a Smithy 2.0 model joined with rules, both of them data. This crate reads it,
//! divides the possible requests into partitions, generates members of each, and says what the
//! contract demands of the answer. It is pure: no file, socket, clock, thread or global state.

pub mod alphabet;
mod base64;
pub mod call;
pub mod catalogue;
pub mod classify;
pub mod combination;
pub mod contract;
pub mod coverage;
pub mod drift;
pub mod expectation;
pub mod fixture;
pub mod form;
pub mod http;
pub mod id;
pub mod json;
pub mod near;
pub mod oracle;
pub mod outcome;
pub mod requirement;
pub mod runs;
pub mod sample;
mod sequence;
pub mod signing;
pub mod text;
pub mod value;
