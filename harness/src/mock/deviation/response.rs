//! Responses that tell success.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    Contracts, Deviation, Polls, Refuses, Starts, compressed, with_body, with_header, with_status,
    without_header,
};
use crate::mock::behaviour::Behaviour;
use crate::mock::fault::Fault;
use crate::mock::render::{ERROR_TYPE, NEXT_POLL_INTERVAL};
use crate::mock::token::Claims;

const START_CONTENT_TYPE: &str = "start-configuration-session/response/content-type";
const CHAIN: &str = "get-latest-configuration/accepts/chain";
const CONFIGURATION: &str = "get-latest-configuration/response/configuration";
const INTERVAL: &str = "get-latest-configuration/response/next-poll-interval-in-seconds";
const GET_CONTENT_TYPE: &str = "get-latest-configuration/response/content-type";

pub(super) const ALL: &[Deviation] = &[
    Deviation {
        name: "start-answers-201",
        about: "A started session is answered with 201, as the model says and not the page.",
        contracts: Contracts::Page,
        must_fail: &["start-configuration-session/accepts*"],
        may_fail: &[],
        behaviour: || Box::new(Starts(|response| with_status(response, StatusCode::CREATED))),
    },
    Deviation {
        name: "start-answers-200",
        about: "A started session is answered with 200, as the page says and not the model.",
        contracts: Contracts::Model,
        must_fail: &["start-configuration-session/accepts*"],
        may_fail: &[],
        behaviour: || Box::new(Starts(|response| with_status(response, StatusCode::OK))),
    },
    Deviation {
        name: "start-content-type-text",
        about: "The answer to a started session is declared as text.",
        contracts: Contracts::Both,
        must_fail: &[START_CONTENT_TYPE],
        may_fail: &[],
        behaviour: || Box::new(Starts(|response| with_header(response, CONTENT_TYPE, "text/plain"))),
    },
    Deviation {
        name: "start-content-type-missing",
        about: "The answer to a started session has no content type.",
        contracts: Contracts::Both,
        must_fail: &[START_CONTENT_TYPE],
        may_fail: &[],
        behaviour: || Box::new(Starts(|response| without_header(response, &CONTENT_TYPE))),
    },
    Deviation {
        name: "start-body-not-json",
        about: "The answer to a started session is the bare token.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/response/initial-configuration-token"],
        may_fail: &[],
        behaviour: || {
            Box::new(Starts(|response| {
                let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
                let token = body["InitialConfigurationToken"].as_str().unwrap_or_default();
                with_body(response, token.to_owned())
            }))
        },
    },
    Deviation {
        name: "poll-answers-201",
        about: "A poll is answered with 201.",
        contracts: Contracts::Both,
        must_fail: &["get-latest-configuration/accepts*"],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| with_status(response, StatusCode::CREATED))),
    },
    Deviation {
        name: "unchanged-answers-204",
        about: "A poll of an unchanged configuration is answered with 204.",
        contracts: Contracts::Both,
        must_fail: &[CHAIN],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| when_unchanged(response, StatusCode::NO_CONTENT))),
    },
    Deviation {
        name: "unchanged-answers-304",
        about: "A poll of an unchanged configuration is answered with 304.",
        contracts: Contracts::Both,
        must_fail: &[CHAIN],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| when_unchanged(response, StatusCode::NOT_MODIFIED))),
    },
    Deviation {
        name: "first-poll-empty",
        about: "The first poll of a session brings no configuration.",
        contracts: Contracts::Both,
        must_fail: &[CONFIGURATION],
        may_fail: &[],
        behaviour: || Box::new(NeverSends),
    },
    Deviation {
        name: "configuration-truncated",
        about: "The last byte of the configuration is missing.",
        contracts: Contracts::Both,
        must_fail: &[CONFIGURATION],
        may_fail: &[],
        behaviour: || {
            Box::new(Polls(|response| response.map(|body| body.slice(..body.len().saturating_sub(1)))))
        },
    },
    Deviation {
        name: "configuration-wrapped",
        about: "The configuration comes in base64 as a member of a JSON object.",
        contracts: Contracts::Both,
        must_fail: &[CONFIGURATION],
        may_fail: &[],
        behaviour: || {
            Box::new(Polls(|response| {
                response.map(|body| {
                    let wrapped = json!({ "Configuration": BASE64_STANDARD.encode(body) });
                    Bytes::from(wrapped.to_string())
                })
            }))
        },
    },
    Deviation {
        name: "configuration-mangled",
        about: "Each byte of the configuration outside of ASCII becomes a question mark.",
        contracts: Contracts::Both,
        must_fail: &[CONFIGURATION],
        may_fail: &[],
        behaviour: || {
            Box::new(Polls(|response| {
                response
                    .map(|body| body.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect())
            }))
        },
    },
    Deviation {
        name: "next-interval-missing",
        about: "The answer to a poll carries no interval.",
        contracts: Contracts::Both,
        must_fail: &[INTERVAL],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| without_header(response, &NEXT_POLL_INTERVAL))),
    },
    Deviation {
        name: "next-interval-is-a-fraction",
        about: "The interval that the answer to a poll carries has decimals.",
        contracts: Contracts::Both,
        must_fail: &[INTERVAL],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "60.5"))),
    },
    Deviation {
        name: "next-interval-has-a-unit",
        about: "The interval that the answer to a poll carries has a unit.",
        contracts: Contracts::Both,
        must_fail: &[INTERVAL],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "60s"))),
    },
    Deviation {
        name: "next-interval-negative",
        about: "The interval that the answer to a poll carries is below zero.",
        contracts: Contracts::Both,
        must_fail: &[INTERVAL],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "-1"))),
    },
    Deviation {
        name: "next-interval-beyond-32-bits",
        about: "The interval that the answer to a poll carries does not fit into 32 bits.",
        contracts: Contracts::Both,
        must_fail: &[INTERVAL],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "4294967296"))),
    },
    Deviation {
        name: "start-success-names-an-error",
        about: "The answer to a started session names an error type in its header.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/response/error-type"],
        may_fail: &[],
        behaviour: || {
            Box::new(Starts(|response| with_header(response, ERROR_TYPE, "InternalServerException")))
        },
    },
    Deviation {
        name: "poll-success-names-an-error",
        about: "The answer to a poll names an error type in its header.",
        contracts: Contracts::Both,
        must_fail: &["get-latest-configuration/response/error-type"],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| with_header(response, ERROR_TYPE, "BadRequestException"))),
    },
    Deviation {
        name: "poll-content-type-missing",
        about: "The answer to a poll has no content type.",
        contracts: Contracts::Both,
        must_fail: &[GET_CONTENT_TYPE],
        may_fail: &[],
        behaviour: || Box::new(Polls(|response| without_header(response, &CONTENT_TYPE))),
    },
    Deviation {
        name: "compresses-unasked",
        about: "All bodies are compressed, whatever encoding the client asks for.",
        contracts: Contracts::Both,
        must_fail: &[START_CONTENT_TYPE],
        // Without a token that can be read, nothing else is seen of polls.
        may_fail: &["get-latest-configuration/errors/content-type"],
        behaviour: || Box::new(CompressesUnasked),
    },
    Deviation {
        name: "polls-compressed-unasked",
        about: "The configuration is compressed, whatever encoding the client asks for.",
        contracts: Contracts::Both,
        must_fail: &[CONFIGURATION],
        may_fail: &[],
        behaviour: || Box::new(Polls(compressed)),
    },
    Deviation {
        name: "errors-compressed-unasked",
        about: "The body of an error is compressed, whatever encoding the client asks for.",
        contracts: Contracts::Both,
        must_fail: &["*/errors/content-type"],
        may_fail: &[],
        behaviour: || Box::new(Refuses(compressed)),
    },
    Deviation {
        name: "fails-now-and-then",
        about: "Every fiftieth request makes the server fail.",
        contracts: Contracts::Both,
        must_fail: &[],
        may_fail: &["*"],
        behaviour: || Box::new(FailsNowAndThen(AtomicU64::new(0))),
    },
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
