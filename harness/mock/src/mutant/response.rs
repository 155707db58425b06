//! Responses to successful calls.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::definition::{Mutant, mutant};
use crate::protocol::{ApiError, ERROR_TYPE, NEXT_POLL_INTERVAL};
use crate::service::Behavior;
use crate::token::Claims;
use crate::toolkit::{
    EveryNth, RewritesErrors, RewritesPolls, RewritesStarts, compressed, with_body, with_header, with_status,
    without_header,
};

const START_CONTENT_TYPE: &str = "start-configuration-session/response/content-type";
const CHAIN: &str = "get-latest-configuration/accepts/chain";
const CONFIGURATION: &str = "get-latest-configuration/response/configuration";
const INTERVAL: &str = "get-latest-configuration/response/next-poll-interval-in-seconds";
const GET_CONTENT_TYPE: &str = "get-latest-configuration/response/content-type";

pub(super) const ALL: &[Mutant] = &[
    mutant("start-returns-201")
        .about("A started session gets 201, as the model says and not the page.")
        .page_only()
        .must_fail(&["start-configuration-session/accepts*"])
        .behavior(|| Box::new(RewritesStarts(|response| with_status(response, StatusCode::CREATED)))),
    mutant("start-returns-200")
        .about("A started session gets 200, as the page says and not the model.")
        .model_only()
        .must_fail(&["start-configuration-session/accepts*"])
        .behavior(|| Box::new(RewritesStarts(|response| with_status(response, StatusCode::OK)))),
    mutant("start-content-type-text")
        .about("The response to a started session has the content type of plain text.")
        .must_fail(&[START_CONTENT_TYPE])
        .behavior(|| Box::new(RewritesStarts(|response| with_header(response, CONTENT_TYPE, "text/plain")))),
    mutant("start-content-type-missing")
        .about("The response to a started session has no content type.")
        .must_fail(&[START_CONTENT_TYPE])
        .behavior(|| Box::new(RewritesStarts(|response| without_header(response, &CONTENT_TYPE)))),
    mutant("start-body-not-json")
        .about("The response to a started session is the bare token.")
        .must_fail(&["start-configuration-session/response/initial-configuration-token"])
        .behavior(|| {
            Box::new(RewritesStarts(|response| {
                let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
                let token = body["InitialConfigurationToken"].as_str().unwrap_or_default();
                with_body(response, token.to_owned())
            }))
        }),
    mutant("poll-returns-201")
        .about("A poll gets 201.")
        .must_fail(&["get-latest-configuration/accepts*"])
        .behavior(|| Box::new(RewritesPolls(|response| with_status(response, StatusCode::CREATED)))),
    mutant("unchanged-returns-204")
        .about("A poll of an unchanged configuration gets 204.")
        .must_fail(&[CHAIN])
        .behavior(|| Box::new(RewritesPolls(|response| when_unchanged(response, StatusCode::NO_CONTENT)))),
    mutant("unchanged-returns-304")
        .about("A poll of an unchanged configuration gets 304.")
        .must_fail(&[CHAIN])
        .behavior(|| Box::new(RewritesPolls(|response| when_unchanged(response, StatusCode::NOT_MODIFIED)))),
    mutant("first-poll-empty")
        .about("The first poll of a session returns no configuration.")
        .must_fail(&[CONFIGURATION])
        .behavior(|| Box::new(NeverSends)),
    mutant("configuration-truncated")
        .about("The last byte of the configuration is missing.")
        .must_fail(&[CONFIGURATION])
        .behavior(|| {
            Box::new(RewritesPolls(|response| {
                response.map(|body| body.slice(..body.len().saturating_sub(1)))
            }))
        }),
    mutant("configuration-wrapped")
        .about("The configuration is a member of a JSON object, in base64.")
        .must_fail(&[CONFIGURATION])
        .behavior(|| {
            Box::new(RewritesPolls(|response| {
                response.map(|body| {
                    let wrapped = json!({ "Configuration": BASE64_STANDARD.encode(body) });
                    Bytes::from(wrapped.to_string())
                })
            }))
        }),
    mutant("configuration-mangled")
        .about("Each non-ASCII byte of the configuration becomes a question mark.")
        .must_fail(&[CONFIGURATION])
        .behavior(|| {
            Box::new(RewritesPolls(|response| {
                response
                    .map(|body| body.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect())
            }))
        }),
    mutant("next-interval-missing")
        .about("The response to a poll has no interval.")
        .must_fail(&[INTERVAL])
        .behavior(|| Box::new(RewritesPolls(|response| without_header(response, &NEXT_POLL_INTERVAL)))),
    mutant("next-interval-is-a-fraction")
        .about("The interval in the response to a poll has decimals.")
        .must_fail(&[INTERVAL])
        .behavior(|| Box::new(RewritesPolls(|response| with_header(response, NEXT_POLL_INTERVAL, "60.5")))),
    mutant("next-interval-has-a-unit")
        .about("The interval in the response to a poll has a unit.")
        .must_fail(&[INTERVAL])
        .behavior(|| Box::new(RewritesPolls(|response| with_header(response, NEXT_POLL_INTERVAL, "60s")))),
    mutant("next-interval-negative")
        .about("The interval in the response to a poll is negative.")
        .must_fail(&[INTERVAL])
        .behavior(|| Box::new(RewritesPolls(|response| with_header(response, NEXT_POLL_INTERVAL, "-1")))),
    mutant("next-interval-beyond-32-bits")
        .about("The interval in the response to a poll does not fit into 32 bits.")
        .must_fail(&[INTERVAL])
        .behavior(|| {
            Box::new(RewritesPolls(|response| with_header(response, NEXT_POLL_INTERVAL, "4294967296")))
        }),
    mutant("start-success-names-an-error")
        .about("The response to a started session has an error type in its header.")
        .must_fail(&["start-configuration-session/response/error-type"])
        .behavior(|| {
            Box::new(RewritesStarts(|response| with_header(response, ERROR_TYPE, "InternalServerException")))
        }),
    mutant("poll-success-names-an-error")
        .about("The response to a poll has an error type in its header.")
        .must_fail(&["get-latest-configuration/response/error-type"])
        .behavior(|| {
            Box::new(RewritesPolls(|response| with_header(response, ERROR_TYPE, "BadRequestException")))
        }),
    mutant("poll-content-type-missing")
        .about("The response to a poll has no content type.")
        .must_fail(&[GET_CONTENT_TYPE])
        .behavior(|| Box::new(RewritesPolls(|response| without_header(response, &CONTENT_TYPE)))),
    mutant("bodies-compressed-unrequested")
        .about("All bodies are compressed, whatever encoding the client accepts.")
        .must_fail(&[START_CONTENT_TYPE])
        // Without a readable token nothing else about polls can be tested.
        .may_fail(&["get-latest-configuration/errors/content-type"])
        .behavior(|| Box::new(CompressesAll)),
    mutant("polls-compressed-unrequested")
        .about("The configuration is compressed, whatever encoding the client accepts.")
        .must_fail(&[CONFIGURATION])
        .behavior(|| Box::new(RewritesPolls(compressed))),
    mutant("errors-compressed-unrequested")
        .about("The body of an error is compressed, whatever encoding the client accepts.")
        .must_fail(&["*/errors/content-type"])
        .behavior(|| Box::new(RewritesErrors(compressed))),
    mutant("every-50th-request-fails")
        .about("Every 50th request makes the server fail.")
        .may_fail(&["*"])
        .behavior(|| Box::new(FailsEveryNth(EveryNth::new(50)))),
];

fn when_unchanged(response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    if response.body().is_empty() { with_status(response, status) } else { response }
}

struct CompressesAll;

impl Behavior for CompressesAll {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        compressed(response)
    }
}

struct NeverSends;

impl Behavior for NeverSends {
    fn is_unchanged(&self, _: &Claims, _: u64) -> bool {
        true
    }
}

struct FailsEveryNth(EveryNth);

impl Behavior for FailsEveryNth {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if self.0.hit() {
            let error = ApiError::Internal;
            let mut failed = Response::new(Bytes::from(Value::Object(error.members()).to_string()));
            *failed.status_mut() = error.status();
            let failed = with_header(failed, CONTENT_TYPE, "application/json");
            with_header(failed, ERROR_TYPE, error.error_type())
        } else {
            response
        }
    }
}
