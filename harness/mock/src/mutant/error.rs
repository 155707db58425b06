//! How an error is reported.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::json;

use super::definition::{Mutant, mutant};
use crate::contract::Parameter;
use crate::protocol::{ApiError, ERROR_TYPE, NEXT_POLL_TOKEN};
use crate::service::Behavior;
use crate::toolkit::{
    RewritesErrors, error_of, type_of, with_body, with_document, with_header, with_status, without_header,
};

/// Without their details errors are told apart by chance only.
const ANYWHERE: &[&str] = &["*"];

const TYPE: &str = "*/errors/type";
const TYPE_HEADER: &str = "*/errors/type-header";
const CONTENT_TYPE_OF_ERRORS: &str = "*/errors/content-type";
const MESSAGE: &str = "*/errors/message";

/// Requests that violate a constraint.
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

/// Further requests that are refused as malformed, and the members of their errors.
const MALFORMED_TOO: &[&str] = &[
    "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
    "start-configuration-session/body/duplicates*",
    "start-configuration-session/combinations/*",
    "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/early",
    "get-latest-configuration/errors/members",
    "get-latest-configuration/configuration-token/padding*",
];

/// Requests that are refused for any reason.
const REFUSED: &[&str] = &[
    "start-configuration-session/*-identifier/required/*",
    "start-configuration-session/*-identifier/resource/*",
    "start-configuration-session/*-identifier/nesting/*",
    "start-configuration-session/*-identifier/length/*",
    "start-configuration-session/*/type/*",
    "start-configuration-session/body/syntax/*",
    "start-configuration-session/body/document/*",
    "get-latest-configuration/configuration-token/required/*",
    // A token that is too long may be refused before the operation is known, and then without a type.
    "get-latest-configuration/configuration-token/pattern/empty",
    "get-latest-configuration/configuration-token/pattern/bare",
    "get-latest-configuration/configuration-token/pattern/outside-class",
    "get-latest-configuration/configuration-token/pattern/issued-with-blank",
    "get-latest-configuration/configuration-token/issued/*",
    "get-latest-configuration/configuration-token/single-use/*",
    "get-latest-configuration/configuration-token/lifetime/*",
    TYPE_HEADER,
];

pub(super) const ALL: &[Mutant] = &[
    mutant("error-type-in-body-only")
        .about("The type of an error is in the body and not in the header.")
        .must_fail(&[TYPE_HEADER])
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let name = type_of(&response);
                let response = without_header(response, &ERROR_TYPE);
                with_document(response, |body| body["__type"] = json!(name))
            }))
        }),
    mutant("error-type-missing")
        .about("An error has no type at all.")
        .must_fail(REFUSED)
        .may_fail(MALFORMED_TOO)
        .behavior(|| Box::new(RewritesErrors(|response| without_header(response, &ERROR_TYPE)))),
    mutant("error-type-too-deep")
        .about("The type of an error is in a nested object of the body, where no client looks.")
        .must_fail(REFUSED)
        .may_fail(MALFORMED_TOO)
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let name = type_of(&response);
                let response = without_header(response, &ERROR_TYPE);
                with_document(response, |body| body["Error"] = json!({ "Code": name }))
            }))
        }),
    mutant("error-type-empty")
        .about("The type of an error is the empty string, in the header and in the body.")
        .must_fail(REFUSED)
        .may_fail(MALFORMED_TOO)
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let response = with_header(response, ERROR_TYPE, "");
                with_document(response, |body| body["__type"] = json!(""))
            }))
        }),
    mutant("error-page-without-type")
        .about("An error is an HTML page without a type.")
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
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let response = without_header(response, &ERROR_TYPE);
                let response = with_header(response, CONTENT_TYPE, "text/html; charset=utf-8");
                with_body(response, "<!DOCTYPE html><title>Bad Request</title>")
            }))
        }),
    mutant("error-without-anything")
        .about("An error has a status, and neither type nor body.")
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
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
                with_body(response, "")
            }))
        }),
    mutant("unknown-token-without-type")
        .about("An invalid token is refused without an error type.")
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
        .behavior(|| {
            Box::new(RewritesErrors(|response| match error_of(&response) {
                Some(ApiError::Token(_)) => without_header(response, &ERROR_TYPE),
                _ => response,
            }))
        }),
    mutant("error-header-contradicts-body")
        .about(
            "The error of a malformed request has the type of a missing resource in the header and the right one in the body.",
        )
        .must_fail(MALFORMED)
        .may_fail(MALFORMED_TOO)
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let name = type_of(&response);
                if name != "BadRequestException" {
                    return response;
                }
                let response = with_header(response, ERROR_TYPE, "ResourceNotFoundException");
                with_document(response, |body| body["__type"] = json!(name))
            }))
        }),
    mutant("bad-request-misnamed")
        .about("The error of a malformed request has a type that no contract has.")
        .must_fail(&[TYPE])
        .behavior(|| Box::new(RenamesStatus(StatusCode::BAD_REQUEST, "InvalidParameterException"))),
    mutant("bad-request-named-not-found")
        .about("The error of a malformed request has the type of a missing resource.")
        .must_fail(MALFORMED)
        .may_fail(MALFORMED_TOO)
        .behavior(|| Box::new(RenamesStatus(StatusCode::BAD_REQUEST, "ResourceNotFoundException"))),
    mutant("bad-request-named-internal-failure")
        .about("The error of a malformed request has the type of a common error with another status.")
        .must_fail(MALFORMED)
        .may_fail(MALFORMED_TOO)
        .behavior(|| Box::new(RenamesStatus(StatusCode::BAD_REQUEST, "InternalFailure"))),
    mutant("length-named-not-found")
        .about("An identifier of a wrong length gets 400 with the error type of a missing resource.")
        .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/length/above-max*",
            "start-configuration-session/*-identifier/length/far-above-max",
        ])
        .may_fail(&[
            "start-configuration-session/combinations/*",
            "start-configuration-session/body/duplicates*",
        ])
        .behavior(|| {
            Box::new(RenamesErrors(|error| match error {
                ApiError::Length(parameter, _) if *parameter != Parameter::ConfigurationToken => {
                    Some("ResourceNotFoundException")
                }
                _ => None,
            }))
        }),
    mutant("not-found-named-bad-request")
        .about("The error of a missing resource has the type of a malformed request.")
        .must_fail(UNKNOWN)
        .behavior(|| Box::new(RenamesStatus(StatusCode::NOT_FOUND, "BadRequestException"))),
    mutant("not-found-named-access-denied")
        .about("The error of a missing resource has the type of a common error with another status.")
        .must_fail(UNKNOWN)
        .behavior(|| Box::new(RenamesStatus(StatusCode::NOT_FOUND, "AccessDeniedException"))),
    mutant("everything-is-not-found-as-bad-request")
        .about("Every request gets 404 and the error type of a malformed request.")
        .must_fail(&["start-configuration-session/accepts/*"])
        .may_fail(ANYWHERE)
        .behavior(|| Box::new(RefusesAll(StatusCode::NOT_FOUND))),
    mutant("everything-fails-as-bad-request")
        .about("Every request gets 500 and the error type of a malformed request.")
        .must_fail(&["start-configuration-session/accepts/*"])
        .may_fail(ANYWHERE)
        .behavior(|| Box::new(RefusesAll(StatusCode::INTERNAL_SERVER_ERROR))),
    mutant("error-types-numbered")
        .about("Each error has a type of its own, with a consecutive number.")
        .must_fail(&[TYPE])
        .may_fail(&["*/stability"])
        .behavior(|| Box::new(NumbersTypes::default())),
    mutant("constraint-violations-return-422")
        .about("A request outside a constraint gets 422.")
        .must_fail(CONSTRAINTS)
        .may_fail(BOUNDS)
        .behavior(|| Box::new(ChangesStatus(ApiError::is_constraint_violation, StatusCode::UNPROCESSABLE_ENTITY))),
    mutant("errors-return-200")
        .about("Errors get 200.")
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
            // Where both are accepted, the error is read as a success.
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
        .behavior(|| Box::new(AlwaysOk)),
    mutant("unknown-resource-returns-403")
        .about("A missing resource gets 403, with the right error type.")
        .must_fail(&[
            "start-configuration-session/*-identifier/resource/*",
            "start-configuration-session/*-identifier/nesting/*",
            "start-configuration-session/*-identifier/length/at-*",
            "start-configuration-session/*-identifier/length/below-max",
        ])
        .behavior(|| {
            Box::new(ChangesStatus(|error| matches!(error, ApiError::NotFound(_)), StatusCode::FORBIDDEN))
        }),
    mutant("error-body-html")
        .about("The body of an error is an HTML page.")
        .must_fail(&[CONTENT_TYPE_OF_ERRORS, MESSAGE])
        .may_fail(&["get-latest-configuration/errors/members"])
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                let response = with_header(response, CONTENT_TYPE, "text/html; charset=utf-8");
                with_body(response, "<!DOCTYPE html><title>Error</title><h1>Error</h1>")
            }))
        }),
    mutant("error-body-not-json")
        .about("The body of an error is plain text with the content type of JSON.")
        .must_fail(&[MESSAGE])
        .may_fail(&["get-latest-configuration/errors/members"])
        .behavior(|| Box::new(RewritesErrors(|response| with_body(response, "Something went wrong.")))),
    mutant("error-body-empty")
        .about("The body of an error is empty.")
        .must_fail(&[MESSAGE])
        .may_fail(&["get-latest-configuration/errors/members"])
        .behavior(|| Box::new(RewritesErrors(|response| with_body(response, "")))),
    mutant("error-message-missing")
        .about("The body of an error has no message.")
        .must_fail(&[MESSAGE])
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                with_document(response, |body| {
                    if let Some(members) = body.as_object_mut() {
                        members.remove("Message");
                    }
                })
            }))
        }),
    mutant("error-content-type-text")
        .about("The body of an error is JSON with the content type of plain text.")
        .must_fail(&[CONTENT_TYPE_OF_ERRORS])
        .behavior(|| Box::new(RewritesErrors(|response| with_header(response, CONTENT_TYPE, "text/plain")))),
    mutant("error-reason-unknown")
        .about("The reason of a malformed request is not one that the contract has.")
        .must_fail(&["get-latest-configuration/errors/members"])
        .behavior(|| {
            Box::new(RewritesErrors(|response| with_member(response, "Reason", "INVALID_PARAMETERS")))
        }),
    mutant("error-resource-type-unknown")
        .about("The resource type of a missing resource is not one that the contract has.")
        .must_fail(&["start-configuration-session/errors/members"])
        .behavior(|| Box::new(RewritesErrors(|response| with_member(response, "ResourceType", "resource")))),
    mutant("error-carries-initial-token")
        .about("An error carries an initial token, as a success does.")
        .must_fail(&["start-configuration-session/errors/members"])
        .behavior(|| {
            Box::new(RewritesErrors(|response| {
                with_document(response, |body| body["InitialConfigurationToken"] = json!("AYADeBKMu1Wd8Jz"))
            }))
        }),
    mutant("error-carries-next-token")
        .about("An error carries the token of the next poll, as a success does.")
        .must_fail(&["get-latest-configuration/errors/members"])
        .behavior(|| {
            Box::new(RewritesErrors(|response| with_header(response, NEXT_POLL_TOKEN, "AYADeBKMu1Wd8Jz")))
        }),
    mutant("unknown-resource-returns-400")
        .about("A missing resource gets 400, with the right error type.")
        .must_fail(&[
            "start-configuration-session/*-identifier/resource/*",
            "start-configuration-session/*-identifier/nesting/*",
            "start-configuration-session/*-identifier/length/at-*",
            "start-configuration-session/*-identifier/length/below-max",
        ])
        .may_fail(&["start-configuration-session/combinations/*"])
        .behavior(|| {
            Box::new(ChangesStatus(|error| matches!(error, ApiError::NotFound(_)), StatusCode::BAD_REQUEST))
        }),
    mutant("constraint-violations-return-404")
        .about("A request outside a constraint gets 404, with the right error type.")
        .must_fail(CONSTRAINTS)
        .may_fail(&[
            "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
            "start-configuration-session/combinations/*",
            "start-configuration-session/validation-first/*",
            "start-configuration-session/body/duplicates/*",
            "start-configuration-session/errors/type",
        ])
        .behavior(|| Box::new(ChangesStatus(ApiError::is_constraint_violation, StatusCode::NOT_FOUND))),
    mutant("constraint-violations-return-500")
        .about("A request outside a constraint gets 500, with the right error type.")
        .must_fail(CONSTRAINTS)
        .may_fail(&[
            "start-configuration-session/required-minimum-poll-interval-in-seconds/range/*",
            "start-configuration-session/body/duplicates*",
            "start-configuration-session/body/open/*",
        ])
        .behavior(|| Box::new(ChangesStatus(ApiError::is_constraint_violation, StatusCode::INTERNAL_SERVER_ERROR))),
    mutant("poll-errors-return-200")
        .about("Errors of a poll get 200.")
        .must_fail(&[
            "get-latest-configuration/configuration-token/required/*",
            "get-latest-configuration/configuration-token/pattern/*",
            "get-latest-configuration/configuration-token/issued/*",
            "get-latest-configuration/configuration-token/single-use/*",
            "get-latest-configuration/http/method/*",
        ])
        .may_fail(&[
            // Where both are accepted, the error is read as a success.
            "get-latest-configuration/response/*",
            "get-latest-configuration/configuration-token/lifetime/*",
            "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/*",
            "get-latest-configuration/sessions*",
            "get-latest-configuration/stability",
        ])
        .behavior(|| Box::new(PollsOk)),
];

/// Replaces the value of a member of the error, if the error has it.
fn with_member(response: Response<Bytes>, name: &str, value: &str) -> Response<Bytes> {
    with_document(response, |body| {
        if let Some(member) = body.get_mut(name) {
            *member = json!(value);
        }
    })
}

/// Gives errors with this status another type.
struct RenamesStatus(StatusCode, &'static str);

impl Behavior for RenamesStatus {
    fn error_type(&self, error: &ApiError) -> &'static str {
        if error.status() == self.0 { self.1 } else { error.error_type() }
    }
}

/// Gives some errors another type.
struct RenamesErrors(fn(&ApiError) -> Option<&'static str>);

impl Behavior for RenamesErrors {
    fn error_type(&self, error: &ApiError) -> &'static str {
        (self.0)(error).unwrap_or_else(|| error.error_type())
    }
}

/// Refuses every request as malformed, with this status.
struct RefusesAll(StatusCode);

impl Behavior for RefusesAll {
    fn on_request(&self, _: &Request<Bytes>) -> Result<(), ApiError> {
        Err(ApiError::Malformed)
    }

    fn status(&self, _: &ApiError) -> StatusCode {
        self.0
    }
}

/// Gives each error a type of its own.
#[derive(Default)]
struct NumbersTypes(AtomicU64);

impl Behavior for NumbersTypes {
    fn finish(&self, _request: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        if let Some(name) = response.headers_mut().get_mut(ERROR_TYPE)
            && let Ok(numbered) = format!("E{}Exception", self.0.fetch_add(1, Ordering::Relaxed)).parse()
        {
            *name = numbered;
        }
        response
    }
}

/// Gives some errors another status.
struct ChangesStatus(fn(&ApiError) -> bool, StatusCode);

impl Behavior for ChangesStatus {
    fn status(&self, error: &ApiError) -> StatusCode {
        if (self.0)(error) { self.1 } else { error.status() }
    }
}

struct PollsOk;

impl Behavior for PollsOk {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if request.uri().path() == "/configuration" {
            with_status(response, StatusCode::OK)
        } else {
            response
        }
    }
}

struct AlwaysOk;

impl Behavior for AlwaysOk {
    fn status(&self, _: &ApiError) -> StatusCode {
        StatusCode::OK
    }
}
