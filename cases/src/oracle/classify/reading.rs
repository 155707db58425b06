//! What the classifier finds out about a request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::contract::Operation;
use crate::protocol::Json;

/// Bodies up to this size in bytes have to be read; what a server does with larger ones is open
/// (contract, section 3).
pub const MAX_BODY_SIZE: usize = 64 * 1024;
/// Members nested up to this depth have to be read; what a server does with deeper ones is open
/// (contract, section 3).
pub const MAX_DEPTH: usize = 100;

/// A request as the classifier read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    /// Whether it satisfies the contract.
    pub class: Class,
    /// The operation that it calls.
    pub operation: Option<&'a Operation>,
    /// The values of the members that are present and could be read.
    pub members: BTreeMap<String, Json>,
    /// Whether the body has members that the model does not have.
    pub unknown_members: bool,
}

/// Whether a request satisfies the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// It satisfies every constraint.
    Valid,
    /// It breaks these constraints.
    Invalid(BTreeSet<Violation>),
    /// The contract does not say.
    Open(OpenReason),
    /// No operation has this method and path.
    Unrouted,
}

/// One broken constraint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The member, with the path into its value if the value itself is right; `None` for the message as a whole.
    pub member: Option<String>,
    /// What is broken.
    pub constraint: Constraint,
}

/// The kinds of constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// A required member is missing or null.
    Required,
    /// The value has another JSON type than the shape.
    Type,
    /// The trait `length`.
    Length,
    /// The trait `range`.
    Range,
    /// The trait `pattern`.
    Pattern,
    /// The value is not one of an enum.
    Enum,
    /// The trait `uniqueItems`.
    UniqueItems,
    /// An entry of a list or map is null.
    Null,
    /// A union has not exactly one of its members.
    Cardinality,
    /// The body is not JSON.
    Syntax,
    /// The body is JSON, but not an object.
    Document,
}

/// What the contract leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenReason {
    /// A member or parameter is present twice, and at least one of its values is valid.
    Duplicate,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// Nested deeper than readers commonly go.
    TooDeep,
    /// A whole number written with a fraction or an exponent.
    WholeDecimal,
    /// No or another content type.
    ContentType,
    /// A byte order mark before the JSON text.
    ByteOrderMark,
    /// A slash after the path.
    TrailingSlash,
    /// A `+` in the query, which some read as a blank.
    Plus,
    /// A number that an `intEnum` does not have.
    UnknownInteger,
    /// A required payload of text or bytes is empty.
    EmptyPayload,
    /// A required member is missing that has a default.
    Default,
    /// Percent-encoded octets of a path or query that are not UTF-8.
    NotUtf8,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constraint = match self.constraint {
            Constraint::Required => "required",
            Constraint::Type => "type",
            Constraint::Length => "length",
            Constraint::Range => "range",
            Constraint::Pattern => "pattern",
            Constraint::Enum => "enum",
            Constraint::UniqueItems => "unique items",
            Constraint::Null => "null",
            Constraint::Cardinality => "one member",
            Constraint::Syntax => "syntax of the body",
            Constraint::Document => "body is an object",
        };
        match &self.member {
            Some(member) => write!(f, "{member}: {constraint}"),
            None => f.write_str(constraint),
        }
    }
}
