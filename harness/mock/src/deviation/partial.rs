//! Servers that have a part of the service only.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Deviation, deviation, fault_of, with_body, with_status, without_header};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter};
use crate::read::Operation;
use crate::resources::{DeploymentKey, Identifiers, NotFound, Resources};
use crate::token::Claims;

pub(super) const ALL: &[Deviation] = &[
    deviation("polls-not-offered")
    .about("Sessions start, but nothing is at the path of polls.")
    .must_fail(&["get-latest-configuration/accepts"])
    .may_fail(&["get-latest-configuration/accepts/*"])
    .behaviour(|| Box::new(StartsOnly)),
    deviation("unknown-answers-empty-204")
    .about("Methods and paths that no operation has are answered with an empty 204.")
    .must_fail(&["*/http/method/*", "start-configuration-session/http/path/*"])
    .may_fail(&["*/http/open/trailing-slash"])
    .behaviour(|| Box::new(SaysNothing)),
    deviation("nothing-looked-up")
    .about("A session starts whatever is asked for, lengths and intervals are not checked, and nothing is served.")
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
    .behaviour(|| Box::new(LooksNothingUp)),
];

struct StartsOnly;

impl Behaviour for StartsOnly {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, Fault> {
        match Reference.route(request, dialect)? {
            Operation::Poll => Err(Fault::UnknownPath),
            operation @ Operation::Start => Ok(operation),
        }
    }
}

struct SaysNothing;

impl Behaviour for SaysNothing {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if !matches!(fault_of(&response), Some(Fault::UnknownPath | Fault::WrongMethod(_))) {
            return response;
        }
        let names: Vec<_> = response.headers().keys().cloned().collect();
        let bare = names.iter().fold(response, without_header);
        with_status(with_body(bare, Bytes::new()), StatusCode::NO_CONTENT)
    }
}

struct LooksNothingUp;

impl Behaviour for LooksNothingUp {
    fn identifier_length(&self, _: Parameter, _: &Dialect) -> RangeInclusive<usize> {
        0..=usize::MAX
    }

    fn interval_out_of_range(&self, _: i64) -> Result<Option<NonZeroU32>, Fault> {
        Ok(None)
    }

    fn locate(&self, _: &Resources, _: &Identifiers) -> Result<DeploymentKey, NotFound> {
        Ok(DeploymentKey(0))
    }

    fn is_unchanged(&self, _: &Claims, _: u64) -> bool {
        true
    }
}
