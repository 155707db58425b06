//! Writes a response.

use std::num::NonZeroU32;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request, Response};
use serde_json::{Value, json};

use super::Rules;
use super::fault::Fault;
use super::resources::Configuration;

/// The header that names the type of an error (restJson1 › operation error serialization).
pub const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The header with the token of the next poll.
pub const NEXT_POLL_TOKEN: HeaderName = HeaderName::from_static("next-poll-configuration-token");
/// The header with the seconds to wait before the next poll.
pub const NEXT_POLL_INTERVAL: HeaderName = HeaderName::from_static("next-poll-interval-in-seconds");
/// The header with the label of the configuration's version.
pub const VERSION_LABEL: HeaderName = HeaderName::from_static("version-label");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a call that was carried out brings.
pub(crate) enum Success {
    Started {
        token: String,
    },
    Polled {
        token: String,
        interval: NonZeroU32,
        configuration: Configuration,
        /// The session has this configuration, so it is not sent again.
        unchanged: bool,
    },
}

impl Rules {
    /// The response to `request` that tells `result`.
    pub(crate) fn render(&self, request: &Request<Bytes>, result: Result<Success, Fault>) -> Response<Bytes> {
        let response = match result {
            Ok(success) => self.render_success(success),
            Err(fault) => self.render_fault(self.behaviour.fault(fault)),
        };
        self.behaviour.finish(request, response)
    }

    fn render_success(&self, success: Success) -> Response<Bytes> {
        match success {
            Success::Started { token } => {
                let mut response = json_response(&json!({ "InitialConfigurationToken": token }));
                *response.status_mut() = self.dialect.start_status;
                response
            }
            Success::Polled { token, interval, configuration, unchanged } => {
                let mut response = Response::new(Bytes::new());
                let headers = response.headers_mut();
                if let Ok(token) = HeaderValue::try_from(token) {
                    headers.insert(NEXT_POLL_TOKEN, token);
                }
                headers.insert(NEXT_POLL_INTERVAL, HeaderValue::from(interval.get()));
                headers.insert(CONTENT_TYPE, configuration.content_type);
                if !unchanged {
                    if let Some(label) = configuration.version_label {
                        headers.insert(VERSION_LABEL, label);
                    }
                    *response.body_mut() = configuration.content;
                }
                response
            }
        }
    }

    fn render_fault(&self, fault: Fault) -> Response<Bytes> {
        let mut response = json_response(&Value::Object(fault.members()));
        *response.status_mut() = self.behaviour.status(&fault);
        let error_type = HeaderValue::from_static(self.behaviour.error_type(&fault));
        response.headers_mut().insert(ERROR_TYPE, error_type);
        if let Fault::WrongMethod(allowed) = &fault
            && let Ok(allowed) = HeaderValue::try_from(allowed.as_str())
        {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response.extensions_mut().insert(fault);
        response
    }
}

fn json_response(body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
