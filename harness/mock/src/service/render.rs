//! Writes a response.

use std::num::NonZeroU32;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

use super::rules::Rules;
use crate::protocol::{ApiError, ERROR_TYPE, NEXT_POLL_INTERVAL, NEXT_POLL_TOKEN, VERSION_LABEL};
use crate::resources::Configuration;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The result of a call that succeeded.
pub(crate) enum Success {
    Started {
        token: String,
    },
    Polled {
        token: String,
        interval: NonZeroU32,
        configuration: Configuration,
        /// Whether the session has this configuration already, so that it is not sent again.
        unchanged: bool,
    },
}

impl Rules {
    /// The response to `request` for this result.
    pub(crate) fn render(
        &self,
        request: &Request<Bytes>,
        result: Result<Success, ApiError>,
    ) -> Response<Bytes> {
        let response = match result {
            Ok(success) => self.render_success(success),
            Err(error) => self.render_error(self.behavior.map_error(error)),
        };
        self.behavior.finish(request, response)
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

    fn render_error(&self, error: ApiError) -> Response<Bytes> {
        let mut response = json_response(&Value::Object(error.members()));
        *response.status_mut() = self.behavior.status(&error);
        let error_type = HeaderValue::from_static(self.behavior.error_type(&error));
        response.headers_mut().insert(ERROR_TYPE, error_type);
        if let ApiError::WrongMethod(allowed) = &error
            && let Ok(allowed) = HeaderValue::try_from(allowed.as_str())
        {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response.extensions_mut().insert(error);
        response
    }
}

fn json_response(body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
