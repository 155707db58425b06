//! Requests and responses as a report keeps them.

use cases::protocol::Alteration;
use cases::signing::Signing;
use serde::{Deserialize, Serialize};

use super::payload::Payload;

/// One request of a counterexample and its response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedExchange {
    /// The request, with placeholders for tokens.
    pub request: RecordedRequest,
    /// The response, or why there is none.
    pub response: RecordedResponse,
}

/// A request as it can be sent again, without credentials and without the headers of `--header`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// The operation that it calls.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query below the base URL of the target, with placeholders.
    pub target: String,
    /// Header names and values in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(skip_serializing_if = "Payload::is_empty", default)]
    pub body: Payload,
    /// Seconds that pass before it is sent.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub after_seconds: u64,
    /// Whether it is sent at the same time as the request before.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub at_once: bool,
    /// Whether it is sent before the poll interval of its session is over, on purpose.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub early: bool,
    /// How it is signed; none if the run signs nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signing: Option<Signing>,
    /// The placeholders in `target`, `headers` and `body`, and the sources of their values. In `target` a
    /// value is percent-encoded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub uses: Vec<Use>,
}

/// The earlier response from which a placeholder takes its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The text that is replaced by the value.
    pub placeholder: String,
    /// The index of the earlier exchange, from 0.
    pub step: usize,
    /// The place of the value in that response.
    pub from: Source,
    /// How the value is altered before use, if the request has an altered token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alter: Option<Alteration>,
}

/// The place of a value in a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The string member of this name at the top level of the JSON body.
    Member(String),
    /// The header of this name.
    Header(String),
}

/// What came back for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedResponse {
    /// An HTTP response.
    Response {
        /// The status code.
        status: u16,
        /// Header names and values, with placeholders for sensitive values.
        headers: Vec<(String, String)>,
        /// The body, with placeholders for sensitive parts; a long body is cut.
        #[serde(skip_serializing_if = "Payload::is_empty", default)]
        body: Payload,
    },
    /// No response.
    TransportFailure {
        /// What happened instead, such as `connection closed before a response`.
        transport_failure: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
pub(super) fn is_zero(number: &u64) -> bool {
    *number == 0
}
