//! Members that are missing or null.

use super::{Deviation, Reports, deviation};
use crate::behaviour::Behaviour;
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter};
use crate::resources::{By, Identity};
use std::ops::RangeInclusive;

const MISSING: &str = "start-configuration-session/*-identifier/required/missing";
const NULL: &str = "start-configuration-session/*-identifier/required/null";

pub(super) const ALL: &[Deviation] = &[
    deviation("missing-looked-up-as-empty")
        .about("A missing identifier counts as the empty one, which is looked up and not found.")
        .must_fail(&[MISSING, "start-configuration-session/*-identifier/length/empty"])
        .may_fail(&[
            "start-configuration-session/*/required/other-letter-case",
            "start-configuration-session/*/required/other-name",
        ])
        .behaviour(|| Box::new(MissingIsEmpty)),
    deviation("missing-fails")
        .about("A missing identifier makes the server fail.")
        .must_fail(&[MISSING])
        .may_fail(&[
            "start-configuration-session/*/required/other-letter-case",
            "start-configuration-session/*/required/other-name",
        ])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Missing(Parameter::ConfigurationToken) => fault,
                Fault::Missing(_) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("missing-environment-accepted")
        .about("Without an environment the session gets the first one of the application.")
        .must_fail(&["start-configuration-session/environment-identifier/required/missing"])
        .may_fail(&[
            "start-configuration-session/environment-identifier/required/other-letter-case",
            "start-configuration-session/environment-identifier/required/other-name",
            "start-configuration-session/validation-first*",
        ])
        .behaviour(|| Box::new(AnyEnvironment)),
    deviation("null-looked-up")
        .about("A null identifier is looked up as the text `null`.")
        .must_fail(&[NULL])
        .behaviour(|| Box::new(NullIsText)),
    deviation("null-fails").about("A null identifier makes the server fail.").must_fail(&[NULL]).behaviour(
        || {
            Box::new(Reports(|fault| match fault {
                Fault::Null(_) => Fault::Internal,
                other => other,
            }))
        },
    ),
];

struct MissingIsEmpty;

impl Behaviour for MissingIsEmpty {
    fn missing(&self, _: Parameter) -> Result<String, Fault> {
        Ok(String::new())
    }

    fn identifier_length(&self, _: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        0..=*dialect.identifier_length.end()
    }
}

struct AnyEnvironment;

impl AnyEnvironment {
    /// What no request can give as an identifier that is found.
    const ANY: &str = "\0";
}

impl Behaviour for AnyEnvironment {
    fn missing(&self, parameter: Parameter) -> Result<String, Fault> {
        match parameter {
            Parameter::EnvironmentIdentifier => Ok(Self::ANY.to_owned()),
            other => Err(Fault::Missing(other)),
        }
    }

    fn means(&self, by: By, _: Parameter, wanted: &str, identity: &Identity) -> bool {
        wanted == Self::ANY || wanted == identity.by(by)
    }
}

struct NullIsText;

impl Behaviour for NullIsText {
    fn null(&self, _: Parameter) -> Result<String, Fault> {
        Ok("null".to_owned())
    }
}
