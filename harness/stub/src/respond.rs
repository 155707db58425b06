//! Writes outputs and errors as responses.

mod headers;
mod json;
mod message;
mod refusal;
mod text;

pub(crate) use message::Message;
pub(crate) use refusal::refuse;
