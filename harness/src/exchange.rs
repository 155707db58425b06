//! One request sent, and what was observed.

use std::time::Duration;

use cases::http::{Request, Response};

/// A request with its answer, or with what came instead of one.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request as sent.
    pub request: Request,
    /// What came back.
    pub observed: Result<Response, Fault>,
    /// From the first byte sent to the last byte read.
    pub took: Duration,
}

/// Why there is no answer. A fault is an observation like an answer, not an error of boundstone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// No connection could be made.
    #[error("no connection")]
    NotConnected,
    /// The connection was closed or reset before an answer.
    #[error("connection closed without an answer")]
    Closed,
    /// The answer began, but its body did not come to its end.
    #[error("connection closed within the answer's body")]
    CutShort,
    /// The time for one exchange was over.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than boundstone reads.
    #[error("the answer's body is larger than 8 MiB")]
    TooLarge,
    /// What came is not HTTP.
    #[error("the answer is not HTTP")]
    NotHttp,
    /// No secure connection could be made.
    #[error("no TLS connection")]
    Tls,
    /// The request cannot be sent by this transport.
    #[error("the request could not be sent")]
    NotSent,
}
