//! Changes to responses, and behaviors that make them.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use super::gzip::gzip;
use crate::protocol::{ApiError, ERROR_TYPE};
use crate::service::Behavior;

/// Reports another error than the one that occurred.
pub(crate) struct MapsErrors(pub(crate) fn(ApiError) -> ApiError);

impl Behavior for MapsErrors {
    fn map_error(&self, error: ApiError) -> ApiError {
        (self.0)(error)
    }
}

/// Changes the responses to successful calls of `StartConfigurationSession`.
pub(crate) struct RewritesStarts(pub(crate) fn(Response<Bytes>) -> Response<Bytes>);

impl Behavior for RewritesStarts {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses to successful calls of `GetLatestConfiguration`.
pub(crate) struct RewritesPolls(pub(crate) fn(Response<Bytes>) -> Response<Bytes>);

impl Behavior for RewritesPolls {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if !is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses to errors.
pub(crate) struct RewritesErrors(pub(crate) fn(Response<Bytes>) -> Response<Bytes>);

impl Behavior for RewritesErrors {
    fn finish(&self, _request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if response.status().is_success() { response } else { (self.0)(response) }
    }
}

/// Whether a request calls `StartConfigurationSession`, which alone has the method POST.
pub(crate) fn is_start(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST
}

/// The error that a response reports, if it reports one.
pub(crate) fn error_of(response: &Response<Bytes>) -> Option<&ApiError> {
    response.extensions().get()
}

/// The error type in the header of a response. It is empty without the header.
pub(crate) fn type_of(response: &Response<Bytes>) -> String {
    let name = response.headers().get(ERROR_TYPE).and_then(|name| name.to_str().ok());
    name.unwrap_or_default().to_owned()
}

pub(crate) fn with_status(mut response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    *response.status_mut() = status;
    response
}

pub(crate) fn with_header(
    mut response: Response<Bytes>,
    name: HeaderName,
    value: &'static str,
) -> Response<Bytes> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

pub(crate) fn without_header(mut response: Response<Bytes>, name: &HeaderName) -> Response<Bytes> {
    response.headers_mut().remove(name);
    response
}

pub(crate) fn with_body(response: Response<Bytes>, body: impl Into<Bytes>) -> Response<Bytes> {
    response.map(|_| body.into())
}

/// Changes the JSON document of a response. Other bodies stay as they are.
pub(crate) fn with_document(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut document) => {
            change(&mut document);
            Bytes::from(document.to_string())
        }
        Err(_) => body,
    })
}

/// Compresses the body of a response with gzip. An empty body stays as it is.
pub(crate) fn compressed(response: Response<Bytes>) -> Response<Bytes> {
    if response.body().is_empty() {
        return response;
    }
    let response = with_header(response, CONTENT_ENCODING, "gzip");
    let mut response = response.map(|body| Bytes::from(gzip(&body)));
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}
