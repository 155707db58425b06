//! What to send to an endpoint and what must come back, derived from a contract.
//!
//! A contract is a Smithy 2.0 model joined with rules, both of them data. This crate reads it,
//! divides the possible requests into partitions, generates members of each, and says what the
//! contract demands of the answer. It is pure: no file, socket, clock, thread or global state.

pub mod catalogue;
pub mod contract;
pub mod coverage;
pub mod fixture;
pub mod generate;
pub mod id;
pub mod oracle;
pub mod protocol;
pub mod requirement;
pub mod signing;
