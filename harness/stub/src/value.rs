//! The values of members, and why a request is refused.

mod event_stream;
mod input;
mod pattern;
mod refusal;
mod timestamp;

pub(crate) use event_stream::{EVENT_STREAM, is_event_stream};
pub(crate) use input::{Structure, Value};
pub(crate) use pattern::{has_nested_repetition, parse_pattern};
pub(crate) use refusal::{Cause, Refusal, Refused};
pub(crate) use timestamp::{parse_seconds, parse_text, write};
