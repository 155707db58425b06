//! The errors of the service, and how restJson1 represents them.

use std::fmt;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::json_type::JsonType;
use crate::contract::Parameter;
use crate::resources::NotFound;
use crate::signature::SignatureError;

/// What is wrong with a token (model › `InvalidParameterProblem`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenProblem {
    /// Never issued, altered, or used before.
    Corrupted,
    /// Older than [`TOKEN_LIFETIME`](crate::token::TOKEN_LIFETIME).
    Expired,
    /// Used sooner than the session allows.
    PollIntervalNotSatisfied,
}

impl TokenProblem {
    /// The value in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Corrupted => "Corrupted",
            Self::Expired => "Expired",
            Self::PollIntervalNotSatisfied => "PollIntervalNotSatisfied",
        }
    }
}

/// Why the service refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No operation has this path.
    UnknownPath,
    /// The operation at this path has another method, which is given here.
    WrongMethod(Method),
    /// The body is longer than [`MAX_BODY`](super::MAX_BODY).
    TooLarge,
    /// The body is chunked and has no `Content-Length`. The reference accepts it.
    LengthRequired,
    /// The `Content-Type` of the body is not JSON.
    MediaType,
    /// The body is not one JSON text in UTF-8.
    Malformed,
    /// The body is empty, and members are required.
    EmptyBody,
    /// The body is JSON, but not an object.
    NotAnObject(JsonType),
    /// A required member is absent.
    Missing(Parameter),
    /// A required member is null.
    Null(Parameter),
    /// A member has another type, or a number is not a 32-bit integer.
    WrongType(Parameter, JsonType),
    /// A string of this length is too short or too long.
    Length(Parameter, usize),
    /// An integer is out of bounds.
    Range(Parameter, i64),
    /// A string does not match its pattern.
    Pattern(Parameter),
    /// A token is well-formed and not accepted.
    Token(TokenProblem),
    /// The identifiers name nothing that is deployed.
    NotFound(NotFound),
    /// The signature is missing or wrong.
    Signature(SignatureError),
    /// There are too many requests. The reference accepts any number.
    Throttled,
    /// The server failed. The reference never does.
    Internal,
}

impl From<NotFound> for ApiError {
    fn from(not_found: NotFound) -> Self {
        Self::NotFound(not_found)
    }
}

impl ApiError {
    /// The status that the contract requires.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Signature(error) => error.status(),
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Malformed
            | Self::EmptyBody
            | Self::NotAnObject(_)
            | Self::Missing(_)
            | Self::Null(_)
            | Self::WrongType(..)
            | Self::Length(..)
            | Self::Range(..)
            | Self::Pattern(_)
            | Self::Token(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// The error type: the one of the contract if it has one, else the usual one of AWS.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::UnknownPath | Self::WrongMethod(_) => "UnknownOperationException",
            Self::TooLarge => "RequestEntityTooLargeException",
            Self::LengthRequired => "MissingContentLengthException",
            Self::MediaType => "UnsupportedMediaTypeException",
            Self::NotFound(_) => "ResourceNotFoundException",
            Self::Signature(error) => error.error_type(),
            Self::Throttled => "ThrottlingException",
            Self::Internal => "InternalServerException",
            _ => "BadRequestException",
        }
    }

    /// Whether a member or the token violates a constraint of the contract.
    pub fn is_constraint_violation(&self) -> bool {
        matches!(
            self,
            Self::Missing(_)
                | Self::Null(_)
                | Self::WrongType(..)
                | Self::Length(..)
                | Self::Range(..)
                | Self::Pattern(_)
        )
    }

    /// The members of the error (model › `BadRequestException`, `ResourceNotFoundException`).
    pub fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("Message".to_owned(), Value::String(self.to_string()));
        match self {
            Self::Token(problem) => {
                let name = Parameter::ConfigurationToken.name();
                members.insert("Reason".to_owned(), json!("InvalidParameters"));
                members.insert(
                    "Details".to_owned(),
                    json!({ "InvalidParameters": { name: { "Problem": problem.name() } } }),
                );
            }
            Self::NotFound(not_found) => {
                let references: Map<String, Value> = not_found
                    .referenced_by
                    .iter()
                    .map(|(parameter, value)| (parameter.name().to_owned(), Value::String(value.clone())))
                    .collect();
                members.insert("ResourceType".to_owned(), json!(not_found.kind.name()));
                members.insert("ReferencedBy".to_owned(), Value::Object(references));
            }
            _ => {}
        }
        members
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPath => write!(f, "No operation has this path."),
            Self::WrongMethod(allowed) => write!(f, "The method of this operation is {allowed}."),
            Self::TooLarge => write!(f, "The body is too large."),
            Self::LengthRequired => write!(f, "The request has no Content-Length."),
            Self::MediaType => write!(f, "The Content-Type of a body is application/json."),
            Self::Malformed => write!(f, "The body is not well-formed JSON."),
            Self::EmptyBody => write!(f, "The body is empty."),
            Self::NotAnObject(_) => write!(f, "The body is not a JSON object."),
            Self::Missing(parameter) => write!(f, "{parameter} is missing."),
            Self::Null(parameter) => write!(f, "{parameter} is null."),
            Self::WrongType(parameter, _) => write!(f, "{parameter} has the wrong type."),
            Self::Length(parameter, _) => write!(f, "{parameter} is too short or too long."),
            Self::Range(parameter, _) => write!(f, "{parameter} is out of range."),
            Self::Pattern(parameter) => write!(f, "{parameter} does not match its pattern."),
            Self::Token(TokenProblem::Corrupted) => write!(f, "The token is not valid."),
            Self::Token(TokenProblem::Expired) => write!(f, "The token has expired."),
            Self::Token(TokenProblem::PollIntervalNotSatisfied) => write!(f, "The poll came too early."),
            Self::NotFound(not_found) => write!(f, "{not_found}"),
            Self::Signature(error) => write!(f, "{error}"),
            Self::Throttled => write!(f, "Too many requests."),
            Self::Internal => write!(f, "The server failed."),
        }
    }
}
