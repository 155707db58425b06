//! The length of an identifier.

use std::ops::RangeInclusive;

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::ApiError;
use crate::service::Behavior;
use crate::toolkit::MapsErrors;

/// A pattern for cases of every identifier.
macro_rules! of_each {
    ($rest:literal) => {
        concat!("start-configuration-session/*-identifier/", $rest)
    };
}

const AT_MIN: &str = of_each!("length/at-min-*");
const BELOW_MAX: &str = of_each!("length/below-max");
const AT_MAX: &str = of_each!("length/at-max-*");
const ABOVE_MAX: &str = of_each!("length/above-max*");
const FAR_ABOVE_MAX: &str = of_each!("length/far-above-max");

/// Names of random length up to the maximum, some of which are affected.
const ANY_NAME: &[&str] = &[BELOW_MAX, MIXED];
const MIXED: &str = "start-configuration-session/accepts/mixed";

/// Some resources of the mock have names of one character and of the maximum length.
const BY_NAME: &str = "start-configuration-session/accepts/by-name";

pub(super) const ALL: &[Mutant] = &[
    mutant("counts-bytes")
        .about("The length of an identifier is counted in bytes of UTF-8.")
        .must_fail(&[
            of_each!("length/at-max-two-byte"),
            of_each!("length/at-max-three-byte"),
            of_each!("length/at-max-four-byte"),
            of_each!("length/at-max-combining"),
            BY_NAME,
        ])
        .may_fail(&[
            BELOW_MAX,
            MIXED,
            // Full-width characters have three bytes each.
            of_each!("resource/full-width"),
        ])
        .behavior(|| Box::new(CountsBytes)),
    mutant("counts-utf-16-units")
        .about("The length of an identifier is counted in UTF-16 code units.")
        .must_fail(&[of_each!("length/at-max-four-byte"), BY_NAME])
        .may_fail(ANY_NAME)
        .behavior(|| Box::new(CountsUtf16)),
    mutant("length-max-plus-one-accepted")
        .about("An identifier may be one character longer than the maximum.")
        .must_fail(&[ABOVE_MAX])
        .behavior(|| Box::new(Bounds(|_, start, end| start..=end + 1))),
    mutant("length-max-refused")
        .about("An identifier of exactly the maximum length is refused.")
        .must_fail(&[AT_MAX, BY_NAME])
        .may_fail(ANY_NAME)
        .behavior(|| Box::new(Bounds(|_, start, end| start..=end - 1))),
    mutant("length-min-not-enforced")
        .about("An empty identifier is looked up and not found.")
        .must_fail(&[of_each!("length/empty")])
        .behavior(|| Box::new(Bounds(|_, _, end| 0..=end))),
    mutant("length-min-refused")
        .about("An identifier of one character is refused.")
        .must_fail(&[AT_MIN, BY_NAME])
        .may_fail(ANY_NAME)
        .behavior(|| Box::new(Bounds(|_, start, end| start + 1..=end))),
    mutant("length-max-not-enforced")
        .about("No identifier is too long.")
        .must_fail(&[ABOVE_MAX, FAR_ABOVE_MAX])
        .behavior(|| Box::new(Bounds(|_, start, _| start..=usize::MAX))),
    mutant("length-max-not-enforced-for-profile")
        .about("A profile identifier is never too long.")
        .must_fail(&[
            "start-configuration-session/configuration-profile-identifier/length/above-max*",
            "start-configuration-session/configuration-profile-identifier/length/far-above-max",
        ])
        .behavior(|| {
            Box::new(Bounds(|parameter, start, end| match parameter {
                Parameter::ConfigurationProfileIdentifier => start..=usize::MAX,
                _ => start..=end,
            }))
        }),
    mutant("length-max-of-model")
        .about("Identifiers of 65 to 128 characters are accepted, as the model says and not the page.")
        .page_only()
        .must_fail(&[ABOVE_MAX, FAR_ABOVE_MAX])
        .behavior(|| Box::new(Bounds(|_, start, _| start..=128))),
    mutant("length-max-of-page")
        .about("Identifiers of 65 to 128 characters are refused, as the page says and not the model.")
        .model_only()
        .must_fail(&[BELOW_MAX, AT_MAX, BY_NAME])
        .may_fail(&[MIXED])
        .behavior(|| Box::new(Bounds(|_, start, _| start..=64))),
    mutant("too-long-truncated")
        .about("An identifier that is too long is truncated to the maximum and looked up.")
        .must_fail(&[ABOVE_MAX, FAR_ABOVE_MAX])
        .behavior(|| Box::new(Truncates)),
    mutant("far-too-long-fails")
        .about("An identifier of 5,000 characters or more makes the server fail.")
        .must_fail(&[FAR_ABOVE_MAX])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Length(Parameter::ConfigurationToken, _) => error,
                ApiError::Length(_, 5_000..) => ApiError::Internal,
                other => other,
            }))
        }),
];

struct CountsBytes;

impl Behavior for CountsBytes {
    fn text_length(&self, text: &str) -> usize {
        text.len()
    }
}

struct CountsUtf16;

impl Behavior for CountsUtf16 {
    fn text_length(&self, text: &str) -> usize {
        text.encode_utf16().count()
    }
}

/// Computes other bounds from those of the contract.
struct Bounds(fn(Parameter, usize, usize) -> RangeInclusive<usize>);

impl Behavior for Bounds {
    fn identifier_length(&self, parameter: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        let (start, end) = (dialect.identifier_length.start(), dialect.identifier_length.end());
        (self.0)(parameter, *start, *end)
    }
}

struct Truncates;

impl Behavior for Truncates {
    fn identifier_length(&self, _: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        *dialect.identifier_length.start()..=usize::MAX
    }

    fn lookup_text(&self, _: Parameter, identifier: String, dialect: &Dialect) -> Result<String, ApiError> {
        Ok(identifier.chars().take(*dialect.identifier_length.end()).collect())
    }
}
