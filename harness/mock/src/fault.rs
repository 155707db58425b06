//! Why a request is refused, and how restJson1 says so.

use std::fmt;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::resources::NotFound;
use super::signature::Flaw;

/// An input member of one of the two operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// `StartConfigurationSession` › `ApplicationIdentifier`.
    ApplicationIdentifier,
    /// `StartConfigurationSession` › `EnvironmentIdentifier`.
    EnvironmentIdentifier,
    /// `StartConfigurationSession` › `ConfigurationProfileIdentifier`.
    ConfigurationProfileIdentifier,
    /// `StartConfigurationSession` › `RequiredMinimumPollIntervalInSeconds`.
    RequiredMinimumPollIntervalInSeconds,
    /// `GetLatestConfiguration` › `ConfigurationToken`.
    ConfigurationToken,
}

impl Parameter {
    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApplicationIdentifier => "ApplicationIdentifier",
            Self::EnvironmentIdentifier => "EnvironmentIdentifier",
            Self::ConfigurationProfileIdentifier => "ConfigurationProfileIdentifier",
            Self::RequiredMinimumPollIntervalInSeconds => "RequiredMinimumPollIntervalInSeconds",
            Self::ConfigurationToken => "ConfigurationToken",
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of JSON")]
pub enum JsonType {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl JsonType {
    /// The type of a well-formed JSON text without blanks around it.
    pub fn of(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }
}

/// What is wrong with a token (model › `InvalidParameterProblem`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Never issued, altered, or used before.
    Corrupted,
    /// Older than [`TOKEN_LIFETIME`](super::TOKEN_LIFETIME).
    Expired,
    /// Polled sooner than the session allows.
    PollIntervalNotSatisfied,
}

impl Problem {
    /// The value in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Corrupted => "Corrupted",
            Self::Expired => "Expired",
            Self::PollIntervalNotSatisfied => "PollIntervalNotSatisfied",
        }
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No operation has this path.
    UnknownPath,
    /// The operation at this path has the method that is named here.
    WrongMethod(http::Method),
    /// The body is longer than [`MAX_BODY`](super::read::MAX_BODY).
    TooLarge,
    /// A body in chunks, without its length. The reference reads it.
    LengthRequired,
    /// A body that is not declared as JSON.
    MediaType,
    /// The body is not one JSON text in UTF-8.
    Malformed,
    /// No body where members are required.
    EmptyBody,
    /// The body is JSON, but not an object.
    NotAnObject(JsonType),
    /// A required member that is absent.
    Missing(Parameter),
    /// A required member that is null.
    Null(Parameter),
    /// A member of another type, or a number that is no 32-bit integer.
    WrongType(Parameter, JsonType),
    /// A string of this length, outside of its bounds.
    Length(Parameter, usize),
    /// An integer outside of its bounds.
    Range(Parameter, i64),
    /// A string that does not match its pattern.
    Pattern(Parameter),
    /// A well-formed token that serves no call.
    Token(Problem),
    /// The identifiers name nothing that is deployed.
    NotFound(NotFound),
    /// A signature that is not as it should be.
    Signature(Flaw),
    /// Too many requests. The reference takes any number.
    Throttled,
    /// The server failed. The reference never does.
    Internal,
}

impl From<NotFound> for Fault {
    fn from(not_found: NotFound) -> Self {
        Self::NotFound(not_found)
    }
}

impl Fault {
    /// The status that the contract demands.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Signature(flaw) => flaw.status(),
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

    /// The error type: the modelled one where there is one, else the usual one.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::UnknownPath | Self::WrongMethod(_) => "UnknownOperationException",
            Self::TooLarge => "RequestEntityTooLargeException",
            Self::LengthRequired => "MissingContentLengthException",
            Self::MediaType => "UnsupportedMediaTypeException",
            Self::NotFound(_) => "ResourceNotFoundException",
            Self::Signature(flaw) => flaw.error_type(),
            Self::Throttled => "ThrottlingException",
            Self::Internal => "InternalServerException",
            _ => "BadRequestException",
        }
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPath => write!(f, "No operation has this path."),
            Self::WrongMethod(allowed) => write!(f, "The method of this operation is {allowed}."),
            Self::TooLarge => write!(f, "The body is too large."),
            Self::LengthRequired => write!(f, "The length of the body is not told."),
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
            Self::Token(Problem::Corrupted) => write!(f, "The token is not valid."),
            Self::Token(Problem::Expired) => write!(f, "The token has expired."),
            Self::Token(Problem::PollIntervalNotSatisfied) => write!(f, "The poll came too early."),
            Self::NotFound(not_found) => write!(f, "{not_found}"),
            Self::Signature(flaw) => write!(f, "{flaw}"),
            Self::Throttled => write!(f, "Too many requests."),
            Self::Internal => write!(f, "The server failed."),
        }
    }
}
