//! Shapes and members with their constraint and HTTP binding traits.

use serde::Deserialize;

use super::pattern::Pattern;
use super::rules::{Content, Identifies, Interval, MinimumInterval, Present, SingleUse};
use super::shape_id::ShapeId;
use crate::id::Level;

/// The shape of a value.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A string. The values of an enum are a constraint.
    String,
    /// A whole number.
    Integer(IntegerWidth),
    /// A float, double or big decimal.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Bytes: base64 in a JSON body, raw as a payload.
    Blob,
    /// A point in time.
    Timestamp,
    /// Any JSON value.
    Document,
    /// A list of members of one shape.
    List(Box<Member>),
    /// A map from strings.
    Map(Box<MapEntry>),
    /// A structure.
    Structure(Vec<Member>),
    /// A union: exactly one member.
    Union(Vec<Member>),
}

/// The keys and values of a map.
#[derive(Debug, Clone)]
pub struct MapEntry {
    /// The keys, which are strings.
    pub key: Member,
    /// The values.
    pub value: Member,
}

/// The width of a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerWidth {
    /// 8 bits, signed.
    Byte,
    /// 16 bits, signed.
    Short,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    Long,
    /// Any number of digits.
    Big,
}

impl IntegerWidth {
    /// Whether a number fits.
    pub fn contains(self, number: i128) -> bool {
        match self {
            IntegerWidth::Byte => i8::try_from(number).is_ok(),
            IntegerWidth::Short => i16::try_from(number).is_ok(),
            IntegerWidth::Integer => i32::try_from(number).is_ok(),
            IntegerWidth::Long => i64::try_from(number).is_ok(),
            IntegerWidth::Big => true,
        }
    }
}

/// A member of a structure, with the traits that affect the messages. A trait of the member overrides the same trait
/// of its target.
#[derive(Debug, Clone)]
pub struct Member {
    /// `namespace#Structure$member`.
    pub id: ShapeId,
    /// Its name.
    pub name: String,
    /// Its name in a JSON object: `jsonName`, or its own.
    pub json_name: String,
    /// The shape of its value.
    pub target: ShapeId,
    /// Constraint traits.
    pub constraints: Constraints,
    /// Where in the HTTP message it is.
    pub location: Location,
    /// How a timestamp is written there.
    pub timestamp_format: TimestampFormat,
    /// `mediaType`: the media type of its value.
    pub media_type: Option<String>,
    /// Whether `default` gives a value, other than null, if there is none.
    pub has_default: bool,
    /// `idempotencyToken`: a client that has no value makes one.
    pub idempotency_token: bool,
    /// Whether `smithy.api#sensitive` applies, so that it is never shown.
    pub sensitive: bool,
    /// Rules of the namespace `boundstone`.
    pub rules: MemberRules,
    /// Where the contract describes it.
    pub source: String,
}

/// Constraint traits of a member.
#[derive(Debug, Clone, Default)]
pub struct Constraints {
    /// `required`.
    pub required: bool,
    /// `length`: of a string in Unicode scalar values, of a blob in bytes, of a list or map in entries.
    pub length: Option<Length>,
    /// `range` of a whole number.
    pub range: Option<Range>,
    /// `range` of any other number.
    pub decimal_range: Option<DecimalRange>,
    /// `pattern`.
    pub pattern: Option<Pattern>,
    /// The values of an enum.
    pub one_of: Option<Vec<String>>,
    /// The values of an `intEnum`.
    pub one_of_integers: Option<Vec<i64>>,
    /// `uniqueItems`, of a list.
    pub unique_items: bool,
    /// `sparse`: a list or map may have null in it.
    pub sparse: bool,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TimestampFormat {
    /// RFC 3339 in UTC, such as `1985-04-12T23:20:50.52Z`.
    #[serde(rename = "date-time")]
    DateTime,
    /// RFC 9110's date, such as `Tue, 29 Apr 2014 18:30:38 GMT`.
    #[serde(rename = "http-date")]
    HttpDate,
    /// Seconds since 1970, with a fraction or without.
    #[serde(rename = "epoch-seconds")]
    EpochSeconds,
}

/// The `length` trait, bounds inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Length {
    /// The least length; 0 if the trait names none.
    #[serde(default)]
    pub min: usize,
    /// The greatest length.
    pub max: Option<usize>,
}

impl Length {
    /// Whether a length is within the bounds.
    pub fn contains(self, length: usize) -> bool {
        length >= self.min && self.max.is_none_or(|max| length <= max)
    }
}

/// The `range` trait, bounds inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Range {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
}

impl Range {
    /// Whether a number is within the bounds.
    pub fn contains(self, number: i128) -> bool {
        self.min.is_none_or(|min| number >= i128::from(min))
            && self.max.is_none_or(|max| number <= i128::from(max))
    }
}

/// The `range` trait of a number that need not be whole, bounds inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecimalRange {
    /// The least value.
    pub min: Option<f64>,
    /// The greatest value.
    pub max: Option<f64>,
}

impl DecimalRange {
    /// Whether a number is within the bounds.
    pub fn contains(self, number: f64) -> bool {
        self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
    }
}

/// Where in an HTTP message a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A member of the JSON body.
    Body,
    /// `httpQuery`: the parameter of this name.
    Query(String),
    /// `httpHeader`: the header of this name.
    Header(String),
    /// `httpLabel`: the label of the member's name.
    Label,
    /// `httpPayload`: the whole body.
    Payload,
    /// `httpQueryParams`: any parameter of the query that no other member is bound to.
    QueryParams,
    /// `httpPrefixHeaders`: every header with this prefix.
    PrefixHeaders(String),
    /// `httpResponseCode`: the status.
    ResponseCode,
}

/// Rules on a member.
#[derive(Debug, Clone, Default)]
pub struct MemberRules {
    /// The member names a resource.
    pub identifies: Option<Identifies>,
    /// The member's value can be used once.
    pub single_use: Option<SingleUse>,
    /// The member sets a least interval.
    pub minimum_interval: Option<MinimumInterval>,
    /// The member is in every success.
    pub present: Option<Present>,
    /// A fixture gives the bytes of the member.
    pub content: Option<Content>,
    /// The member says when the operation may be called again.
    pub interval: Option<Interval>,
}

/// A segment of a `uri` pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UriSegment {
    /// Literal text.
    Literal(String),
    /// `{name}`, or `{name+}` if greedy.
    Label {
        /// The input member.
        member: String,
        /// Whether it takes slashes too.
        greedy: bool,
    },
}

impl MemberRules {
    /// The errors that rules have for values of the member.
    pub fn errors(&self) -> impl Iterator<Item = &ShapeId> {
        let errors = [
            self.identifies.as_ref().map(|rule| &rule.error),
            self.single_use.as_ref().map(|rule| &rule.error),
            self.minimum_interval.as_ref().map(|rule| &rule.error),
        ];
        errors.into_iter().flatten()
    }
}

impl Member {
    /// The level at which the contract demands that an output member is present.
    pub fn presence(&self) -> Option<Level> {
        match &self.rules.present {
            Some(present) => Some(present.level),
            None if self.constraints.required => Some(Level::Must),
            None => None,
        }
    }
}
