//! Faults that one request in many shows, whatever it asks.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};

use serde_json::json;

use super::{
    Deviation, deviation, fault_of, is_start, with_body, with_document, with_header, with_status,
    without_header,
};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, Problem};
use crate::memory::Every;
use crate::render::{ERROR_TYPE, NEXT_POLL_TOKEN, VERSION_LABEL};
use crate::resources::{DeploymentKey, Identifiers, NotFound, ResourceKind, Resources};
use crate::token::{Claims, Sealer};

const ANY: &[&str] = &["*/stability"];
const STARTS: &[&str] = &["start-configuration-session/stability"];
const POLLS: &[&str] = &["get-latest-configuration/stability"];

/// Which requests are hit is a matter of chance, and one may be hit again when it is repeated.
const ANYTHING: &[&str] = &["*"];
const ANY_POLL: &[&str] = &["get-latest-configuration/*"];

pub(super) const ALL: &[Deviation] = &[
    deviation("every-200th-request-fails")
        .about("Every two hundredth request makes the server fail, before it is carried out.")
        .must_fail(ANY)
        .may_fail(ANYTHING)
        .behaviour(|| Box::new(Fails(Every::new(200)))),
    deviation("every-150th-start-not-found")
        .about("Every hundred and fiftieth session that is asked for is not found.")
        .must_fail(STARTS)
        .may_fail(ANYTHING)
        .behaviour(|| Box::new(Misses(Every::new(150)))),
    deviation("every-200th-poll-without-token")
        .about("Every two hundredth answer to a poll lacks its token.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behaviour(|| Answers::boxed(200, false, |response| without_header(response, &NEXT_POLL_TOKEN))),
    deviation("every-150th-poll-refused")
        .about("Every hundred and fiftieth token is refused, though it has not served yet.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behaviour(|| Box::new(Refuses(Every::new(150)))),
    deviation("every-150th-configuration-cut")
        .about("Every hundred and fiftieth answer to a poll carries one byte only.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behaviour(|| Answers::boxed(150, false, |response| with_body(response, "{"))),
    deviation("every-120th-start-in-html")
        .about("Every hundred and twentieth answer to a started session is a page in HTML.")
        .must_fail(STARTS)
        .may_fail(ANYTHING)
        .behaviour(|| {
            Answers::boxed(120, true, |response| {
                with_body(with_header(response, CONTENT_TYPE, "text/html"), "<h1>Welcome</h1>")
            })
        }),
    deviation("every-200th-poll-answers-204")
        .about("Every two hundredth poll is answered with 204.")
        .must_fail(POLLS)
        .may_fail(ANY_POLL)
        .behaviour(|| {
            Answers::boxed(200, false, |response| {
                let response = without_header(response, &VERSION_LABEL);
                with_body(with_status(response, StatusCode::NO_CONTENT), "")
            })
        }),
    deviation("every-10th-error-without-type-header")
        .about("Every tenth error tells its type in the body only.")
        .must_fail(&["*/errors/type-header"])
        .behaviour(|| Box::new(Withholds(Every::new(10)))),
    deviation("every-40th-reuse-accepted")
        .about("Every fortieth token that was used before is accepted.")
        .must_fail(&["get-latest-configuration/configuration-token/single-use"])
        .may_fail(&[
            "get-latest-configuration/configuration-token/single-use*",
            "get-latest-configuration/stability",
        ])
        .behaviour(|| Box::new(Relents(Every::new(40)))),
];

struct Fails(Every);

impl Behaviour for Fails {
    fn admit(&self, _: &Request<Bytes>) -> Result<(), Fault> {
        if self.0.hit() { Err(Fault::Internal) } else { Ok(()) }
    }
}

struct Misses(Every);

impl Behaviour for Misses {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        let found = Reference.locate(resources, identifiers)?;
        if self.0.hit() {
            return Err(NotFound { kind: ResourceKind::Deployment, referenced_by: Vec::new() });
        }
        Ok(found)
    }
}

struct Refuses(Every);

impl Behaviour for Refuses {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let claims = Reference.open(sealer, token)?;
        if self.0.hit() { Err(Fault::Token(Problem::Corrupted)) } else { Ok(claims) }
    }
}

struct Relents(Every);

impl Behaviour for Relents {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_spent(claims, newest) && !self.0.hit()
    }
}

/// Some of the errors have no header with their type.
struct Withholds(Every);

impl Behaviour for Withholds {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if response.status().is_success() || !self.0.hit() {
            return response;
        }
        let name = fault_of(&response).map(Fault::error_type);
        let response = without_header(response, &ERROR_TYPE);
        with_document(response, |body| body["__type"] = json!(name))
    }
}

/// Changes some of the answers that tell success.
struct Answers {
    some: Every,
    /// To starts, or else to polls.
    starts: bool,
    change: fn(Response<Bytes>) -> Response<Bytes>,
}

impl Answers {
    fn boxed(times: u64, starts: bool, change: fn(Response<Bytes>) -> Response<Bytes>) -> Box<dyn Behaviour> {
        Box::new(Self { some: Every::new(times), starts, change })
    }
}

impl Behaviour for Answers {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let concerned = response.status().is_success() && is_start(request) == self.starts;
        if concerned && self.some.hit() { (self.change)(response) } else { response }
    }
}
