//! How responses are written, where HTTP leaves a choice.

use std::num::NonZeroUsize;

/// How the hyper front writes every response. The wiremock front writes as wiremock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Whether the names of headers are in title case: `Content-Type`.
    pub title_case: bool,
    /// Sends the body in chunks of so many bytes (RFC 9112 › 7.1), without telling its length.
    pub chunk: Option<NonZeroUsize>,
    /// What becomes of the connection.
    pub connection: AfterResponse,
}

/// What becomes of a connection after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AfterResponse {
    /// It serves the next request.
    #[default]
    Kept,
    /// It is closed, as the response says.
    Closed,
    /// It is closed, and the response did not say so.
    ClosedUnsaid,
}
