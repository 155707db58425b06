//! Reads the input of a request by the bindings of its members.

mod accept;
mod body;
mod headers;
mod json;
mod query;
mod reader;
mod request;
mod scalar;

pub(crate) use request::read;
