//! `RequiredMinimumPollIntervalInSeconds`, which only the model has.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::value::RawValue;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, JsonType, Parameter};
use crate::token::Claims;

/// Writes the id of a requirement or case of the member.
macro_rules! id {
    ($rest:literal) => {
        concat!("start-configuration-session/required-minimum-poll-interval-in-seconds/", $rest)
    };
}

pub(super) const ALL: &[Deviation] = &[
    deviation("interval-below-min-accepted")
        .about("An interval one second below the minimum is accepted.")
        .model_only()
        .must_fail(&[id!("range/below-min")])
        .behaviour(|| Box::new(Bounds(|start, end| start - 1..=end))),
    deviation("interval-above-max-accepted")
        .about("An interval one second above the maximum is accepted.")
        .model_only()
        .must_fail(&[id!("range/above-max")])
        .behaviour(|| Box::new(Bounds(|start, end| start..=end + 1))),
    deviation("interval-min-refused")
        .about("An interval of exactly the minimum is refused.")
        .model_only()
        .must_fail(&[id!("range/at-min")])
        .behaviour(|| Box::new(Bounds(|start, end| start + 1..=end))),
    deviation("interval-max-refused")
        .about("An interval of exactly the maximum is refused.")
        .model_only()
        .must_fail(&[id!("range/at-max")])
        .behaviour(|| Box::new(Bounds(|start, end| start..=end - 1))),
    deviation("interval-max-of-an-hour")
        .about("Intervals of more than an hour are refused.")
        .model_only()
        .must_fail(&[id!("range/at-max")])
        .may_fail(&[id!("range/nominal")])
        .behaviour(|| Box::new(Bounds(|start, _| start..=3_600))),
    deviation("interval-min-not-enforced")
        .about("Any interval below the minimum is accepted, zero and negative ones too.")
        .model_only()
        .must_fail(&[id!("range/below-min"), id!("range/zero"), id!("range/negative")])
        .behaviour(|| Box::new(Bounds(|_, end| i64::MIN..=end))),
    deviation("interval-max-not-enforced")
        .about("Any interval above the maximum is accepted.")
        .model_only()
        .must_fail(&[id!("range/above-max")])
        .behaviour(|| Box::new(Bounds(|start, _| start..=i64::MAX))),
    deviation("interval-out-of-range-ignored")
        .about("An interval out of range counts as absent.")
        .model_only()
        .must_fail(&[
            id!("range/below-min"),
            id!("range/above-max"),
            id!("range/zero"),
            id!("range/negative"),
        ])
        .behaviour(|| Box::new(Ignores)),
    deviation("interval-zero-accepted")
        .about("An interval of zero counts as absent.")
        .model_only()
        .must_fail(&[id!("range/zero")])
        .behaviour(|| Box::new(ZeroIsNone)),
    deviation("interval-string-coerced")
        .about("An interval may stand in quotes.")
        .model_only()
        .must_fail(&[id!("type/string")])
        .behaviour(|| Box::new(Coerces(coerce_string))),
    deviation("interval-boolean-accepted")
        .about("A boolean in place of the interval counts as absent.")
        .model_only()
        .must_fail(&[id!("type/boolean")])
        .behaviour(|| Box::new(IgnoresTypes(|found| found == JsonType::Boolean))),
    deviation("interval-fraction-truncated")
        .about("The decimals of an interval are dropped.")
        .model_only()
        .must_fail(&[id!("type/fraction")])
        .behaviour(|| Box::new(Coerces(truncate))),
    deviation("interval-wraps")
        .about("An interval beyond 32 bits wraps around.")
        .model_only()
        .must_fail(&[id!("type/out-of-width")])
        .behaviour(|| Box::new(Coerces(wrap))),
    deviation("interval-out-of-width-fails")
        .about("An interval beyond 32 bits makes the server fail.")
        .model_only()
        .must_fail(&[id!("type/out-of-width")])
        .behaviour(|| Box::new(FailsOn(|text| text.parse::<i32>().is_err() && is_integer(text)))),
    deviation("interval-array-or-object-fails")
        .about("An array or object in place of the interval makes the server fail.")
        .model_only()
        .must_fail(&[id!("type/array"), id!("type/object")])
        .behaviour(|| Box::new(FailsOn(|text| text.starts_with(['[', '{'])))),
    deviation("interval-any-type-ignored")
        .about("An interval that is no number counts as absent.")
        .model_only()
        .must_fail(&[id!("type/string"), id!("type/boolean"), id!("type/array"), id!("type/object")])
        .behaviour(|| Box::new(IgnoresTypes(|found| found != JsonType::Number))),
    deviation("interval-null-refused")
        .about("A null interval is refused.")
        .model_only()
        .must_fail(&[id!("optional/null")])
        .behaviour(|| Box::new(RefusesNull)),
    deviation("interval-refused")
        .about("The interval is refused as an unknown member.")
        .model_only()
        .must_fail(&[id!("range/at-min"), id!("range/nominal"), id!("range/at-max")])
        .behaviour(|| Box::new(Bounds(|_, _| RangeInclusive::new(1, 0)))),
    deviation("early-poll-accepted")
        .about("A session is not held to the interval that it asked for.")
        .model_only()
        .must_fail(&["get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/early"])
        .behaviour(|| Box::new(NeverEarly)),
];

/// Other bounds, from those of the contract.
struct Bounds(fn(i64, i64) -> RangeInclusive<i64>);

impl Behaviour for Bounds {
    fn interval_range(&self, range: &RangeInclusive<i32>) -> RangeInclusive<i64> {
        (self.0)(i64::from(*range.start()), i64::from(*range.end()))
    }
}

struct Ignores;

impl Behaviour for Ignores {
    fn interval_out_of_range(&self, _: i64) -> Result<Option<NonZeroU32>, Fault> {
        Ok(None)
    }
}

struct ZeroIsNone;

impl Behaviour for ZeroIsNone {
    fn interval_out_of_range(&self, seconds: i64) -> Result<Option<NonZeroU32>, Fault> {
        if seconds == 0 { Ok(None) } else { Reference.interval_out_of_range(seconds) }
    }
}

/// The interval that a value of a wrong type stands for; `None` if it is refused.
struct Coerces(fn(&str) -> Option<i64>);

impl Behaviour for Coerces {
    fn integer(&self, value: &RawValue) -> Result<Option<i64>, Fault> {
        Reference.integer(value).or_else(|fault| (self.0)(value.get()).map(Some).ok_or(fault))
    }
}

/// Values of these types count as absent.
struct IgnoresTypes(fn(JsonType) -> bool);

impl Behaviour for IgnoresTypes {
    fn integer(&self, value: &RawValue) -> Result<Option<i64>, Fault> {
        if (self.0)(JsonType::of(value.get())) { Ok(None) } else { Reference.integer(value) }
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

/// Fails on values with such a text.
struct FailsOn(fn(&str) -> bool);

impl Behaviour for FailsOn {
    fn integer(&self, value: &RawValue) -> Result<Option<i64>, Fault> {
        if (self.0)(value.get()) { Err(Fault::Internal) } else { Reference.integer(value) }
    }
}

struct RefusesNull;

impl Behaviour for RefusesNull {
    fn null_interval(&self) -> Result<Option<i64>, Fault> {
        Err(Fault::WrongType(Parameter::RequiredMinimumPollIntervalInSeconds, JsonType::Null))
    }
}

struct NeverEarly;

impl Behaviour for NeverEarly {
    fn is_early(&self, _: &Claims, _: Duration) -> bool {
        false
    }
}
