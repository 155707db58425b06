//! How responses are written to the connection, where HTTP leaves a choice.

use std::num::NonZeroUsize;

/// How the server writes every response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Whether the names of headers are in title case: `Content-Type`.
    pub title_case: bool,
    /// Sends the body in chunks of so many bytes (RFC 9112 › 7.1), without a `Content-Length`.
    pub chunk: Option<NonZeroUsize>,
    /// What the server does with the connection.
    pub connection: AfterResponse,
}

/// What the server does with a connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AfterResponse {
    /// It keeps the connection open for the next request.
    #[default]
    Keep,
    /// It closes the connection, and the response says so.
    Close,
    /// It closes the connection, and the response does not say so.
    CloseSilently,
}
