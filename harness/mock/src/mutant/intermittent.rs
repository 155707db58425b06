//! Bugs that affect one request in many, whatever it asks for.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::json;

use super::definition::{Mutant, mutant};
use crate::protocol::{ApiError, ERROR_TYPE, NEXT_POLL_TOKEN, TokenProblem, VERSION_LABEL};
use crate::resources::{DeploymentKey, Identifiers, NotFound, Resources};
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Sealer};
use crate::toolkit::{
    EveryNth, error_of, is_start, with_body, with_document, with_header, with_status, without_header,
};

const ANY: &[&str] = &["*/stability"];
const STARTS: &[&str] = &["start-configuration-session/stability"];
const POLLS: &[&str] = &["get-latest-configuration/stability"];

/// It is random which requests are affected, and a repeated request may be affected again.
const ANYTHING: &[&str] = &["*"];
const ANY_POLL: &[&str] = &["get-latest-configuration/*"];

pub(super) const ALL: &[Mutant] = &[
    mutant("every-200th-request-fails")
        .about("The server fails before it processes every 200th request.")
        .must_fail(ANY)
        .may_fail(ANYTHING)
        .behavior(|| Box::new(Fails(EveryNth::new(200)))),
    mutant("every-150th-start-not-found")
        .about("Every 150th call that starts a session gets 404.")
        .must_fail(STARTS)
        .may_fail(ANYTHING)
        .behavior(|| Box::new(FindsNothing(EveryNth::new(150)))),
    mutant("every-200th-poll-without-token")
        .about("Every 200th response to a poll carries no token.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behavior(|| {
            RewritesSuccesses::boxed(200, false, |response| without_header(response, &NEXT_POLL_TOKEN))
        }),
    mutant("every-150th-poll-refused")
        .about("Every 150th token is refused, although it was never used.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behavior(|| Box::new(RefusesTokens(EveryNth::new(150)))),
    mutant("every-150th-configuration-cut")
        .about("The body of every 150th response to a poll is a single byte.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behavior(|| RewritesSuccesses::boxed(150, false, |response| with_body(response, "{"))),
    mutant("every-120th-start-in-html")
        .about("Every 120th response to a started session is an HTML page.")
        .must_fail(STARTS)
        .may_fail(ANYTHING)
        .behavior(|| {
            RewritesSuccesses::boxed(120, true, |response| {
                with_body(with_header(response, CONTENT_TYPE, "text/html"), "<h1>Welcome</h1>")
            })
        }),
    mutant("every-200th-poll-returns-204")
        .about("Every 200th poll gets 204.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behavior(|| {
            RewritesSuccesses::boxed(200, false, |response| {
                let response = without_header(response, &VERSION_LABEL);
                with_body(with_status(response, StatusCode::NO_CONTENT), "")
            })
        }),
    mutant("every-10th-error-without-type-header")
        .about("The type of every tenth error is in the body only.")
        .must_fail(&["*/errors/type-header"])
        .behavior(|| Box::new(MovesTypes(EveryNth::new(10)))),
    mutant("every-40th-reuse-accepted")
        .about("Every 40th used token is accepted.")
        .must_fail(&["get-latest-configuration/configuration-token/single-use"])
        .may_fail(&[
            "get-latest-configuration/configuration-token/single-use*",
            "get-latest-configuration/stability",
        ])
        .behavior(|| Box::new(AcceptsReuse(EveryNth::new(40)))),
];

struct Fails(EveryNth);

impl Behavior for Fails {
    fn on_request(&self, _: &Request<Bytes>) -> Result<(), ApiError> {
        if self.0.hit() { Err(ApiError::Internal) } else { Ok(()) }
    }
}

struct FindsNothing(EveryNth);

impl Behavior for FindsNothing {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        let found = Reference.find_deployment(resources, identifiers)?;
        if self.0.hit() {
            return Err(NotFound::unnamed());
        }
        Ok(found)
    }
}

struct RefusesTokens(EveryNth);

impl Behavior for RefusesTokens {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let claims = Reference.open(sealer, token)?;
        if self.0.hit() { Err(ApiError::Token(TokenProblem::Corrupted)) } else { Ok(claims) }
    }
}

struct AcceptsReuse(EveryNth);

impl Behavior for AcceptsReuse {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_used(claims, newest) && !self.0.hit()
    }
}

/// Moves the type of some errors from the header to the body.
struct MovesTypes(EveryNth);

impl Behavior for MovesTypes {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if response.status().is_success() || !self.0.hit() {
            return response;
        }
        let name = error_of(&response).map(ApiError::error_type);
        let response = without_header(response, &ERROR_TYPE);
        with_document(response, |body| body["__type"] = json!(name))
    }
}

/// Changes some responses to successful calls.
struct RewritesSuccesses {
    nth: EveryNth,
    /// Whether to change responses to starts, or to polls.
    starts: bool,
    change: fn(Response<Bytes>) -> Response<Bytes>,
}

impl RewritesSuccesses {
    fn boxed(n: u64, starts: bool, change: fn(Response<Bytes>) -> Response<Bytes>) -> Box<dyn Behavior> {
        Box::new(Self { nth: EveryNth::new(n), starts, change })
    }
}

impl Behavior for RewritesSuccesses {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let applies = response.status().is_success() && is_start(request) == self.starts;
        if applies && self.nth.hit() { (self.change)(response) } else { response }
    }
}
