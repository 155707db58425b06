//! The laws of everything that reads what others wrote: one module for each reader, each with a function
//! `hold` that takes any bytes and panics where a law does not hold.
//!
//! `cargo xtask fuzz` looks for such bytes; `harness/tests/corpora.rs` includes this file and holds the
//! laws on the committed inputs and on what little changes make of them.

pub mod checkpoint;
pub mod config;
pub mod contract;
mod display;
pub mod fixtures;
pub mod header;
pub mod known_failures;
pub mod message;
pub mod redact;
pub mod report;
pub mod request;
pub mod response;
pub mod snapshot;

/// A reader by its name, which is that of its corpus, and its laws.
pub type Target = (&'static str, fn(&[u8]));

/// Every reader.
pub const TARGETS: [Target; 11] = [
    ("checkpoint", checkpoint::hold),
    ("config", config::hold),
    ("contract", contract::hold),
    ("fixtures", fixtures::hold),
    ("header", header::hold),
    ("known_failures", known_failures::hold),
    ("redact", redact::hold),
    ("report", report::hold),
    ("request", request::hold),
    ("response", response::hold),
    ("snapshot", snapshot::hold),
];
