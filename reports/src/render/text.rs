//! Exchanges, findings and changes of a contract as readable text, the same in every rendering.
//!
//! All texts are safe for a terminal (see [`crate::render::escape::visible`]); a format with markup of its
//! own escapes them once more.

mod abbreviate;
mod contract_changes;
mod exchange;
mod finding;

pub(crate) use abbreviate::clip;
pub use abbreviate::{abbreviated, payload};
pub use contract_changes::{contract_changes, contract_changes_sentence};
pub use exchange::{request, request_line, response, sent, status};
pub use finding::{Line, expected_and_received, gist, known, not_minimized, own_sections, sections, sides};
