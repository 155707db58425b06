//! Rules that Smithy cannot express, as traits in the namespace `boundstone`.

use std::num::NonZeroU32;

use serde::Deserialize;

use super::shape_id::ShapeId;
use crate::id::Level;

/// `boundstone#constraintError`, on the service: the error for a broken constraint or an unreadable body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstraintError {
    /// The modelled error.
    pub error: ShapeId,
    /// Error types that are accepted in its place, with its status.
    #[serde(default)]
    pub alternatives: Vec<String>,
}

/// An entry of `boundstone#commonErrors`, on the service: an error of the platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonError {
    /// The error type, with or without the suffix `Exception`.
    #[serde(rename = "type")]
    pub error_type: String,
    /// Its statuses.
    pub statuses: Vec<u16>,
    /// Whether it says that a constraint of the operation is broken. It is about the request then.
    #[serde(default)]
    pub constraint: bool,
    /// What to try if a valid call is refused with it, as the end of a sentence.
    #[serde(default)]
    pub advice: Option<String>,
}

impl CommonError {
    /// Whether a response has this error.
    pub fn matches(&self, error_type: &str, status: u16) -> bool {
        self.is(error_type) && self.statuses.contains(&status)
    }

    /// Whether it is this error, with or without its suffix.
    pub(super) fn is(&self, error_type: &str) -> bool {
        fn stem(name: &str) -> &str {
            name.strip_suffix("Exception").unwrap_or(name)
        }
        stem(error_type) == stem(&self.error_type)
    }

    /// Its type as written, and the same with the suffix or without it.
    pub fn names(&self) -> [String; 2] {
        let written = self.error_type.clone();
        match written.strip_suffix("Exception") {
            Some(stem) => [written.clone(), stem.to_owned()],
            None => [written.clone(), format!("{written}Exception")],
        }
    }
}

/// `boundstone#identifies`, on an input member: the member names a resource, by id or by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifies {
    /// The kind of resource: the key of that part in a fixture.
    pub resource: String,
    /// The kind of resource that contains it, if it is nested.
    #[serde(default)]
    pub within: Option<String>,
    /// The error for a resource that does not exist.
    pub error: ShapeId,
}

/// `boundstone#singleUse`, on an input member: a value that an earlier response issued, for one successful call.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SingleUse {
    /// The output members that issue it, the one that starts a session first.
    pub issued_by: Vec<ShapeId>,
    /// The error for a value that is used, unknown or altered.
    pub error: ShapeId,
    /// Which values of an enum within the error name the cause.
    #[serde(default)]
    pub problems: Vec<String>,
    /// How many seconds a value can be used.
    #[serde(default)]
    pub lifetime: Option<NonZeroU32>,
}

/// `boundstone#minimumInterval`, on an input member: the least number of seconds between two calls of an operation in
/// the session that the request starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumInterval {
    /// The operation that must not be called sooner.
    pub between: ShapeId,
    /// The error for a call that comes too early.
    pub error: ShapeId,
    /// Which value of an enum within the error names the cause.
    #[serde(default)]
    pub problem: Option<String>,
}

/// `boundstone#present`, on an output member: it is in every success.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// How binding that is.
    pub level: Level,
}

/// `boundstone#content`, on an output member: a fixture gives its bytes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The key of the bytes in the fixture.
    pub of: String,
}

/// `boundstone#interval`, on an output member: seconds until the operation may be called again. A target may enforce
/// it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The value somewhere within an error that says that a call came too early.
    pub problem: String,
}

/// An entry of `boundstone#statements`, on the service: something that the contract's text says, or
/// leaves open, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenStatement")]
pub struct Statement {
    /// Its name among the statements of the contract.
    pub id: String,
    /// Where the contract or a standard says so.
    pub place: String,
    /// What it says.
    pub text: String,
    /// How it is tested.
    pub test: Test,
}

/// How a [`Statement`] is tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// By the requirements and cases whose ids match one of these patterns, at least one. `*` matches any text.
    By(Vec<String>),
    /// Not from outside, for this reason.
    Untestable(String),
}

/// A [`Statement`] as a file has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenStatement {
    id: String,
    place: String,
    text: String,
    tested_by: Option<Vec<String>>,
    untestable: Option<String>,
}

impl TryFrom<WrittenStatement> for Statement {
    type Error = String;

    fn try_from(written: WrittenStatement) -> Result<Self, String> {
        let WrittenStatement { id, place, text, tested_by, untestable } = written;
        let test = match (tested_by, untestable) {
            (Some(patterns), None) if !patterns.is_empty() => Test::By(patterns),
            (None, Some(reason)) if !reason.is_empty() => Test::Untestable(reason),
            _ => {
                return Err(format!(
                    "the statement `{id}` has to have either `testedBy`, with at least one pattern, or the reason `untestable`"
                ));
            }
        };
        Ok(Self { id, place, text, test })
    }
}
