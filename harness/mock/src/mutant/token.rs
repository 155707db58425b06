//! How tokens are issued, used and refused.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

use super::definition::{Mutant, mutant};
use crate::contract::Parameter;
use crate::protocol::{ApiError, NEXT_POLL_TOKEN, TokenProblem};
use crate::resources::{NotFound, ResourceKind};
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Nonce, Sealer, TOKEN_LENGTH};
use crate::toolkit::{
    MapsErrors, RewritesPolls, RewritesStarts, is_start, locked, with_document, with_header, without_header,
};

/// The id of a requirement or case about the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

const REUSED: &str = id!("single-use/*");
const ISSUED: &str = id!("issued/*");
const INITIAL_TOKEN: &str = "start-configuration-session/response/initial-configuration-token";
const NEXT_TOKEN: &str = "get-latest-configuration/response/next-poll-configuration-token";
const ACCEPTS: &str = "get-latest-configuration/accepts*";

/// What fails where a call uses up the token of another open session.
const DISTURBED: &[&str] = &[
    ACCEPTS,
    id!("single-use*"),
    "get-latest-configuration/recovery*",
    "get-latest-configuration/response/configuration",
    "get-latest-configuration/sessions*",
    "get-latest-configuration/stability",
];

pub(super) const ALL: &[Mutant] = &[
    mutant("used-token-accepted-once-more")
        .about("Each token can be used twice.")
        .must_fail(&[REUSED])
        .behavior(|| Box::new(AcceptsTwice(Mutex::default()))),
    mutant("initial-token-never-spent")
        .about("The initial token can be used any number of times.")
        .must_fail(&[id!("single-use/initial-*")])
        .may_fail(&["get-latest-configuration/configuration-token/single-use/each-reused-again-and-again"])
        .behavior(|| Box::new(DecidesUse(|sequence, newest| sequence != 0 && sequence != newest))),
    mutant("next-token-never-spent")
        .about("Each token except the initial one can be used any number of times.")
        .must_fail(&[id!("single-use/next-*")])
        .may_fail(&["get-latest-configuration/configuration-token/single-use/each-reused-again-and-again"])
        .behavior(|| Box::new(DecidesUse(|sequence, newest| sequence == 0 && newest != 0))),
    mutant("previous-token-accepted")
        .about("A token can be used again until the token from its response is used.")
        .must_fail(&[id!("single-use/initial-reused"), id!("single-use/next-reused")])
        .may_fail(&[
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/initial-reused-repeatedly",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
            "get-latest-configuration/configuration-token/single-use/next-reused-repeatedly",
        ])
        .behavior(|| Box::new(DecidesUse(|sequence, newest| sequence != newest && sequence + 1 != newest))),
    mutant("used-token-response-repeated")
        .about("A used token gets the same response again until the token from that response is used.")
        .must_fail(&[id!("single-use/initial-reused"), id!("single-use/next-reused")])
        .may_fail(&[
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/initial-reused-repeatedly",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
            "get-latest-configuration/configuration-token/single-use/next-reused-repeatedly",
        ])
        .behavior(|| Box::new(RepeatsResponses::default())),
    mutant("old-token-accepted")
        .about("Only the token of the last call is remembered as used; older ones are accepted again.")
        .must_fail(&[id!("single-use/*-later")])
        .may_fail(&["get-latest-configuration/configuration-token/single-use/each-reused-again-and-again"])
        .behavior(|| Box::new(DecidesUse(|sequence, newest| sequence + 1 == newest))),
    mutant("token-never-spent")
        .about("Tokens can be used any number of times.")
        .must_fail(&[REUSED])
        .behavior(|| Box::new(DecidesUse(|_, _| false))),
    mutant("next-token-refused")
        .about("The token from the response to a poll is refused.")
        .must_fail(&["get-latest-configuration/accepts/chain"])
        .behavior(|| Box::new(DecidesUse(|sequence, newest| sequence != 0 || newest != 0))),
    mutant("next-token-is-the-old-one")
        .about("A session has the same token for all its calls.")
        .must_fail(&[REUSED])
        .may_fail(&["get-latest-configuration/configuration-token/unique"])
        .behavior(|| Box::new(Echoes)),
    mutant("one-token-for-all")
        .about("All tokens of all sessions are equal.")
        .must_fail(&[REUSED])
        .may_fail(&[
            // What other sessions leave behind.
            "get-latest-configuration/response/configuration",
            "get-latest-configuration/configuration-token/unique",
            "get-latest-configuration/stability",
        ])
        .behavior(|| Box::new(OneForAll(LastIssued::default()))),
    mutant("unknown-token-not-found")
        .about("A token that was never issued gets 404.")
        .must_fail(&[ISSUED])
        .may_fail(&["get-latest-configuration/configuration-token/padding*"])
        .behavior(|| {
            Box::new(ReportsUnknown(ApiError::NotFound(NotFound {
                kind: ResourceKind::Deployment,
                referenced_by: Vec::new(),
            })))
        }),
    mutant("unknown-token-fails")
        .about("A token that was never issued makes the server fail.")
        .must_fail(&[ISSUED])
        .may_fail(&[
            "get-latest-configuration/configuration-token/padding*",
            "get-latest-configuration/http/open*",
        ])
        .behavior(|| Box::new(ReportsUnknown(ApiError::Internal))),
    mutant("unknown-token-accepted")
        .about("A token that was never issued polls the session that was active last.")
        .must_fail(&[ISSUED])
        .may_fail(DISTURBED)
        .behavior(|| Box::new(AcceptsUnknown(LastIssued::default()))),
    mutant("token-not-authenticated")
        .about("An altered token is accepted if it can still be decoded.")
        .must_fail(&[id!("issued/altered-*-changed"), id!("issued/altered-anywhere"), id!("issued/spliced")])
        .behavior(|| Box::new(Unauthenticated)),
    mutant("used-token-fails")
        .about("A token that was used before makes the server fail.")
        .must_fail(&[REUSED])
        .behavior(|| Box::new(FailsOnReuse)),
    mutant("missing-token-fails")
        .about("A poll without a token makes the server fail.")
        .must_fail(&[id!("required/*")])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Missing(Parameter::ConfigurationToken) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("missing-token-accepted")
        .about("A poll without a token polls the session that was active last.")
        .must_fail(&[id!("required/*")])
        .may_fail(DISTURBED)
        .behavior(|| Box::new(AcceptsMissing(LastIssued::default()))),
    mutant("empty-token-accepted")
        .about("A poll with an empty token polls the session that was active last.")
        .must_fail(&[id!("pattern/empty"), id!("pattern/bare")])
        .may_fail(DISTURBED)
        .behavior(|| Box::new(AcceptsEmpty(LastIssued::default()))),
    mutant("empty-token-fails")
        .about("A poll with an empty token makes the server fail.")
        .must_fail(&[id!("pattern/empty"), id!("pattern/bare")])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Length(Parameter::ConfigurationToken, 0) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("too-long-token-fails")
        .about("A poll with a token beyond the maximum length makes the server fail.")
        .must_fail(&[id!("pattern/above-max")])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::Length(Parameter::ConfigurationToken, 1..) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("initial-token-too-long")
        .about("The initial token is longer than either contract allows.")
        .must_fail(&[INITIAL_TOKEN])
        .behavior(|| Box::new(Pads { sequence: Some(0), length: 8_193 })),
    mutant("initial-token-beyond-the-page")
        .about("The initial token is as long as the model allows and the page does not.")
        .page_only()
        .must_fail(&[INITIAL_TOKEN])
        .behavior(|| Box::new(Pads { sequence: Some(0), length: 2_049 })),
    mutant("initial-token-empty")
        .about("The initial token is the empty string.")
        .must_fail(&[INITIAL_TOKEN])
        .behavior(|| Box::new(RewritesStarts(|response| with_initial_token(response, json!(""))))),
    mutant("initial-token-with-blank")
        .about("The initial token contains a space.")
        .model_only()
        .must_fail(&[INITIAL_TOKEN])
        .may_fail(&[id!("unique")])
        .behavior(|| Box::new(RewritesStarts(|response| with_initial_token(response, json!("a b"))))),
    mutant("initial-token-missing")
        .about("The response to a started session is an empty object.")
        .must_fail(&[INITIAL_TOKEN])
        .behavior(|| Box::new(RewritesStarts(|response| with_document(response, |body| *body = json!({}))))),
    mutant("initial-token-null")
        .about("The initial token is null.")
        .must_fail(&[INITIAL_TOKEN])
        .behavior(|| Box::new(RewritesStarts(|response| with_initial_token(response, Value::Null)))),
    mutant("initial-token-is-a-number")
        .about("The initial token is a number.")
        .must_fail(&[INITIAL_TOKEN])
        .may_fail(&[
            // Its digits are sent as a token and refused.
            ACCEPTS,
            "get-latest-configuration/configuration-token/unique",
        ])
        .behavior(|| Box::new(RewritesStarts(|response| with_initial_token(response, json!(4711))))),
    mutant("initial-token-renamed")
        .about("The name of the initial token begins in lower case.")
        .must_fail(&[INITIAL_TOKEN])
        .behavior(|| {
            Box::new(RewritesStarts(|response| {
                with_document(response, |body| {
                    let token = body["InitialConfigurationToken"].take();
                    *body = json!({ "initialConfigurationToken": token });
                })
            }))
        }),
    mutant("next-token-missing")
        .about("The response to a poll carries no token.")
        .must_fail(&[NEXT_TOKEN])
        .behavior(|| Box::new(RewritesPolls(|response| without_header(response, &NEXT_POLL_TOKEN)))),
    mutant("next-token-empty")
        .about("The response to a poll carries an empty token.")
        .must_fail(&[NEXT_TOKEN])
        .behavior(|| Box::new(RewritesPolls(|response| with_header(response, NEXT_POLL_TOKEN, "")))),
    mutant("next-token-with-blank")
        .about("The response to a poll carries a token that contains a space.")
        .must_fail(&[NEXT_TOKEN])
        .may_fail(&["get-latest-configuration/configuration-token/unique"])
        .behavior(|| Box::new(RewritesPolls(|response| with_header(response, NEXT_POLL_TOKEN, "a b")))),
    mutant("next-token-too-long")
        .about("The response to a poll carries a token that is longer than allowed.")
        .must_fail(&[NEXT_TOKEN])
        .behavior(|| Box::new(Pads { sequence: None, length: 8_193 })),
];

fn with_initial_token(response: Response<Bytes>, token: Value) -> Response<Bytes> {
    with_document(response, |body| body["InitialConfigurationToken"] = token)
}

/// Decides whether a token was used, by its sequence number and the newest one of its session.
struct DecidesUse(fn(u64, u64) -> bool);

impl Behavior for DecidesUse {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        (self.0)(claims.sequence, newest)
    }
}

struct FailsOnReuse;

impl Behavior for FailsOnReuse {
    fn used_token_error(&self, _: &Claims) -> ApiError {
        ApiError::Internal
    }
}

/// Session and sequence number of each token that was used twice.
struct AcceptsTwice(Mutex<HashSet<(u64, u64)>>);

impl Behavior for AcceptsTwice {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        let mut twice = locked(&self.0);
        claims.sequence != newest && !twice.insert((claims.session, claims.sequence))
    }
}

/// The token that a poll presents.
fn presented(request: &Request<Bytes>) -> &str {
    request.uri().query().and_then(|query| query.strip_prefix("configuration_token=")).unwrap_or_default()
}

struct Echoes;

impl Behavior for Echoes {
    fn is_used(&self, _: &Claims, _: u64) -> bool {
        false
    }

    fn finish(&self, request: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        let presented = presented(request);
        if let Ok(presented) = HeaderValue::from_str(presented)
            && !is_start(request)
            && response.status().is_success()
        {
            response.headers_mut().insert(NEXT_POLL_TOKEN, presented);
        }
        response
    }
}

/// Repeats the response to a used token.
#[derive(Default)]
struct RepeatsResponses(Mutex<Responses>);

#[derive(Default)]
struct Responses {
    /// The responses by the token that was presented.
    responses: HashMap<String, Response<Bytes>>,
    /// The presented tokens by the token in the response.
    tokens: HashMap<HeaderValue, String>,
}

impl Behavior for RepeatsResponses {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_start(request) {
            return response;
        }
        let presented = presented(request);
        let Responses { responses, tokens } = &mut *locked(&self.0);
        let Some(next) = response.headers().get(NEXT_POLL_TOKEN).cloned() else {
            return responses.get(presented).cloned().unwrap_or(response);
        };
        let previous = HeaderValue::from_str(presented).ok().and_then(|presented| tokens.remove(&presented));
        if let Some(previous) = previous {
            responses.remove(&previous);
        }
        tokens.insert(next, presented.to_owned());
        responses.insert(presented.to_owned(), response.clone());
        response
    }
}

/// The claims of the token that was issued last, whatever its session.
#[derive(Default)]
struct LastIssued(Mutex<Option<Claims>>);

impl LastIssued {
    fn remember(&self, claims: &Claims) {
        *locked(&self.0) = Some(claims.clone());
    }

    fn recall(&self) -> Result<Claims, ApiError> {
        let last = locked(&self.0);
        last.clone().ok_or(ApiError::Token(TokenProblem::Corrupted))
    }
}

struct OneForAll(LastIssued);

impl OneForAll {
    const TOKEN: &str = "AYADeBKMu1Wd8JzLoCrqnHlY8";
}

impl Behavior for OneForAll {
    fn seal(&self, _: &Sealer, claims: &Claims, _: &Nonce) -> String {
        self.0.remember(claims);
        Self::TOKEN.to_owned()
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        if token == Self::TOKEN { self.0.recall() } else { Err(ApiError::Token(TokenProblem::Corrupted)) }
    }

    fn is_used(&self, _: &Claims, _: u64) -> bool {
        false
    }
}

/// Reports this error for a token that cannot be opened.
struct ReportsUnknown(ApiError);

impl Behavior for ReportsUnknown {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        sealer.open(token).ok_or_else(|| self.0.clone())
    }
}

struct AcceptsUnknown(LastIssued);

impl Behavior for AcceptsUnknown {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.remember(claims);
        sealer.seal(claims, nonce)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        sealer.open(token).map_or_else(|| self.0.recall(), Ok)
    }
}

struct AcceptsMissing(LastIssued);

impl Behavior for AcceptsMissing {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.remember(claims);
        sealer.seal(claims, nonce)
    }

    fn missing_token(&self) -> Result<Claims, ApiError> {
        self.0.recall()
    }
}

struct AcceptsEmpty(LastIssued);

impl Behavior for AcceptsEmpty {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.remember(claims);
        sealer.seal(claims, nonce)
    }

    fn empty_token(&self) -> Result<Claims, ApiError> {
        self.0.recall()
    }
}

/// Issues tokens with their claims in the clear, between bytes that are ignored.
struct Unauthenticated;

impl Behavior for Unauthenticated {
    fn seal(&self, _: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let claims = claims.to_bytes();
        let (first, second) = claims.split_at(32);
        let ignored = &nonce[..20];
        let bytes = [&ignored[..12], first, ignored, second, &ignored[..8]].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        BASE64_URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .filter(|bytes| bytes.len() == TOKEN_LENGTH / 4 * 3)
            .and_then(|bytes| Claims::from_bytes(&[&bytes[12..44], &bytes[64..88]].concat()))
            .ok_or(ApiError::Token(TokenProblem::Corrupted))
    }
}

/// Pads the token with this sequence number, or all except the initial one, to this length.
struct Pads {
    sequence: Option<u64>,
    length: usize,
}

impl Behavior for Pads {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let mut token = Reference.seal(sealer, claims, nonce);
        if self.sequence.map_or(claims.sequence > 0, |sequence| sequence == claims.sequence) {
            token.push_str(&"0".repeat(self.length - token.len()));
        }
        token
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        match token.split_at_checked(TOKEN_LENGTH) {
            Some((unpadded, padding)) if token.len() == self.length && padding.bytes().all(|b| b == b'0') => {
                Reference.open(sealer, unpadded)
            }
            _ => Reference.open(sealer, token),
        }
    }
}
