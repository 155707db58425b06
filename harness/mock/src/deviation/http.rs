//! Methods, paths, content types and the framing of the body.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use http::{Method, Request, StatusCode};

use super::{Deviation, Reports, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::read::{Operation, query_parameters};

const METHODS: &str = "*/http/method/*";
const PATHS: &str = "start-configuration-session/http/path/*";

pub(super) const ALL: &[Deviation] = &[
    deviation("start-by-any-method")
        .about("A session is started by any method.")
        .must_fail(&[
            "start-configuration-session/http/method/put",
            "start-configuration-session/http/method/patch",
        ])
        .may_fail(&[
            // If they carry a body.
            "start-configuration-session/http/method/get",
            "start-configuration-session/http/method/delete",
        ])
        .behaviour(|| {
            Box::new(Routes(|request, dialect| {
                (request.uri().path() == dialect.start_path).then_some(Ok(Operation::Start))
            }))
        }),
    deviation("poll-by-any-method")
        .about("A session is polled by any method.")
        .must_fail(&["get-latest-configuration/http/method/*"])
        .behaviour(|| {
            Box::new(Routes(|request, dialect| {
                (request.uri().path() == dialect.get_path).then_some(Ok(Operation::Poll))
            }))
        }),
    deviation("delete-answers-200")
        .about("The method DELETE is answered with success, on any path.")
        .must_fail(&["*/http/method/delete"])
        .behaviour(|| Box::new(DeleteSucceeds)),
    deviation("wrong-method-fails")
        .about("A method that the path does not have makes the server fail.")
        .must_fail(&[METHODS])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::WrongMethod(_) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("unknown-path-answers-200")
        .about("A path that no operation has is answered with 200.")
        .must_fail(&[PATHS])
        .may_fail(&["*/http/open/trailing-slash"])
        .behaviour(|| Box::new(Welcomes)),
    deviation("unknown-path-fails")
        .about("A path that no operation has makes the server fail.")
        .must_fail(&[PATHS])
        .may_fail(&["*/http/open/trailing-slash"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::UnknownPath => Fault::Internal,
                other => other,
            }))
        }),
    deviation("longer-path-accepted")
        .about("A session is started by any path that begins with the right one.")
        .must_fail(&["start-configuration-session/http/path/longer"])
        .may_fail(&[
            // Every path begins with that of the page.
            "start-configuration-session/http/path/unknown",
        ])
        .behaviour(|| {
            Box::new(Routes(|request, dialect| {
                let longer = request.uri().path().starts_with(&dialect.start_path);
                (longer && request.method() == Method::POST).then_some(Ok(Operation::Start))
            }))
        }),
    deviation("trailing-slash-fails")
        .about("A slash behind a path makes the server fail.")
        .must_fail(&["get-latest-configuration/http/open/trailing-slash"])
        .may_fail(&["start-configuration-session/http/open/trailing-slash"])
        .behaviour(|| {
            Box::new(Routes(|request, _| {
                let path = request.uri().path();
                (path.len() > 1 && path.ends_with('/')).then_some(Err(Fault::Internal))
            }))
        }),
    deviation("plus-in-query-fails")
        .about("A plus sign in the query makes the server fail.")
        .must_fail(&["get-latest-configuration/http/open/plus-in-query"])
        .behaviour(|| {
            Box::new(Routes(|request, _| {
                let plus = request.uri().query().is_some_and(|query| query.contains('+'));
                plus.then_some(Err(Fault::Internal))
            }))
        }),
    deviation("repeated-token-fails")
        .about("A token that stands in the query twice makes the server fail.")
        .must_fail(&["get-latest-configuration/http/open/repeated-parameter"])
        .behaviour(|| {
            Box::new(Routes(|request, _| {
                let query = request.uri().query().unwrap_or_default();
                let twice = query_parameters(query, "configuration_token").nth(1).is_some();
                twice.then_some(Err(Fault::Internal))
            }))
        }),
    deviation("other-content-type-fails")
        .about("A body that is not declared as JSON makes the server fail.")
        .must_fail(&["start-configuration-session/http/content-type/*"])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::MediaType => Fault::Internal,
                other => other,
            }))
        }),
    deviation("missing-content-type-fails")
        .about("A body without content type makes the server fail.")
        .must_fail(&["start-configuration-session/http/content-type/missing"])
        .behaviour(|| Box::new(FailsWithoutType)),
    deviation("charset-refused")
        .about("A content type with parameters is refused.")
        .must_fail(&["start-configuration-session/http/content-type-parameters/charset"])
        .behaviour(|| Box::new(RefusesParameters)),
    deviation("chunked-body-lost")
        .about("A body in chunks is read as an empty one.")
        .must_fail(&["start-configuration-session/http/framing/chunked"])
        .behaviour(|| Box::new(Routes(|request, _| is_chunked(request).then_some(Err(Fault::EmptyBody))))),
    deviation("chunked-body-fails")
        .about("A body in chunks makes the server fail.")
        .must_fail(&["start-configuration-session/http/framing/chunked"])
        .behaviour(|| Box::new(Routes(|request, _| is_chunked(request).then_some(Err(Fault::Internal))))),
];

/// The operation that a request calls, or why none.
type Route = Result<Operation, Fault>;

/// Routes some requests otherwise.
struct Routes(fn(&Request<Bytes>, &Dialect) -> Option<Route>);

impl Behaviour for Routes {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Route {
        (self.0)(request, dialect).unwrap_or_else(|| Reference.route(request, dialect))
    }
}

struct FailsWithoutType;

impl Behaviour for FailsWithoutType {
    fn media_type(&self, request: &Request<Bytes>) -> Result<(), Fault> {
        if request.headers().contains_key(CONTENT_TYPE) {
            Reference.media_type(request)
        } else {
            Err(Fault::Internal)
        }
    }
}

struct RefusesParameters;

impl Behaviour for RefusesParameters {
    fn media_type(&self, request: &Request<Bytes>) -> Result<(), Fault> {
        match request.headers().get(CONTENT_TYPE) {
            Some(content_type) if content_type.as_bytes().contains(&b';') => Err(Fault::MediaType),
            _ => Reference.media_type(request),
        }
    }
}

fn is_chunked(request: &Request<Bytes>) -> bool {
    request.headers().contains_key(TRANSFER_ENCODING)
}

struct DeleteSucceeds;

impl Behaviour for DeleteSucceeds {
    fn route(&self, request: &Request<Bytes>, dialect: &Dialect) -> Route {
        if request.method() == Method::DELETE {
            return Err(Fault::WrongMethod(Method::DELETE));
        }
        Reference.route(request, dialect)
    }

    fn status(&self, fault: &Fault) -> StatusCode {
        if *fault == Fault::WrongMethod(Method::DELETE) { StatusCode::OK } else { fault.status() }
    }
}

struct Welcomes;

impl Behaviour for Welcomes {
    fn status(&self, fault: &Fault) -> StatusCode {
        if *fault == Fault::UnknownPath { StatusCode::OK } else { fault.status() }
    }
}
