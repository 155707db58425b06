//! The values of members, and the forms that they have as text.

mod event_stream;
mod input;
mod pattern;
mod timestamp;

pub(crate) use event_stream::{EVENT_STREAM, is_event_stream};
pub(crate) use input::{Structure, Value};
pub(crate) use pattern::{has_nested_repetition, parse_pattern};
pub(crate) use timestamp::{parse_seconds, parse_text, write};
