//! How an error is told.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::json;

use super::{
    Deviation, Refuses, deviation, fault_of, with_body, with_document, with_header, with_status,
    without_header,
};
use crate::behaviour::Behaviour;
use crate::fault::{Fault, Parameter};
use crate::render::{ERROR_TYPE, NEXT_POLL_TOKEN};

/// What errors show depends on all that they lack.
const ANYWHERE: &[&str] = &["*"];

const TYPE: &str = "*/errors/type";
const TYPE_HEADER: &str = "*/errors/type-header";
const CONTENT_TYPE_OF_ERRORS: &str = "*/errors/content-type";
const MESSAGE: &str = "*/errors/message";

/// Requests that break a constraint.
const CONSTRAINTS: &[&str] = &[
    "start-configuration-session/*-identifier/required/*",
    "start-configuration-session/*/type/*",
    "start-configuration-session/*/length/empty",
    "start-configuration-session/*/length/above-max*",
    "start-configuration-session/*/length/far-above-max",
    "get-latest-configuration/configuration-token/required/*",
    "get-latest-configuration/configuration-token/pattern/*",
];

/// The same for the interval, which only the model has.
const BOUNDS: &[&str] = &[
    "start-configuration-session/required-minimum-poll-interval-in-seconds/range/negative",
    "start-configuration-session/required-minimum-poll-interval-in-seconds/range/zero",
    "start-configuration-session/required-minimum-poll-interval-in-seconds/range/below-min",
    "start-configuration-session/required-minimum-poll-interval-in-seconds/range/above-max",
    "start-configuration-session/body/duplicates*",
];

/// Requests whose identifiers name nothing.
const UNKNOWN: &[&str] = &[
    "start-configuration-session/*-identifier/resource/*",
    "start-configuration-session/*-identifier/nesting/*",
    "start-configuration-session/*-identifier/length/at-*",
    "start-configuration-session/*-identifier/length/below-max",
];

/// Requests that are refused as malformed.
const MALFORMED: &[&str] = &[
    "start-configuration-session/*-identifier/required/*",
    "start-configuration-session/*/type/*",
    "start-configuration-session/*/length/empty",
    "start-configuration-session/*/length/above-max*",
    "start-configuration-session/*/length/far-above-max",
    "start-configuration-session/body/syntax/*",
    "start-configuration-session/body/document/*",
    "get-latest-configuration/configuration-token/required/*",
    "get-latest-configuration/configuration-token/pattern/*",
    "get-latest-configuration/configuration-token/issued/*",
    "get-latest-configuration/configuration-token/single-use/*",
    "get-latest-configuration/configuration-token/lifetime/*",
];

/// Others of them, and members that an error of another type has otherwise.
const MALFORMED_TOO: &[&str] = &[
    "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
    "start-configuration-session/body/duplicates*",
    "start-configuration-session/combinations/*",
    "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/early",
    "get-latest-configuration/errors/members",
    "get-latest-configuration/configuration-token/padding*",
];

/// Requests that are refused for whichever reason.
const REFUSED: &[&str] = &[
    "start-configuration-session/*-identifier/required/*",
    "start-configuration-session/*-identifier/resource/*",
    "start-configuration-session/*-identifier/nesting/*",
    "start-configuration-session/*-identifier/length/*",
    "start-configuration-session/*/type/*",
    "start-configuration-session/body/syntax/*",
    "start-configuration-session/body/document/*",
    "get-latest-configuration/configuration-token/required/*",
    // What is too long may be refused for that before the operation is known, without a type.
    "get-latest-configuration/configuration-token/pattern/empty",
    "get-latest-configuration/configuration-token/pattern/bare",
    "get-latest-configuration/configuration-token/pattern/outside-class",
    "get-latest-configuration/configuration-token/pattern/issued-with-blank",
    "get-latest-configuration/configuration-token/issued/*",
    "get-latest-configuration/configuration-token/single-use/*",
    "get-latest-configuration/configuration-token/lifetime/*",
    TYPE_HEADER,
];

pub(super) const ALL: &[Deviation] = &[
    deviation("error-type-in-body-only")
        .about("The type of an error stands in the body and not in the header.")
        .must_fail(&[TYPE_HEADER])
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let name = type_of(&response);
                let response = without_header(response, &ERROR_TYPE);
                with_document(response, |body| body["__type"] = json!(name))
            }))
        }),
    deviation("error-type-missing")
        .about("The type of an error is not told at all.")
        .must_fail(REFUSED)
        .may_fail(MALFORMED_TOO)
        .behaviour(|| Box::new(Refuses(|response| without_header(response, &ERROR_TYPE)))),
    deviation("error-type-too-deep")
        .about("The type of an error stands in a nested object of the body, where nobody reads it.")
        .must_fail(REFUSED)
        .may_fail(MALFORMED_TOO)
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let name = type_of(&response);
                let response = without_header(response, &ERROR_TYPE);
                with_document(response, |body| body["Error"] = json!({ "Code": name }))
            }))
        }),
    deviation("error-type-empty")
        .about("The type of an error is an empty text, in the header and in the body.")
        .must_fail(REFUSED)
        .may_fail(MALFORMED_TOO)
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let response = with_header(response, ERROR_TYPE, "");
                with_document(response, |body| body["__type"] = json!(""))
            }))
        }),
    deviation("error-page-without-type")
        .about("An error is a page in HTML and no more.")
        .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/resource/*",
            "start-configuration-session/body/syntax/*",
            "get-latest-configuration/configuration-token/issued/*",
            TYPE_HEADER,
            CONTENT_TYPE_OF_ERRORS,
            MESSAGE,
        ])
        .may_fail(ANYWHERE)
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let response = without_header(response, &ERROR_TYPE);
                let response = with_header(response, CONTENT_TYPE, "text/html; charset=utf-8");
                with_body(response, "<!DOCTYPE html><title>Bad Request</title>")
            }))
        }),
    deviation("error-without-anything")
        .about("An error is a status and no more.")
        .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/resource/*",
            "start-configuration-session/body/syntax/*",
            "get-latest-configuration/configuration-token/issued/*",
            TYPE_HEADER,
            CONTENT_TYPE_OF_ERRORS,
            MESSAGE,
        ])
        .may_fail(ANYWHERE)
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
                with_body(response, "")
            }))
        }),
    deviation("unknown-token-without-type")
        .about("A token that is not good is refused without an error type.")
        .must_fail(&[
            "get-latest-configuration/configuration-token/issued/*",
            "get-latest-configuration/configuration-token/single-use/*",
            "get-latest-configuration/configuration-token/lifetime/*",
            "get-latest-configuration/errors/type-header",
        ])
        .may_fail(&[
            "get-latest-configuration/configuration-token/padding*",
            "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/early",
        ])
        .behaviour(|| {
            Box::new(Refuses(|response| match fault_of(&response) {
                Some(Fault::Token(_)) => without_header(response, &ERROR_TYPE),
                _ => response,
            }))
        }),
    deviation("error-header-contradicts-body")
        .about(
            "The header of a malformed request's error names a missing resource, which the body contradicts.",
        )
        .must_fail(MALFORMED)
        .may_fail(MALFORMED_TOO)
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let name = type_of(&response);
                if name != "BadRequestException" {
                    return response;
                }
                let response = with_header(response, ERROR_TYPE, "ResourceNotFoundException");
                with_document(response, |body| body["__type"] = json!(name))
            }))
        }),
    deviation("bad-request-misnamed")
        .about("A malformed request is reported with an error type that no contract has.")
        .must_fail(&[TYPE])
        .behaviour(|| Box::new(Renames(StatusCode::BAD_REQUEST, "InvalidParameterException"))),
    deviation("bad-request-named-not-found")
        .about("A malformed request is reported with the error type of a missing resource.")
        .must_fail(MALFORMED)
        .may_fail(MALFORMED_TOO)
        .behaviour(|| Box::new(Renames(StatusCode::BAD_REQUEST, "ResourceNotFoundException"))),
    deviation("bad-request-named-internal-failure")
        .about("A malformed request is reported with a common error that has another status.")
        .must_fail(MALFORMED)
        .may_fail(MALFORMED_TOO)
        .behaviour(|| Box::new(Renames(StatusCode::BAD_REQUEST, "InternalFailure"))),
    deviation("length-named-not-found")
        .about("An identifier of a wrong length is refused with 400, as a resource that is missing.")
        .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/length/above-max*",
            "start-configuration-session/*-identifier/length/far-above-max",
        ])
        .may_fail(&[
            "start-configuration-session/combinations/*",
            "start-configuration-session/body/duplicates*",
        ])
        .behaviour(|| {
            Box::new(Names(|fault| match fault {
                Fault::Length(parameter, _) if *parameter != Parameter::ConfigurationToken => {
                    Some("ResourceNotFoundException")
                }
                _ => None,
            }))
        }),
    deviation("not-found-named-bad-request")
        .about("A missing resource is reported with the error type of a malformed request.")
        .must_fail(UNKNOWN)
        .behaviour(|| Box::new(Renames(StatusCode::NOT_FOUND, "BadRequestException"))),
    deviation("not-found-named-access-denied")
        .about("A missing resource is reported with a common error that has another status.")
        .must_fail(UNKNOWN)
        .behaviour(|| Box::new(Renames(StatusCode::NOT_FOUND, "AccessDeniedException"))),
    deviation("everything-is-not-found-as-bad-request")
        .about("Every request is answered with 404 and the error type of a malformed request.")
        .must_fail(&["start-configuration-session/accepts/*"])
        .may_fail(ANYWHERE)
        .behaviour(|| Box::new(RefusesAll(StatusCode::NOT_FOUND))),
    deviation("everything-fails-as-bad-request")
        .about("Every request is answered with 500 and the error type of a malformed request.")
        .must_fail(&["start-configuration-session/accepts/*"])
        .may_fail(ANYWHERE)
        .behaviour(|| Box::new(RefusesAll(StatusCode::INTERNAL_SERVER_ERROR))),
    deviation("error-types-numbered")
        .about("Each error has a type of its own, with its number in it.")
        .must_fail(&[TYPE])
        .may_fail(&["*/stability"])
        .behaviour(|| Box::new(Numbers::default())),
    deviation("constraints-answer-422")
        .about("A failed constraint is answered with 422.")
        .must_fail(CONSTRAINTS)
        .may_fail(BOUNDS)
        .behaviour(|| Box::new(Answers(is_constraint, StatusCode::UNPROCESSABLE_ENTITY))),
    deviation("errors-answer-200")
        .about("Errors are answered with 200.")
        .must_fail(&[
            "start-configuration-session/*-identifier/required/*",
            "start-configuration-session/*/type/*",
            "start-configuration-session/*/length/empty",
            "start-configuration-session/*/length/above-max*",
            "start-configuration-session/*/length/far-above-max",
            "start-configuration-session/*/resource/*",
            "start-configuration-session/*/nesting/*",
            "start-configuration-session/body/syntax/*",
            "start-configuration-session/body/document/*",
            "get-latest-configuration/configuration-token/required/*",
            "get-latest-configuration/configuration-token/pattern/*",
            "get-latest-configuration/configuration-token/issued/*",
            "get-latest-configuration/configuration-token/single-use/*",
            "get-latest-configuration/configuration-token/lifetime/*",
        ])
        .may_fail(&[
            // Where either is accepted, the error is read as a success.
            "get-latest-configuration/response/*",
            "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
            "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/early",
            // Where 200 is a success, it lacks what a success carries.
            "start-configuration-session/response/initial-configuration-token",
            "get-latest-configuration/http/method*",
            "get-latest-configuration/stability",
            "start-configuration-session/body/duplicates*",
            "start-configuration-session/http/content-type*",
            "start-configuration-session/http/method*",
            "start-configuration-session/http/path*",
            "start-configuration-session/response/error-type",
        ])
        .behaviour(|| Box::new(AlwaysOk)),
    deviation("unknown-resource-answers-403")
        .about("A missing resource is answered with 403, under the right name.")
        .must_fail(&[
            "start-configuration-session/*-identifier/resource/*",
            "start-configuration-session/*-identifier/nesting/*",
            "start-configuration-session/*-identifier/length/at-*",
            "start-configuration-session/*-identifier/length/below-max",
        ])
        .behaviour(|| Box::new(Answers(|fault| matches!(fault, Fault::NotFound(_)), StatusCode::FORBIDDEN))),
    deviation("error-body-html")
        .about("The body of an error is a page in HTML.")
        .must_fail(&[CONTENT_TYPE_OF_ERRORS, MESSAGE])
        .may_fail(&["get-latest-configuration/errors/members"])
        .behaviour(|| {
            Box::new(Refuses(|response| {
                let response = with_header(response, CONTENT_TYPE, "text/html; charset=utf-8");
                with_body(response, "<!DOCTYPE html><title>Error</title><h1>Error</h1>")
            }))
        }),
    deviation("error-body-not-json")
        .about("The body of an error is text that is declared as JSON.")
        .must_fail(&[MESSAGE])
        .may_fail(&["get-latest-configuration/errors/members"])
        .behaviour(|| Box::new(Refuses(|response| with_body(response, "Something went wrong.")))),
    deviation("error-body-empty")
        .about("The body of an error is empty.")
        .must_fail(&[MESSAGE])
        .may_fail(&["get-latest-configuration/errors/members"])
        .behaviour(|| Box::new(Refuses(|response| with_body(response, "")))),
    deviation("error-message-missing")
        .about("The body of an error has no message.")
        .must_fail(&[MESSAGE])
        .behaviour(|| {
            Box::new(Refuses(|response| {
                with_document(response, |body| {
                    if let Some(members) = body.as_object_mut() {
                        members.remove("Message");
                    }
                })
            }))
        }),
    deviation("error-content-type-text")
        .about("The body of an error is JSON that is declared as text.")
        .must_fail(&[CONTENT_TYPE_OF_ERRORS])
        .behaviour(|| Box::new(Refuses(|response| with_header(response, CONTENT_TYPE, "text/plain")))),
    deviation("error-reason-unknown")
        .about("The reason of a malformed request is none of those that the contract has.")
        .must_fail(&["get-latest-configuration/errors/members"])
        .behaviour(|| Box::new(Refuses(|response| with_member(response, "Reason", "INVALID_PARAMETERS")))),
    deviation("error-resource-type-unknown")
        .about("The type of a missing resource is none of those that the contract has.")
        .must_fail(&["start-configuration-session/errors/members"])
        .behaviour(|| Box::new(Refuses(|response| with_member(response, "ResourceType", "resource")))),
    deviation("error-carries-initial-token")
        .about("An error carries an initial token, as a success does.")
        .must_fail(&["start-configuration-session/errors/members"])
        .behaviour(|| {
            Box::new(Refuses(|response| {
                with_document(response, |body| body["InitialConfigurationToken"] = json!("AYADeBKMu1Wd8Jz"))
            }))
        }),
    deviation("error-carries-next-token")
        .about("An error carries the token of a next poll, as a success does.")
        .must_fail(&["get-latest-configuration/errors/members"])
        .behaviour(|| {
            Box::new(Refuses(|response| with_header(response, NEXT_POLL_TOKEN, "AYADeBKMu1Wd8Jz")))
        }),
    deviation("unknown-resource-answers-400")
        .about("A missing resource is answered with 400, under the right name.")
        .must_fail(&[
            "start-configuration-session/*-identifier/resource/*",
            "start-configuration-session/*-identifier/nesting/*",
            "start-configuration-session/*-identifier/length/at-*",
            "start-configuration-session/*-identifier/length/below-max",
        ])
        .may_fail(&["start-configuration-session/combinations/*"])
        .behaviour(|| {
            Box::new(Answers(|fault| matches!(fault, Fault::NotFound(_)), StatusCode::BAD_REQUEST))
        }),
    deviation("constraints-answer-404")
        .about("A failed constraint is answered with 404, under the right name.")
        .must_fail(CONSTRAINTS)
        .may_fail(&[
            "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
            "start-configuration-session/combinations/*",
            "start-configuration-session/validation-first/*",
            "start-configuration-session/body/duplicates/*",
            "start-configuration-session/errors/type",
        ])
        .behaviour(|| Box::new(Answers(is_constraint, StatusCode::NOT_FOUND))),
    deviation("constraints-answer-500")
        .about("A failed constraint is answered with 500, under the right name.")
        .must_fail(CONSTRAINTS)
        .may_fail(&[
            "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
            "start-configuration-session/body/duplicates*",
            "start-configuration-session/body/open/*",
        ])
        .behaviour(|| Box::new(Answers(is_constraint, StatusCode::INTERNAL_SERVER_ERROR))),
    deviation("poll-errors-answer-200")
        .about("Errors of a poll are answered with 200.")
        .must_fail(&[
            "get-latest-configuration/configuration-token/required/*",
            "get-latest-configuration/configuration-token/pattern/*",
            "get-latest-configuration/configuration-token/issued/*",
            "get-latest-configuration/configuration-token/single-use/*",
            "get-latest-configuration/http/method/*",
        ])
        .may_fail(&[
            // Where either is accepted, the error is read as a success.
            "get-latest-configuration/response/*",
            "get-latest-configuration/configuration-token/lifetime/*",
            "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/*",
            "get-latest-configuration/sessions*",
            "get-latest-configuration/stability",
        ])
        .behaviour(|| Box::new(PollsOk)),
];

/// The error type that the header names.
fn type_of(response: &Response<Bytes>) -> String {
    let name = response.headers().get(ERROR_TYPE).and_then(|name| name.to_str().ok());
    name.unwrap_or_default().to_owned()
}

/// Another value of a member of the error, if the error has it.
fn with_member(response: Response<Bytes>, name: &str, value: &str) -> Response<Bytes> {
    with_document(response, |body| {
        if let Some(member) = body.get_mut(name) {
            *member = json!(value);
        }
    })
}

/// Another error type for refusals with this status.
struct Renames(StatusCode, &'static str);

impl Behaviour for Renames {
    fn error_type(&self, fault: &Fault) -> &'static str {
        if fault.status() == self.0 { self.1 } else { fault.error_type() }
    }
}

/// Another error type for some faults.
struct Names(fn(&Fault) -> Option<&'static str>);

impl Behaviour for Names {
    fn error_type(&self, fault: &Fault) -> &'static str {
        (self.0)(fault).unwrap_or_else(|| fault.error_type())
    }
}

/// Refuses every request as malformed, with this status.
struct RefusesAll(StatusCode);

impl Behaviour for RefusesAll {
    fn admit(&self, _: &Request<Bytes>) -> Result<(), Fault> {
        Err(Fault::Malformed)
    }

    fn status(&self, _: &Fault) -> StatusCode {
        self.0
    }
}

/// Gives each error a type of its own.
#[derive(Default)]
struct Numbers(AtomicU64);

impl Behaviour for Numbers {
    fn finish(&self, _request: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        if let Some(name) = response.headers_mut().get_mut(ERROR_TYPE)
            && let Ok(numbered) = format!("E{}Exception", self.0.fetch_add(1, Ordering::Relaxed)).parse()
        {
            *name = numbered;
        }
        response
    }
}

/// Another status for some faults.
struct Answers(fn(&Fault) -> bool, StatusCode);

impl Behaviour for Answers {
    fn status(&self, fault: &Fault) -> StatusCode {
        if (self.0)(fault) { self.1 } else { fault.status() }
    }
}

fn is_constraint(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Missing(_)
            | Fault::Null(_)
            | Fault::WrongType(..)
            | Fault::Length(..)
            | Fault::Range(..)
            | Fault::Pattern(_)
    )
}

struct PollsOk;

impl Behaviour for PollsOk {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if request.uri().path() == "/configuration" {
            with_status(response, StatusCode::OK)
        } else {
            response
        }
    }
}

struct AlwaysOk;

impl Behaviour for AlwaysOk {
    fn status(&self, _: &Fault) -> StatusCode {
        StatusCode::OK
    }
}
