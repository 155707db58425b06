//! `RequiredMinimumPollIntervalInSeconds`, which only the model has.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::value::RawValue;

use super::definition::{Mutant, mutant};
use crate::contract::Parameter;
use crate::protocol::{ApiError, JsonType};
use crate::service::{Behavior, Reference};
use crate::token::Claims;

/// The id of a requirement or case about the member.
macro_rules! id {
    ($rest:literal) => {
        concat!("start-configuration-session/required-minimum-poll-interval-in-seconds/", $rest)
    };
}

pub(super) const ALL: &[Mutant] = &[
    mutant("interval-below-min-accepted")
        .about("An interval one second below the minimum is accepted.")
        .model_only()
        .must_fail(&[id!("range/below-min")])
        .behavior(|| Box::new(Bounds(|start, end| start - 1..=end))),
    mutant("interval-above-max-accepted")
        .about("An interval one second above the maximum is accepted.")
        .model_only()
        .must_fail(&[id!("range/above-max")])
        .behavior(|| Box::new(Bounds(|start, end| start..=end + 1))),
    mutant("interval-min-refused")
        .about("An interval of exactly the minimum is refused.")
        .model_only()
        .must_fail(&[id!("range/at-min")])
        .behavior(|| Box::new(Bounds(|start, end| start + 1..=end))),
    mutant("interval-max-refused")
        .about("An interval of exactly the maximum is refused.")
        .model_only()
        .must_fail(&[id!("range/at-max")])
        .behavior(|| Box::new(Bounds(|start, end| start..=end - 1))),
    mutant("interval-max-of-an-hour")
        .about("Intervals of more than an hour are refused.")
        .model_only()
        .must_fail(&[id!("range/at-max")])
        .may_fail(&[id!("range/nominal")])
        .behavior(|| Box::new(Bounds(|start, _| start..=3_600))),
    mutant("interval-min-not-enforced")
        .about("Any interval below the minimum is accepted, zero and negative ones too.")
        .model_only()
        .must_fail(&[id!("range/below-min"), id!("range/zero"), id!("range/negative")])
        .behavior(|| Box::new(Bounds(|_, end| i64::MIN..=end))),
    mutant("interval-max-not-enforced")
        .about("Any interval above the maximum is accepted.")
        .model_only()
        .must_fail(&[id!("range/above-max")])
        .behavior(|| Box::new(Bounds(|start, _| start..=i64::MAX))),
    mutant("interval-out-of-range-ignored")
        .about("An interval out of range counts as absent.")
        .model_only()
        .must_fail(&[
            id!("range/below-min"),
            id!("range/above-max"),
            id!("range/zero"),
            id!("range/negative"),
        ])
        .behavior(|| Box::new(IgnoresOutOfRange)),
    mutant("interval-zero-accepted")
        .about("An interval of zero counts as absent.")
        .model_only()
        .must_fail(&[id!("range/zero")])
        .behavior(|| Box::new(IgnoresZero)),
    mutant("interval-string-coerced")
        .about("An interval may be in quotes.")
        .model_only()
        .must_fail(&[id!("type/string")])
        .behavior(|| Box::new(Coerces(coerce_string))),
    mutant("interval-boolean-accepted")
        .about("A boolean in place of the interval counts as absent.")
        .model_only()
        .must_fail(&[id!("type/boolean")])
        .behavior(|| Box::new(IgnoresTypes(|found| found == JsonType::Boolean))),
    mutant("interval-fraction-truncated")
        .about("The decimals of an interval are dropped.")
        .model_only()
        .must_fail(&[id!("type/fraction")])
        .behavior(|| Box::new(Coerces(truncate))),
    mutant("interval-wraps")
        .about("An interval beyond 32 bits wraps around.")
        .model_only()
        .must_fail(&[id!("type/out-of-width")])
        .behavior(|| Box::new(Coerces(wrap))),
    mutant("interval-out-of-width-fails")
        .about("An interval beyond 32 bits makes the server fail.")
        .model_only()
        .must_fail(&[id!("type/out-of-width")])
        .behavior(|| Box::new(FailsOn(|text| text.parse::<i32>().is_err() && is_integer(text)))),
    mutant("interval-array-or-object-fails")
        .about("An array or object in place of the interval makes the server fail.")
        .model_only()
        .must_fail(&[id!("type/array"), id!("type/object")])
        .behavior(|| Box::new(FailsOn(|text| text.starts_with(['[', '{'])))),
    mutant("interval-any-type-ignored")
        .about("An interval that is not a number counts as absent.")
        .model_only()
        .must_fail(&[id!("type/string"), id!("type/boolean"), id!("type/array"), id!("type/object")])
        .behavior(|| Box::new(IgnoresTypes(|found| found != JsonType::Number))),
    mutant("interval-null-refused")
        .about("A null interval is refused.")
        .model_only()
        .must_fail(&[id!("optional/null")])
        .behavior(|| Box::new(RefusesNull)),
    mutant("interval-refused")
        .about("The interval is refused as an unknown member.")
        .model_only()
        .must_fail(&[id!("range/at-min"), id!("range/nominal"), id!("range/at-max")])
        .behavior(|| Box::new(Bounds(|_, _| RangeInclusive::new(1, 0)))),
    mutant("early-poll-accepted")
        .about("The interval that a session asked for is not enforced.")
        .model_only()
        .must_fail(&["get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/early"])
        .behavior(|| Box::new(NeverEarly)),
];

/// Computes other bounds from those of the contract.
struct Bounds(fn(i64, i64) -> RangeInclusive<i64>);

impl Behavior for Bounds {
    fn interval_range(&self, range: &RangeInclusive<i32>) -> RangeInclusive<i64> {
        (self.0)(i64::from(*range.start()), i64::from(*range.end()))
    }
}

struct IgnoresOutOfRange;

impl Behavior for IgnoresOutOfRange {
    fn interval_out_of_range(&self, _: i64) -> Result<Option<NonZeroU32>, ApiError> {
        Ok(None)
    }
}

struct IgnoresZero;

impl Behavior for IgnoresZero {
    fn interval_out_of_range(&self, seconds: i64) -> Result<Option<NonZeroU32>, ApiError> {
        if seconds == 0 { Ok(None) } else { Reference.interval_out_of_range(seconds) }
    }
}

/// Reads an interval in a value of a wrong type; `None` refuses it.
struct Coerces(fn(&str) -> Option<i64>);

impl Behavior for Coerces {
    fn interval(&self, value: &RawValue) -> Result<Option<i64>, ApiError> {
        Reference.interval(value).or_else(|error| (self.0)(value.get()).map(Some).ok_or(error))
    }
}

/// Ignores values of these types.
struct IgnoresTypes(fn(JsonType) -> bool);

impl Behavior for IgnoresTypes {
    fn interval(&self, value: &RawValue) -> Result<Option<i64>, ApiError> {
        if (self.0)(JsonType::of(value.get())) { Ok(None) } else { Reference.interval(value) }
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn coerce_string(value: &str) -> Option<i64> {
    let text: String = serde_json::from_str(value).ok()?;
    text.trim().parse::<i32>().ok().map(i64::from)
}

fn truncate(value: &str) -> Option<i64> {
    let (whole, _) = value.split_once('.')?;
    whole.parse::<i32>().ok().map(i64::from)
}

fn wrap(value: &str) -> Option<i64> {
    let wide: i128 = value.parse().ok()?;
    let [a, b, c, d, ..] = wide.to_le_bytes();
    Some(i64::from(i32::from_le_bytes([a, b, c, d])))
}

/// Fails on values with certain texts.
struct FailsOn(fn(&str) -> bool);

impl Behavior for FailsOn {
    fn interval(&self, value: &RawValue) -> Result<Option<i64>, ApiError> {
        if (self.0)(value.get()) { Err(ApiError::Internal) } else { Reference.interval(value) }
    }
}

struct RefusesNull;

impl Behavior for RefusesNull {
    fn null_interval(&self) -> Result<Option<i64>, ApiError> {
        Err(ApiError::WrongType(Parameter::RequiredMinimumPollIntervalInSeconds, JsonType::Null))
    }
}

struct NeverEarly;

impl Behavior for NeverEarly {
    fn is_early(&self, _: &Claims, _: Duration) -> bool {
        false
    }
}
