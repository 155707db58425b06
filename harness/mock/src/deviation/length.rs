//! The length of an identifier.

use std::ops::RangeInclusive;

use super::{Deviation, Reports, deviation};
use crate::behaviour::Behaviour;
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter};

/// Writes a pattern of cases of every identifier.
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

/// Names of any length up to the maximum, of which chance decides who is hit.
const ANY_NAME: &[&str] = &[BELOW_MAX, MIXED];
const MIXED: &str = "start-configuration-session/accepts/mixed";

/// The resources of the mock have names of one character and of as many as a name may have.
const BY_NAME: &str = "start-configuration-session/accepts/by-name";

pub(super) const ALL: &[Deviation] = &[
    deviation("counts-bytes")
        .about("The length of an identifier counts the bytes of its UTF-8.")
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
            // Characters of full width have three bytes each.
            of_each!("resource/full-width"),
        ])
        .behaviour(|| Box::new(CountsBytes)),
    deviation("counts-utf-16-units")
        .about("The length of an identifier counts UTF-16 code units.")
        .must_fail(&[of_each!("length/at-max-four-byte"), BY_NAME])
        .may_fail(ANY_NAME)
        .behaviour(|| Box::new(CountsUtf16)),
    deviation("length-max-plus-one-accepted")
        .about("An identifier may be one character longer than the maximum.")
        .must_fail(&[ABOVE_MAX])
        .behaviour(|| Box::new(Bounds(|_, start, end| start..=end + 1))),
    deviation("length-max-refused")
        .about("An identifier of exactly the maximum length is refused.")
        .must_fail(&[AT_MAX, BY_NAME])
        .may_fail(ANY_NAME)
        .behaviour(|| Box::new(Bounds(|_, start, end| start..=end - 1))),
    deviation("length-min-not-enforced")
        .about("An empty identifier is looked up and not found.")
        .must_fail(&[of_each!("length/empty")])
        .behaviour(|| Box::new(Bounds(|_, _, end| 0..=end))),
    deviation("length-min-refused")
        .about("An identifier of one character is refused.")
        .must_fail(&[AT_MIN, BY_NAME])
        .may_fail(ANY_NAME)
        .behaviour(|| Box::new(Bounds(|_, start, end| start + 1..=end))),
    deviation("length-max-not-enforced")
        .about("No identifier is too long.")
        .must_fail(&[ABOVE_MAX, FAR_ABOVE_MAX])
        .behaviour(|| Box::new(Bounds(|_, start, _| start..=usize::MAX))),
    deviation("length-max-not-enforced-for-profile")
        .about("A profile identifier is never too long.")
        .must_fail(&[
            "start-configuration-session/configuration-profile-identifier/length/above-max*",
            "start-configuration-session/configuration-profile-identifier/length/far-above-max",
        ])
        .behaviour(|| {
            Box::new(Bounds(|parameter, start, end| match parameter {
                Parameter::ConfigurationProfileIdentifier => start..=usize::MAX,
                _ => start..=end,
            }))
        }),
    deviation("length-max-of-model")
        .about("Identifiers of 65 to 128 characters are accepted, as the model says and not the page.")
        .page_only()
        .must_fail(&[ABOVE_MAX, FAR_ABOVE_MAX])
        .behaviour(|| Box::new(Bounds(|_, start, _| start..=128))),
    deviation("length-max-of-page")
        .about("Identifiers of 65 to 128 characters are refused, as the page says and not the model.")
        .model_only()
        .must_fail(&[BELOW_MAX, AT_MAX, BY_NAME])
        .may_fail(&[MIXED])
        .behaviour(|| Box::new(Bounds(|_, start, _| start..=64))),
    deviation("too-long-truncated")
        .about("An identifier that is too long is cut to the maximum and looked up.")
        .must_fail(&[ABOVE_MAX, FAR_ABOVE_MAX])
        .behaviour(|| Box::new(Truncates)),
    deviation("far-too-long-fails")
        .about("An identifier of 5,000 characters or more makes the server fail.")
        .must_fail(&[FAR_ABOVE_MAX])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Length(Parameter::ConfigurationToken, _) => fault,
                Fault::Length(_, 5_000..) => Fault::Internal,
                other => other,
            }))
        }),
];

struct CountsBytes;

impl Behaviour for CountsBytes {
    fn length(&self, text: &str) -> usize {
        text.len()
    }
}

struct CountsUtf16;

impl Behaviour for CountsUtf16 {
    fn length(&self, text: &str) -> usize {
        text.encode_utf16().count()
    }
}

/// Other bounds, from those of the contract.
struct Bounds(fn(Parameter, usize, usize) -> RangeInclusive<usize>);

impl Behaviour for Bounds {
    fn identifier_length(&self, parameter: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        let (start, end) = (dialect.identifier_length.start(), dialect.identifier_length.end());
        (self.0)(parameter, *start, *end)
    }
}

struct Truncates;

impl Behaviour for Truncates {
    fn identifier_length(&self, _: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        *dialect.identifier_length.start()..=usize::MAX
    }

    fn looked_up(&self, _: Parameter, identifier: String, dialect: &Dialect) -> Result<String, Fault> {
        Ok(identifier.chars().take(*dialect.identifier_length.end()).collect())
    }
}
