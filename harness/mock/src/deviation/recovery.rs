//! Refusals that leave something behind on their connection, for the next request to trip over.

use std::collections::HashSet;
use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};

use super::{Deviation, deviation, fault_of, is_start};
use crate::behaviour::Behaviour;
use crate::fault::{Fault, Parameter, Problem};
use crate::front::Connection;
use crate::memory::locked;
use crate::resources::{NotFound, ResourceKind};

const STARTS: &str = "start-configuration-session/recovery";
const POLLS: &str = "get-latest-configuration/recovery";

/// Whose request comes next on a connection is a matter of chance.
const ANYTHING: &[&str] = &["*"];

pub(super) const ALL: &[Deviation] = &[
    deviation("malformed-body-lingers")
    .about("After a body that is not JSON the next request on the connection is refused.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behaviour(|| Lingers::boxed(|fault| *fault == Fault::Malformed, |_| Some(Fault::EmptyBody))),
    deviation("broken-constraint-lingers")
    .about("After an identifier of a wrong length the next session on the connection is refused too.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behaviour(|| {
            Lingers::boxed(
                |fault| matches!(fault, Fault::Length(parameter, _) if *parameter != Parameter::ConfigurationToken),
                |request| is_start(request).then_some(Fault::Malformed),
            )
        }),
    deviation("unknown-resource-lingers")
    .about("After an unknown resource the next session on the connection is not found either.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behaviour(|| {
            Lingers::boxed(
                |fault| matches!(fault, Fault::NotFound(missing) if !missing.referenced_by.is_empty()),
                |request| {
                    let missing = NotFound { kind: ResourceKind::Deployment, referenced_by: Vec::new() };
                    is_start(request).then_some(Fault::NotFound(missing))
                },
            )
        }),
    deviation("wrong-type-lingers")
    .about("After a member of a wrong type the next request on the connection makes the server fail.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behaviour(|| {
            Lingers::boxed(|fault| matches!(fault, Fault::WrongType(..)), |_| Some(Fault::Internal))
        }),
    deviation("wrong-method-lingers")
    .about("After a wrong method the next request on the connection makes the server fail.")
    .must_fail(&["*/recovery"])
    .may_fail(ANYTHING)
    .behaviour(|| {
            Lingers::boxed(|fault| matches!(fault, Fault::WrongMethod(_)), |_| Some(Fault::Internal))
        }),
    deviation("bad-token-lingers")
    .about("After a token that was never issued the next poll on the connection is refused.")
    .must_fail(&[POLLS])
    .may_fail(ANYTHING)
    .behaviour(|| {
            Lingers::boxed(
                |fault| *fault == Fault::Token(Problem::Corrupted),
                |request| (!is_start(request)).then_some(Fault::Pattern(Parameter::ConfigurationToken)),
            )
        }),
    deviation("missing-token-lingers")
    .about("After a poll without a token the next one on the connection makes the server fail.")
    .must_fail(&[POLLS])
    .may_fail(ANYTHING)
    .behaviour(|| {
            Lingers::boxed(
                |fault| *fault == Fault::Missing(Parameter::ConfigurationToken),
                |request| (!is_start(request)).then_some(Fault::Internal),
            )
        }),
];

/// After some refusals the next request on the connection goes wrong.
struct Lingers {
    /// The refusals.
    after: fn(&Fault) -> bool,
    /// How the next request goes wrong, if it is of the sort that does. It is no refusal of those
    /// above, or the connection would never recover.
    then: fn(&Request<Bytes>) -> Option<Fault>,
    /// The connections that something is left on.
    left: Mutex<HashSet<Connection>>,
}

impl Lingers {
    fn boxed(after: fn(&Fault) -> bool, then: fn(&Request<Bytes>) -> Option<Fault>) -> Box<dyn Behaviour> {
        Box::new(Self { after, then, left: Mutex::default() })
    }
}

impl Behaviour for Lingers {
    fn admit(&self, request: &Request<Bytes>) -> Result<(), Fault> {
        let connection = request.extensions().get::<Connection>();
        match (self.then)(request) {
            Some(fault) if connection.is_some_and(|connection| locked(&self.left).remove(connection)) => {
                Err(fault)
            }
            _ => Ok(()),
        }
    }

    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if let Some(connection) = request.extensions().get::<Connection>()
            && fault_of(&response).is_some_and(self.after)
        {
            locked(&self.left).insert(*connection);
        }
        response
    }
}
