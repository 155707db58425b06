//! What to send to an endpoint and what must come back, derived from a contract.
//!
//! A contract is a Smithy 2.0 model with rules, both of them data. This crate reads it, divides the possible requests
//! into partitions, generates requests of each, and says what the contract demands of the response. It is pure: no
//! file, socket, clock, thread or global state.
//!
//! The modules are the stages of the data flow. Each uses only the ones before it: [`contract`], then [`protocol`] and
//! [`requirement`], then [`generate`] and [`oracle`], then [`catalogue`], then [`coverage`]. All use the small ones
//! [`id`], [`fixture`] and [`signing`].

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
