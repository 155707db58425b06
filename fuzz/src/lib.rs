//! The laws of everything that reads what others wrote: one module for each reader, each with a function
//! `hold` that takes any bytes and panics where a law does not hold.
//!
//! `cargo xtask fuzz` looks for such bytes; `harness/tests/corpora.rs` includes this file and holds the
//! laws on the committed inputs and on what little changes make of them.

pub mod config;
pub mod contract;
pub mod fixtures;
pub mod header;
pub mod journal;
pub mod known_failures;
pub mod message;
pub mod report;
pub mod request;
pub mod response;
pub mod secret;
pub mod snapshot;

/// A reader by its name, which is that of its corpus, and its laws.
pub type Target = (&'static str, fn(&[u8]));

/// Every reader.
pub const TARGETS: [Target; 11] = [
    ("config", config::hold),
    ("contract", contract::hold),
    ("fixtures", fixtures::hold),
    ("header", header::hold),
    ("journal", journal::hold),
    ("known_failures", known_failures::hold),
    ("report", report::hold),
    ("request", request::hold),
    ("response", response::hold),
    ("secret", secret::hold),
    ("snapshot", snapshot::hold),
];

/// What a terminal is shown of an error has nothing that controls it.
fn shows_safely(error: &impl ToString) {
    let shown = reports::render::escape::visible(&error.to_string());
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}

/// An error in one line has no line feeds either.
fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c))
}
