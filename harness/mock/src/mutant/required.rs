//! Members that are missing or null.

use std::ops::RangeInclusive;

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::ApiError;
use crate::resources::{By, Identity};
use crate::service::Behavior;
use crate::toolkit::MapsErrors;

const MISSING: &str = "start-configuration-session/*-identifier/required/missing";
const NULL: &str = "start-configuration-session/*-identifier/required/null";

pub(super) const ALL: &[Mutant] = &[
    mutant("missing-looked-up-as-empty")
        .about("A missing identifier counts as the empty string, which is looked up and not found.")
        .must_fail(&[MISSING, "start-configuration-session/*-identifier/length/empty"])
        .may_fail(&[
            "start-configuration-session/*/required/other-letter-case",
            "start-configuration-session/*/required/other-name",
        ])
        .behavior(|| Box::new(MissingIsEmpty)),
    mutant("missing-fails")
        .about("A missing identifier makes the server fail.")
        .must_fail(&[MISSING])
        .may_fail(&[
            "start-configuration-session/*/required/other-letter-case",
            "start-configuration-session/*/required/other-name",
        ])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Missing(Parameter::ConfigurationToken) => error,
                ApiError::Missing(_) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("missing-environment-accepted")
        .about("Without an environment the session uses the first one of the application.")
        .must_fail(&["start-configuration-session/environment-identifier/required/missing"])
        .may_fail(&[
            "start-configuration-session/environment-identifier/required/other-letter-case",
            "start-configuration-session/environment-identifier/required/other-name",
            "start-configuration-session/validation-first*",
        ])
        .behavior(|| Box::new(AnyEnvironment)),
    mutant("null-looked-up")
        .about("A null identifier is looked up as the string `null`.")
        .must_fail(&[NULL])
        .behavior(|| Box::new(NullIsString)),
    mutant("null-fails").about("A null identifier makes the server fail.").must_fail(&[NULL]).behavior(
        || {
            Box::new(MapsErrors(|error| match error {
                ApiError::Null(_) => ApiError::Internal,
                other => other,
            }))
        },
    ),
];

struct MissingIsEmpty;

impl Behavior for MissingIsEmpty {
    fn missing_identifier(&self, _: Parameter) -> Result<String, ApiError> {
        Ok(String::new())
    }

    fn identifier_length(&self, _: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        0..=*dialect.identifier_length.end()
    }
}

struct AnyEnvironment;

impl AnyEnvironment {
    /// A name that no resource has.
    const ANY: &str = "\0";
}

impl Behavior for AnyEnvironment {
    fn missing_identifier(&self, parameter: Parameter) -> Result<String, ApiError> {
        match parameter {
            Parameter::EnvironmentIdentifier => Ok(Self::ANY.to_owned()),
            other => Err(ApiError::Missing(other)),
        }
    }

    fn identifies(&self, by: By, _: Parameter, requested: &str, identity: &Identity) -> bool {
        requested == Self::ANY || requested == identity.by(by)
    }
}

struct NullIsString;

impl Behavior for NullIsString {
    fn null_identifier(&self, _: Parameter) -> Result<String, ApiError> {
        Ok("null".to_owned())
    }
}
