//! Servers that implement only a part of the service.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::{ApiError, Operation};
use crate::resources::{DeploymentKey, Identifiers, NotFound, Resources};
use crate::service::{Behavior, Reference};
use crate::token::Claims;
use crate::toolkit::{error_of, with_body, with_status, without_header};

pub(super) const ALL: &[Mutant] = &[
    mutant("polls-not-offered")
    .about("Sessions start, but the path of polls is unknown.")
    .must_fail(&["get-latest-configuration/accepts"])
    .may_fail(&["get-latest-configuration/accepts/*"])
    .behavior(|| Box::new(StartsOnly)),
    mutant("unknown-operation-returns-empty-204")
    .about("Methods and paths that no operation has get an empty 204.")
    .must_fail(&["*/http/method/*", "start-configuration-session/http/path/*"])
    .may_fail(&["*/http/open/trailing-slash"])
    .behavior(|| Box::new(ReturnsNoContent)),
    mutant("nothing-looked-up")
    .about("Any identifiers start a session, lengths and intervals are not checked, and no configuration is served.")
    .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/nesting/*",
            "start-configuration-session/*-identifier/resource/*",
            "get-latest-configuration/response/configuration",
        ])
    .may_fail(&[
            "start-configuration-session/*-identifier/*",
            "start-configuration-session/combinations/*",
            "start-configuration-session/required-minimum-poll-interval-in-seconds/*",
            "start-configuration-session/validation-first/*",
            "get-latest-configuration/sessions/*",
        ])
    .behavior(|| Box::new(LooksNothingUp)),
];

struct StartsOnly;

impl Behavior for StartsOnly {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, ApiError> {
        match Reference.route(request, dialect)? {
            Operation::Poll => Err(ApiError::UnknownPath),
            operation @ Operation::Start => Ok(operation),
        }
    }
}

struct ReturnsNoContent;

impl Behavior for ReturnsNoContent {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if !matches!(error_of(&response), Some(ApiError::UnknownPath | ApiError::WrongMethod(_))) {
            return response;
        }
        let names: Vec<_> = response.headers().keys().cloned().collect();
        let response = names.iter().fold(response, without_header);
        with_status(with_body(response, Bytes::new()), StatusCode::NO_CONTENT)
    }
}

struct LooksNothingUp;

impl Behavior for LooksNothingUp {
    fn identifier_length(&self, _: Parameter, _: &Dialect) -> RangeInclusive<usize> {
        0..=usize::MAX
    }

    fn interval_out_of_range(&self, _: i64) -> Result<Option<NonZeroU32>, ApiError> {
        Ok(None)
    }

    fn find_deployment(&self, _: &Resources, _: &Identifiers) -> Result<DeploymentKey, NotFound> {
        Ok(DeploymentKey(0))
    }

    fn is_unchanged(&self, _: &Claims, _: u64) -> bool {
        true
    }
}
