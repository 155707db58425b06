//! Why a request is refused.

use super::kind::Kind;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cause {
    /// No operation has this method, path and query.
    UnknownOperation,
    /// The body has another media type than the operation reads.
    MediaType(String),
    /// The client accepts no media type that the operation responds with.
    NotAcceptable(String),
    /// The body is longer than the stub reads.
    TooLarge,
    /// The request cannot be read.
    Serialization(String),
    /// A value breaks a constraint.
    Constraint {
        /// Where, as in `/Target/Input/0/Arn`.
        path: String,
        /// What is wrong, as the member of a `ValidationException` says it.
        message: String,
    },
}

/// A request that is refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) cause: Cause,
    /// What the mutant does wrong with this error.
    pub(crate) bug: Option<Kind>,
}

/// Something, unless the request is refused.
pub(crate) type Refused<T> = Result<T, Refusal>;

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self { cause, bug: None }
    }
}
