//! The model of the tests, and requests of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use bytes::Bytes;
use cases::contract::Contract;
use http::{Request, Response};
use serde_json::{Value, json};
use stub::Stub;

/// The model of the tests.
pub(crate) fn contract() -> Contract {
    Contract::load("things.json", include_str!("things.json")).unwrap()
}

/// A request without a body.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    with_body(method, target, headers, "")
}

/// A request with a body.
pub(crate) fn with_body(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Bytes> {
    let builder = Request::builder().method(method).uri(target);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(body.into()).unwrap()
}

/// A request of `Put` with this body.
pub(crate) fn put(body: impl Into<Bytes>) -> Request<Bytes> {
    with_body("POST", "/things", &[("content-type", "application/json")], body)
}

/// A request of `Put` whose members are valid, with these instead.
pub(crate) fn put_members(members: &Value) -> Request<Bytes> {
    let mut body = json!({"name": "abc"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    put(body.to_string())
}

/// The response of a stub whose outputs are the least.
pub(crate) fn respond(request: &Request<Bytes>) -> Response<Bytes> {
    Stub::least(contract()).respond(request)
}

/// The status and the error type of a response.
pub(crate) fn error(response: &Response<Bytes>) -> (u16, String) {
    let header = response.headers().get("x-amzn-errortype");
    let name = header.map_or("", |name| name.to_str().unwrap());
    (response.status().as_u16(), name.to_owned())
}

/// The body as JSON.
pub(crate) fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}
