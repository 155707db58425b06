//! Errors that affect the next request on the same connection.

use std::collections::HashSet;
use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};

use super::definition::{Mutant, mutant};
use crate::contract::Parameter;
use crate::protocol::{ApiError, TokenProblem};
use crate::resources::NotFound;
use crate::server::Connection;
use crate::service::Behavior;
use crate::toolkit::{error_of, is_start, locked};

const STARTS: &str = "start-configuration-session/recovery";
const POLLS: &str = "get-latest-configuration/recovery";

/// It is random which request comes next on a connection.
const ANYTHING: &[&str] = &["*"];

pub(super) const ALL: &[Mutant] = &[
    mutant("malformed-body-lingers")
    .about("After a body that is not JSON the next request on the connection is refused.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behavior(|| Lingers::boxed(|error| *error == ApiError::Malformed, |_| Some(ApiError::EmptyBody))),
    mutant("broken-constraint-lingers")
    .about("After an identifier of a wrong length the next start of a session on the connection is refused.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behavior(|| {
            Lingers::boxed(
                |error| matches!(error, ApiError::Length(parameter, _) if *parameter != Parameter::ConfigurationToken),
                |request| is_start(request).then_some(ApiError::Malformed),
            )
        }),
    mutant("unknown-resource-lingers")
    .about("After an unknown resource the next start of a session on the connection gets 404.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behavior(|| {
            Lingers::boxed(
                |error| matches!(error, ApiError::NotFound(missing) if !missing.referenced_by.is_empty()),
                |request| {
                    let missing = NotFound::unnamed();
                    is_start(request).then_some(ApiError::NotFound(missing))
                },
            )
        }),
    mutant("wrong-type-lingers")
    .about("After a member of a wrong type the next request on the connection makes the server fail.")
    .must_fail(&[STARTS])
    .may_fail(ANYTHING)
    .behavior(|| {
            Lingers::boxed(|error| matches!(error, ApiError::WrongType(..)), |_| Some(ApiError::Internal))
        }),
    mutant("wrong-method-lingers")
    .about("After a wrong method the next request on the connection makes the server fail.")
    .must_fail(&["*/recovery"])
    .may_fail(ANYTHING)
    .behavior(|| {
            Lingers::boxed(|error| matches!(error, ApiError::WrongMethod(_)), |_| Some(ApiError::Internal))
        }),
    mutant("bad-token-lingers")
    .about("After a token that was never issued the next poll on the connection is refused.")
    .must_fail(&[POLLS])
    .may_fail(ANYTHING)
    .behavior(|| {
            Lingers::boxed(
                |error| *error == ApiError::Token(TokenProblem::Corrupted),
                |request| (!is_start(request)).then_some(ApiError::Pattern(Parameter::ConfigurationToken)),
            )
        }),
    mutant("missing-token-lingers")
    .about("After a poll without a token the next poll on the connection makes the server fail.")
    .must_fail(&[POLLS])
    .may_fail(ANYTHING)
    .behavior(|| {
            Lingers::boxed(
                |error| *error == ApiError::Missing(Parameter::ConfigurationToken),
                |request| (!is_start(request)).then_some(ApiError::Internal),
            )
        }),
];

/// After certain errors the next request on the connection goes wrong.
struct Lingers {
    /// The errors that have this effect.
    after: fn(&ApiError) -> bool,
    /// The error of the next request, if that request is affected. `after` does not accept it, since the
    /// connection would never recover.
    then: fn(&Request<Bytes>) -> Option<ApiError>,
    /// The connections whose next request is affected.
    affected: Mutex<HashSet<Connection>>,
}

impl Lingers {
    fn boxed(
        after: fn(&ApiError) -> bool,
        then: fn(&Request<Bytes>) -> Option<ApiError>,
    ) -> Box<dyn Behavior> {
        Box::new(Self { after, then, affected: Mutex::default() })
    }
}

impl Behavior for Lingers {
    fn on_request(&self, request: &Request<Bytes>) -> Result<(), ApiError> {
        let connection = request.extensions().get::<Connection>();
        match (self.then)(request) {
            Some(error) if connection.is_some_and(|connection| locked(&self.affected).remove(connection)) => {
                Err(error)
            }
            _ => Ok(()),
        }
    }

    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if let Some(connection) = request.extensions().get::<Connection>()
            && error_of(&response).is_some_and(self.after)
        {
            locked(&self.affected).insert(*connection);
        }
        response
    }
}
