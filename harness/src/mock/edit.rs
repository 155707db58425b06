//! Changes to responses, and behaviours that make one: what deviations and variants are made of.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use super::behaviour::Behaviour;
use super::fault::Fault;

/// Reports another fault than the one that was found.
pub(super) struct Reports(pub(super) fn(Fault) -> Fault);

impl Behaviour for Reports {
    fn fault(&self, fault: Fault) -> Fault {
        (self.0)(fault)
    }
}

/// Changes the responses to `StartConfigurationSession` that tell success.
pub(super) struct Starts(pub(super) fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Starts {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses to `GetLatestConfiguration` that tell success.
pub(super) struct Polls(pub(super) fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Polls {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if !is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses that tell an error.
pub(super) struct Refuses(pub(super) fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Refuses {
    fn finish(&self, _request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if response.status().is_success() { response } else { (self.0)(response) }
    }
}

pub(super) fn is_start(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST
}

/// The fault that a response tells, if it tells one.
pub(super) fn fault_of(response: &Response<Bytes>) -> Option<&Fault> {
    response.extensions().get()
}

pub(super) fn with_status(mut response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    *response.status_mut() = status;
    response
}

pub(super) fn with_header(
    mut response: Response<Bytes>,
    name: HeaderName,
    value: &'static str,
) -> Response<Bytes> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

pub(super) fn without_header(mut response: Response<Bytes>, name: &HeaderName) -> Response<Bytes> {
    response.headers_mut().remove(name);
    response
}

pub(super) fn with_body(response: Response<Bytes>, body: impl Into<Bytes>) -> Response<Bytes> {
    response.map(|_| body.into())
}

/// Changes the JSON document of a response.
pub(super) fn with_document(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut document) => {
            change(&mut document);
            Bytes::from(document.to_string())
        }
        Err(_) => body,
    })
}
