//! The parts of a request, before anything is known about their values.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;

use super::error::ApiError;
use super::json_type::JsonType;
use crate::contract::Dialect;

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 4 << 20;

/// The members of a JSON object, each still as text. Of duplicate names the last one counts.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// The two operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `StartConfigurationSession`.
    Start,
    /// `GetLatestConfiguration`.
    Poll,
}

/// The operation that has the path and the method of `request`.
///
/// # Errors
/// No operation has the path, or it has another method.
pub fn route(request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, ApiError> {
    let path = request.uri().path();
    let (operation, method) = if path == dialect.start_path {
        (Operation::Start, &dialect.start_method)
    } else if path == dialect.get_path {
        (Operation::Poll, &Method::GET)
    } else {
        return Err(ApiError::UnknownPath);
    };
    if request.method() == method { Ok(operation) } else { Err(ApiError::WrongMethod(method.clone())) }
}

/// Whether the `Content-Type` of `request` is JSON.
pub fn is_json(request: &Request<Bytes>) -> bool {
    let Some(content_type) = request.headers().get(CONTENT_TYPE) else {
        return false;
    };
    let essence = content_type.as_bytes().split(|b| *b == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// The values of the parameters with this name, still percent-encoded. Without `=` a value is empty.
pub fn query_parameters<'a>(query: &'a str, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(move |(key, _)| percent_decode_str(key).eq(name.bytes()))
        .map(|(_, value)| value)
}

/// The members of `text`, which has to be one JSON object.
///
/// # Errors
/// The text is not JSON, or not an object.
pub fn members(text: &str) -> Result<Members, ApiError> {
    let document: &RawValue = serde_json::from_str(text).map_err(|_| ApiError::Malformed)?;
    match JsonType::of(document.get()) {
        JsonType::Object => serde_json::from_str(document.get()).map_err(|_| ApiError::Malformed),
        other => Err(ApiError::NotAnObject(other)),
    }
}
