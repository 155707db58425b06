//! The kinds of bugs that a mutant can have.

use super::segment::Segment;

/// What the contract says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    Required,
    Type,
    Length,
    Range,
    Pattern,
    Enum,
    UniqueItems,
    Null,
    Cardinality,
    /// The response as a whole: its status and its headers.
    Whole,
}

impl Aspect {
    /// Its name in the id of a requirement.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Type => "type",
            Self::Length => "length",
            Self::Range => "range",
            Self::Pattern => "pattern",
            Self::Enum => "enum",
            Self::UniqueItems => "unique-items",
            Self::Null => "null",
            Self::Cardinality => "cardinality",
            Self::Whole => "whole",
        }
    }
}

/// Which message the bug is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Input,
    Output,
}

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Inputs: the constraint is not enforced.
    NotEnforced,
    /// Inputs: one less than the least value is accepted.
    MinOffByOne,
    /// Inputs: one more than the greatest value is accepted.
    MaxOffByOne,
    /// Inputs: the length of a string is counted in bytes.
    CountsBytes,
    /// Inputs: only the first element of a list is checked.
    FirstElementOnly,
    /// Inputs: nothing below the top level is checked.
    NestedIgnored,
    /// Inputs: a value of another type is converted.
    Converted,
    /// Inputs: a member with a value of another type is ignored.
    Ignored,
    /// Inputs: a value of an enum is accepted in another letter case.
    LetterCase,
    /// Inputs: a union with two members is accepted.
    TwoAccepted,
    /// Inputs: a union without members is accepted.
    NoneAccepted,
    /// Inputs: the error has the type of another error of the operation.
    OtherError,
    /// Inputs: the error has the status 404.
    Status404,
    /// Inputs: the error has the status 500.
    Status500,
    /// Outputs: a required member is missing.
    Missing,
    /// Outputs: a value has another type.
    WrongType,
    /// Outputs: a value is below its least length or value.
    BelowMin,
    /// Outputs: a value is above its greatest length or value.
    AboveMax,
    /// Outputs: a string is none of an enum.
    UnknownValue,
    /// Outputs: a success has another status.
    WrongStatus,
    /// Outputs: a success has another media type.
    WrongContentType,
}

/// Each kind with its name, and with what the server does, as the end of a sentence that begins with "The server".
const KINDS: [(Kind, &str, &str); 21] = [
    (Kind::NotEnforced, "not-enforced", "does not enforce the constraint"),
    (Kind::MinOffByOne, "min-off-by-one", "accepts one less than the minimum"),
    (Kind::MaxOffByOne, "max-off-by-one", "accepts one more than the maximum"),
    (Kind::CountsBytes, "counts-bytes", "counts bytes instead of characters"),
    (Kind::FirstElementOnly, "first-element-only", "checks the first element of the list only"),
    (Kind::NestedIgnored, "not-enforced", "enforces no constraint below the top level"),
    (Kind::Converted, "converted", "converts a value of another type"),
    (Kind::Ignored, "ignored", "ignores a value of another type"),
    (Kind::LetterCase, "letter-case", "accepts the values in another letter case"),
    (Kind::TwoAccepted, "two-accepted", "accepts two members"),
    (Kind::NoneAccepted, "none-accepted", "accepts no member"),
    (Kind::OtherError, "other-error", "refuses with another error of the operation"),
    (Kind::Status404, "status-404", "refuses with the status 404"),
    (Kind::Status500, "status-500", "refuses with the status 500"),
    (Kind::Missing, "missing", "omits the required member"),
    (Kind::WrongType, "wrong-type", "sends a value of another type"),
    (Kind::BelowMin, "below-min", "sends a value below the minimum"),
    (Kind::AboveMax, "above-max", "sends a value above the maximum"),
    (Kind::UnknownValue, "unknown-value", "sends a string that is no value of the enum"),
    (Kind::WrongStatus, "wrong-status", "responds to valid requests with another status of success"),
    (Kind::WrongContentType, "wrong-content-type", "sends its successes as text/html"),
];

impl Kind {
    /// Its name in the name of a mutant.
    pub(crate) fn name(self) -> &'static str {
        self.entry().1
    }

    /// What the server does, as the end of a sentence.
    pub(crate) fn about(self) -> &'static str {
        self.entry().2
    }

    /// Whether the bug is in the error and not in the decision to refuse.
    pub(crate) fn is_of_error(self) -> bool {
        matches!(self, Self::OtherError | Self::Status404 | Self::Status500)
    }

    fn entry(self) -> (Self, &'static str, &'static str) {
        // A test makes sure that the table is complete.
        KINDS.into_iter().find(|(kind, ..)| *kind == self).unwrap_or(KINDS[0])
    }
}

/// One deliberate bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bug {
    /// The operation that has it.
    pub(crate) operation: String,
    pub(crate) side: Side,
    /// The shape that is treated wrongly, from the members of the message down.
    pub(crate) path: Vec<Segment>,
    pub(crate) aspect: Aspect,
    pub(crate) kind: Kind,
}
