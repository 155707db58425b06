//! The values of members, and why a request is refused.

mod input;
mod pattern;
mod refusal;
mod timestamp;

pub(crate) use input::{Structure, Value};
pub(crate) use pattern::{has_nested_repetition, parse_pattern};
pub(crate) use refusal::{Cause, Refusal, Refused};
pub(crate) use timestamp::{parse_seconds, parse_text, write};
