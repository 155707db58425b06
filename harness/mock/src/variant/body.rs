//! How a body is read, where the contract leaves a choice.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::definition::{Variant, variant};
use crate::contract::Parameter;
use crate::protocol::{self, ApiError, JsonType, Members};
use crate::service::{Behavior, MockConfig, Reference};
use crate::toolkit::{max_depth, member_names};

pub(super) const ALL: &[Variant] = &[
    variant("deep-nesting-refused")
        .about("Arrays and objects nested deeper than 100 are refused.")
        .config(|| MockConfig::with(LimitsDepth)),
    variant("large-bodies-refused")
        .about("A body of more than 64 KiB is refused with 413.")
        .config(|| MockConfig::with(LimitsSize)),
    variant("duplicates-refused")
        .about("A duplicate member is refused.")
        .config(|| MockConfig::with(RefusesDuplicates)),
    variant("first-duplicate-counts")
        .about("Of duplicate members the first one counts.")
        .config(|| MockConfig::with(KeepsFirst)),
    variant("whole-decimals-accepted")
        .about("An interval such as `60.0` or `6e1` is accepted.")
        .model_only()
        .config(|| MockConfig::with(ReadsDecimals)),
    variant("lone-surrogates-replaced")
        .about("A lone surrogate in an identifier is read as the replacement character.")
        .config(|| MockConfig::with(ReplacesSurrogates)),
    variant("byte-order-mark-accepted")
        .about("A byte order mark before the body is skipped.")
        .config(|| MockConfig::with(SkipsByteOrderMark)),
];

struct LimitsDepth;

impl Behavior for LimitsDepth {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        if max_depth(text) > 100 { Err(ApiError::Malformed) } else { protocol::members(text) }
    }
}

struct LimitsSize;

impl Behavior for LimitsSize {
    fn body_text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, ApiError> {
        if body.len() > 64 * 1024 { Err(ApiError::TooLarge) } else { Reference.body_text(body) }
    }
}

struct RefusesDuplicates;

impl Behavior for RefusesDuplicates {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        let members = protocol::members(text)?;
        if member_names(text).len() > members.len() { Err(ApiError::Malformed) } else { Ok(members) }
    }
}

struct KeepsFirst;

impl Behavior for KeepsFirst {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        protocol::members(text)?;
        serde_json::Deserializer::from_str(text).deserialize_map(FirstOfEach).map_err(|_| ApiError::Malformed)
    }
}

struct FirstOfEach;

impl<'de> Visitor<'de> for FirstOfEach {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::new();
        while let Some((name, value)) = map.next_entry()? {
            members.entry(name).or_insert(value);
        }
        Ok(members)
    }
}

struct ReadsDecimals;

impl Behavior for ReadsDecimals {
    fn interval(&self, value: &RawValue) -> Result<Option<i64>, ApiError> {
        Reference.interval(value).or_else(|error| {
            let whole = serde_json::from_str::<f64>(value.get()).ok().filter(|number| number.fract() == 0.0);
            let whole = whole.filter(|number| (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number));
            #[expect(clippy::cast_possible_truncation, reason = "it is a whole number and fits into 32 bits")]
            whole.map(|number| Some(number as i64)).ok_or(error)
        })
    }
}

struct ReplacesSurrogates;

impl Behavior for ReplacesSurrogates {
    fn non_string_identifier(&self, parameter: Parameter, value: &RawValue) -> Result<String, ApiError> {
        match JsonType::of(value.get()) {
            // A string with a lone surrogate, which Rust cannot represent.
            JsonType::String => Ok("\u{fffd}".to_owned()),
            _ => Reference.non_string_identifier(parameter, value),
        }
    }
}

struct SkipsByteOrderMark;

impl Behavior for SkipsByteOrderMark {
    fn body_text<'a>(&self, body: &'a [u8]) -> Result<Cow<'a, str>, ApiError> {
        Reference.body_text(body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body))
    }
}
