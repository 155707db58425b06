//! Responses that tell success.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    Deviation, Polls, Refuses, Starts, compressed, deviation, with_body, with_header, with_status,
    without_header,
};
use crate::behaviour::Behaviour;
use crate::fault::Fault;
use crate::render::{ERROR_TYPE, NEXT_POLL_INTERVAL};
use crate::token::Claims;

const START_CONTENT_TYPE: &str = "start-configuration-session/response/content-type";
const CHAIN: &str = "get-latest-configuration/accepts/chain";
const CONFIGURATION: &str = "get-latest-configuration/response/configuration";
const INTERVAL: &str = "get-latest-configuration/response/next-poll-interval-in-seconds";
const GET_CONTENT_TYPE: &str = "get-latest-configuration/response/content-type";

pub(super) const ALL: &[Deviation] = &[
    deviation("start-answers-201")
        .about("A started session is answered with 201, as the model says and not the page.")
        .page_only()
        .must_fail(&["start-configuration-session/accepts*"])
        .behaviour(|| Box::new(Starts(|response| with_status(response, StatusCode::CREATED)))),
    deviation("start-answers-200")
        .about("A started session is answered with 200, as the page says and not the model.")
        .model_only()
        .must_fail(&["start-configuration-session/accepts*"])
        .behaviour(|| Box::new(Starts(|response| with_status(response, StatusCode::OK)))),
    deviation("start-content-type-text")
        .about("The answer to a started session is declared as text.")
        .must_fail(&[START_CONTENT_TYPE])
        .behaviour(|| Box::new(Starts(|response| with_header(response, CONTENT_TYPE, "text/plain")))),
    deviation("start-content-type-missing")
        .about("The answer to a started session has no content type.")
        .must_fail(&[START_CONTENT_TYPE])
        .behaviour(|| Box::new(Starts(|response| without_header(response, &CONTENT_TYPE)))),
    deviation("start-body-not-json")
        .about("The answer to a started session is the bare token.")
        .must_fail(&["start-configuration-session/response/initial-configuration-token"])
        .behaviour(|| {
            Box::new(Starts(|response| {
                let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
                let token = body["InitialConfigurationToken"].as_str().unwrap_or_default();
                with_body(response, token.to_owned())
            }))
        }),
    deviation("poll-answers-201")
        .about("A poll is answered with 201.")
        .must_fail(&["get-latest-configuration/accepts*"])
        .behaviour(|| Box::new(Polls(|response| with_status(response, StatusCode::CREATED)))),
    deviation("unchanged-answers-204")
        .about("A poll of an unchanged configuration is answered with 204.")
        .must_fail(&[CHAIN])
        .behaviour(|| Box::new(Polls(|response| when_unchanged(response, StatusCode::NO_CONTENT)))),
    deviation("unchanged-answers-304")
        .about("A poll of an unchanged configuration is answered with 304.")
        .must_fail(&[CHAIN])
        .behaviour(|| Box::new(Polls(|response| when_unchanged(response, StatusCode::NOT_MODIFIED)))),
    deviation("first-poll-empty")
        .about("The first poll of a session brings no configuration.")
        .must_fail(&[CONFIGURATION])
        .behaviour(|| Box::new(NeverSends)),
    deviation("configuration-truncated")
        .about("The last byte of the configuration is missing.")
        .must_fail(&[CONFIGURATION])
        .behaviour(|| {
            Box::new(Polls(|response| response.map(|body| body.slice(..body.len().saturating_sub(1)))))
        }),
    deviation("configuration-wrapped")
        .about("The configuration comes in base64 as a member of a JSON object.")
        .must_fail(&[CONFIGURATION])
        .behaviour(|| {
            Box::new(Polls(|response| {
                response.map(|body| {
                    let wrapped = json!({ "Configuration": BASE64_STANDARD.encode(body) });
                    Bytes::from(wrapped.to_string())
                })
            }))
        }),
    deviation("configuration-mangled")
        .about("Each byte of the configuration outside of ASCII becomes a question mark.")
        .must_fail(&[CONFIGURATION])
        .behaviour(|| {
            Box::new(Polls(|response| {
                response
                    .map(|body| body.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect())
            }))
        }),
    deviation("next-interval-missing")
        .about("The answer to a poll carries no interval.")
        .must_fail(&[INTERVAL])
        .behaviour(|| Box::new(Polls(|response| without_header(response, &NEXT_POLL_INTERVAL)))),
    deviation("next-interval-is-a-fraction")
        .about("The interval that the answer to a poll carries has decimals.")
        .must_fail(&[INTERVAL])
        .behaviour(|| Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "60.5")))),
    deviation("next-interval-has-a-unit")
        .about("The interval that the answer to a poll carries has a unit.")
        .must_fail(&[INTERVAL])
        .behaviour(|| Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "60s")))),
    deviation("next-interval-negative")
        .about("The interval that the answer to a poll carries is below zero.")
        .must_fail(&[INTERVAL])
        .behaviour(|| Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "-1")))),
    deviation("next-interval-beyond-32-bits")
        .about("The interval that the answer to a poll carries does not fit into 32 bits.")
        .must_fail(&[INTERVAL])
        .behaviour(|| Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "4294967296")))),
    deviation("start-success-names-an-error")
        .about("The answer to a started session names an error type in its header.")
        .must_fail(&["start-configuration-session/response/error-type"])
        .behaviour(|| {
            Box::new(Starts(|response| with_header(response, ERROR_TYPE, "InternalServerException")))
        }),
    deviation("poll-success-names-an-error")
        .about("The answer to a poll names an error type in its header.")
        .must_fail(&["get-latest-configuration/response/error-type"])
        .behaviour(|| Box::new(Polls(|response| with_header(response, ERROR_TYPE, "BadRequestException")))),
    deviation("poll-content-type-missing")
        .about("The answer to a poll has no content type.")
        .must_fail(&[GET_CONTENT_TYPE])
        .behaviour(|| Box::new(Polls(|response| without_header(response, &CONTENT_TYPE)))),
    deviation("compresses-unasked")
        .about("All bodies are compressed, whatever encoding the client asks for.")
        .must_fail(&[START_CONTENT_TYPE])
        // Without a token that can be read, nothing else is seen of polls.
        .may_fail(&["get-latest-configuration/errors/content-type"])
        .behaviour(|| Box::new(CompressesUnasked)),
    deviation("polls-compressed-unasked")
        .about("The configuration is compressed, whatever encoding the client asks for.")
        .must_fail(&[CONFIGURATION])
        .behaviour(|| Box::new(Polls(compressed))),
    deviation("errors-compressed-unasked")
        .about("The body of an error is compressed, whatever encoding the client asks for.")
        .must_fail(&["*/errors/content-type"])
        .behaviour(|| Box::new(Refuses(compressed))),
    deviation("fails-now-and-then")
        .about("Every fiftieth request makes the server fail.")
        .may_fail(&["*"])
        .behaviour(|| Box::new(FailsNowAndThen(AtomicU64::new(0)))),
];

fn when_unchanged(response: Response<Bytes>, status: StatusCode) -> Response<Bytes> {
    if response.body().is_empty() { with_status(response, status) } else { response }
}

struct CompressesUnasked;

impl Behaviour for CompressesUnasked {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        compressed(response)
    }
}

struct NeverSends;

impl Behaviour for NeverSends {
    fn is_unchanged(&self, _: &Claims, _: u64) -> bool {
        true
    }
}

/// The requests so far.
struct FailsNowAndThen(AtomicU64);

impl Behaviour for FailsNowAndThen {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if (self.0.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(50) {
            let fault = Fault::Internal;
            let mut failed = Response::new(Bytes::from(Value::Object(fault.members()).to_string()));
            *failed.status_mut() = fault.status();
            let failed = with_header(failed, CONTENT_TYPE, "application/json");
            with_header(failed, ERROR_TYPE, fault.error_type())
        } else {
            response
        }
    }
}
