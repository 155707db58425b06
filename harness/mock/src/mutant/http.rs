//! Methods, paths, content types and chunked bodies.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use http::{Method, Request, StatusCode};

use super::definition::{Mutant, mutant};
use crate::contract::Dialect;
use crate::protocol::{ApiError, Operation, query_parameters};
use crate::service::{Behavior, Reference};
use crate::toolkit::MapsErrors;

const METHODS: &str = "*/http/method/*";
const PATHS: &str = "start-configuration-session/http/path/*";

pub(super) const ALL: &[Mutant] = &[
    mutant("start-by-any-method")
        .about("Any method starts a session.")
        .must_fail(&[
            "start-configuration-session/http/method/put",
            "start-configuration-session/http/method/patch",
        ])
        .may_fail(&[
            // If the request has a body.
            "start-configuration-session/http/method/get",
            "start-configuration-session/http/method/delete",
        ])
        .behavior(|| {
            Box::new(Routes(|request, dialect| {
                (request.uri().path() == dialect.start_path).then_some(Ok(Operation::Start))
            }))
        }),
    mutant("poll-by-any-method")
        .about("Any method polls a session.")
        .must_fail(&["get-latest-configuration/http/method/*"])
        .behavior(|| {
            Box::new(Routes(|request, dialect| {
                (request.uri().path() == dialect.get_path).then_some(Ok(Operation::Poll))
            }))
        }),
    mutant("delete-returns-200")
        .about("The method DELETE gets 200 on any path.")
        .must_fail(&["*/http/method/delete"])
        .behavior(|| Box::new(DeleteSucceeds)),
    mutant("wrong-method-fails")
        .about("A method that the path does not have makes the server fail.")
        .must_fail(&[METHODS])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::WrongMethod(_) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("unknown-path-returns-200")
        .about("A path that no operation has gets 200.")
        .must_fail(&[PATHS])
        .may_fail(&["*/http/open/trailing-slash"])
        .behavior(|| Box::new(AcceptsUnknownPaths)),
    mutant("unknown-path-fails")
        .about("A path that no operation has makes the server fail.")
        .must_fail(&[PATHS])
        .may_fail(&["*/http/open/trailing-slash"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::UnknownPath => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("longer-path-accepted")
        .about("Any path that begins with the right one starts a session.")
        .must_fail(&["start-configuration-session/http/path/longer"])
        .may_fail(&[
            // Under the page the path is `/`, with which every path begins.
            "start-configuration-session/http/path/unknown",
        ])
        .behavior(|| {
            Box::new(Routes(|request, dialect| {
                let longer = request.uri().path().starts_with(&dialect.start_path);
                (longer && request.method() == Method::POST).then_some(Ok(Operation::Start))
            }))
        }),
    mutant("trailing-slash-fails")
        .about("A slash at the end of a path makes the server fail.")
        .must_fail(&["get-latest-configuration/http/open/trailing-slash"])
        .may_fail(&["start-configuration-session/http/open/trailing-slash"])
        .behavior(|| {
            Box::new(Routes(|request, _| {
                let path = request.uri().path();
                (path.len() > 1 && path.ends_with('/')).then_some(Err(ApiError::Internal))
            }))
        }),
    mutant("plus-in-query-fails")
        .about("A plus sign in the query makes the server fail.")
        .must_fail(&["get-latest-configuration/http/open/plus-in-query"])
        .behavior(|| {
            Box::new(Routes(|request, _| {
                let plus = request.uri().query().is_some_and(|query| query.contains('+'));
                plus.then_some(Err(ApiError::Internal))
            }))
        }),
    mutant("repeated-token-fails")
        .about("A repeated token parameter makes the server fail.")
        .must_fail(&["get-latest-configuration/http/open/repeated-parameter"])
        .behavior(|| {
            Box::new(Routes(|request, _| {
                let query = request.uri().query().unwrap_or_default();
                let twice = query_parameters(query, "configuration_token").nth(1).is_some();
                twice.then_some(Err(ApiError::Internal))
            }))
        }),
    mutant("other-content-type-fails")
        .about("A body with another content type than JSON makes the server fail.")
        .must_fail(&["start-configuration-session/http/content-type/*"])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::MediaType => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("missing-content-type-fails")
        .about("A body without a content type makes the server fail.")
        .must_fail(&["start-configuration-session/http/content-type/missing"])
        .behavior(|| Box::new(FailsWithoutType)),
    mutant("charset-refused")
        .about("A content type with parameters is refused.")
        .must_fail(&["start-configuration-session/http/content-type-parameters/charset"])
        .behavior(|| Box::new(RefusesParameters)),
    mutant("chunked-body-lost")
        .about("A chunked body is read as empty.")
        .must_fail(&["start-configuration-session/http/framing/chunked"])
        .behavior(|| Box::new(Routes(|request, _| is_chunked(request).then_some(Err(ApiError::EmptyBody))))),
    mutant("chunked-body-fails")
        .about("A chunked body makes the server fail.")
        .must_fail(&["start-configuration-session/http/framing/chunked"])
        .behavior(|| Box::new(Routes(|request, _| is_chunked(request).then_some(Err(ApiError::Internal))))),
];

/// The operation that a request calls, or an error.
type Route = Result<Operation, ApiError>;

/// Routes some requests in another way.
struct Routes(fn(&Request<Bytes>, &Dialect) -> Option<Route>);

impl Behavior for Routes {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Route {
        (self.0)(request, dialect).unwrap_or_else(|| Reference.route(request, dialect))
    }
}

struct FailsWithoutType;

impl Behavior for FailsWithoutType {
    fn check_content_type(&self, request: &Request<Bytes>) -> Result<(), ApiError> {
        if request.headers().contains_key(CONTENT_TYPE) {
            Reference.check_content_type(request)
        } else {
            Err(ApiError::Internal)
        }
    }
}

struct RefusesParameters;

impl Behavior for RefusesParameters {
    fn check_content_type(&self, request: &Request<Bytes>) -> Result<(), ApiError> {
        match request.headers().get(CONTENT_TYPE) {
            Some(content_type) if content_type.as_bytes().contains(&b';') => Err(ApiError::MediaType),
            _ => Reference.check_content_type(request),
        }
    }
}

fn is_chunked(request: &Request<Bytes>) -> bool {
    request.headers().contains_key(TRANSFER_ENCODING)
}

struct DeleteSucceeds;

impl Behavior for DeleteSucceeds {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Route {
        if request.method() == Method::DELETE {
            return Err(ApiError::WrongMethod(Method::DELETE));
        }
        Reference.route(request, dialect)
    }

    fn status(&self, error: &ApiError) -> StatusCode {
        if *error == ApiError::WrongMethod(Method::DELETE) { StatusCode::OK } else { error.status() }
    }
}

struct AcceptsUnknownPaths;

impl Behavior for AcceptsUnknownPaths {
    fn status(&self, error: &ApiError) -> StatusCode {
        if *error == ApiError::UnknownPath { StatusCode::OK } else { error.status() }
    }
}
