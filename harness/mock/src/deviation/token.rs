//! Tokens.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

use super::{
    Deviation, Polls, Reports, Starts, deviation, is_start, with_document, with_header, without_header,
};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, Parameter, Problem};
use crate::memory::locked;
use crate::render::NEXT_POLL_TOKEN;
use crate::resources::{NotFound, ResourceKind};
use crate::token::{self, Claims, Nonce, Sealer};

/// Writes the id of a requirement or case of the token.
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

/// What fails where a call spends the token of another session that is under way.
const DISTURBED: &[&str] = &[
    ACCEPTS,
    id!("single-use*"),
    "get-latest-configuration/recovery*",
    "get-latest-configuration/response/configuration",
    "get-latest-configuration/sessions*",
    "get-latest-configuration/stability",
];

pub(super) const ALL: &[Deviation] = &[
    deviation("used-token-accepted-once-more")
        .about("Each token serves two calls.")
        .must_fail(&[REUSED])
        .behaviour(|| Box::new(OnceMore(Mutex::default()))),
    deviation("initial-token-never-spent")
        .about("The initial token serves any number of calls.")
        .must_fail(&[id!("single-use/initial-*")])
        .may_fail(&["get-latest-configuration/configuration-token/single-use/each-reused-again-and-again"])
        .behaviour(|| Box::new(Spends(|sequence, newest| sequence != 0 && sequence != newest))),
    deviation("next-token-never-spent")
        .about("Each token but the initial one serves any number of calls.")
        .must_fail(&[id!("single-use/next-*")])
        .may_fail(&["get-latest-configuration/configuration-token/single-use/each-reused-again-and-again"])
        .behaviour(|| Box::new(Spends(|sequence, newest| sequence == 0 && newest != 0))),
    deviation("previous-token-accepted")
        .about("A token is spent only when the one that came with its answer is used.")
        .must_fail(&[id!("single-use/initial-reused"), id!("single-use/next-reused")])
        .may_fail(&[
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/initial-reused-repeatedly",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
            "get-latest-configuration/configuration-token/single-use/next-reused-repeatedly",
        ])
        .behaviour(|| Box::new(Spends(|sequence, newest| sequence != newest && sequence + 1 != newest))),
    deviation("used-token-answered-again")
        .about("A token that was used is answered as before until the one that came with its answer is used.")
        .must_fail(&[id!("single-use/initial-reused"), id!("single-use/next-reused")])
        .may_fail(&[
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/initial-reused-repeatedly",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
            "get-latest-configuration/configuration-token/single-use/next-reused-repeatedly",
        ])
        .behaviour(|| Box::new(AnswersAgain::default())),
    deviation("old-token-accepted")
        .about("Only the token of the last call is remembered as spent, older ones serve again.")
        .must_fail(&[id!("single-use/*-later")])
        .may_fail(&["get-latest-configuration/configuration-token/single-use/each-reused-again-and-again"])
        .behaviour(|| Box::new(Spends(|sequence, newest| sequence + 1 == newest))),
    deviation("token-never-spent")
        .about("Tokens serve any number of calls.")
        .must_fail(&[REUSED])
        .behaviour(|| Box::new(Spends(|_, _| false))),
    deviation("next-token-refused")
        .about("The token of a poll is refused in the next one.")
        .must_fail(&["get-latest-configuration/accepts/chain"])
        .behaviour(|| Box::new(Spends(|sequence, newest| sequence != 0 || newest != 0))),
    deviation("next-token-is-the-old-one")
        .about("A session keeps one token for all its calls.")
        .must_fail(&[REUSED])
        .may_fail(&["get-latest-configuration/configuration-token/unique"])
        .behaviour(|| Box::new(Echoes)),
    deviation("one-token-for-all")
        .about("Every token of every session is the same text.")
        .must_fail(&[REUSED])
        .may_fail(&[
            // What another session left behind.
            "get-latest-configuration/response/configuration",
            "get-latest-configuration/configuration-token/unique",
            "get-latest-configuration/stability",
        ])
        .behaviour(|| Box::new(OneForAll(LastIssued::default()))),
    deviation("unknown-token-not-found")
        .about("A token that was never issued is reported as a resource that is not found.")
        .must_fail(&[ISSUED])
        .may_fail(&["get-latest-configuration/configuration-token/padding*"])
        .behaviour(|| {
            Box::new(Unopened(Fault::NotFound(NotFound {
                kind: ResourceKind::Deployment,
                referenced_by: Vec::new(),
            })))
        }),
    deviation("unknown-token-fails")
        .about("A token that was never issued makes the server fail.")
        .must_fail(&[ISSUED])
        .may_fail(&[
            "get-latest-configuration/configuration-token/padding*",
            "get-latest-configuration/http/open*",
        ])
        .behaviour(|| Box::new(Unopened(Fault::Internal))),
    deviation("unknown-token-accepted")
        .about("A token that was never issued polls the session that was active last.")
        .must_fail(&[ISSUED])
        .may_fail(DISTURBED)
        .behaviour(|| Box::new(AcceptsUnknown(LastIssued::default()))),
    deviation("token-not-authenticated")
        .about("A token that was altered is accepted if it can still be read.")
        .must_fail(&[id!("issued/altered-*-changed"), id!("issued/altered-anywhere"), id!("issued/spliced")])
        .behaviour(|| Box::new(Unauthenticated)),
    deviation("used-token-fails")
        .about("A token that was used before makes the server fail.")
        .must_fail(&[REUSED])
        .behaviour(|| Box::new(SpentFails)),
    deviation("missing-token-fails")
        .about("A poll without a token makes the server fail.")
        .must_fail(&[id!("required/*")])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Missing(Parameter::ConfigurationToken) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("missing-token-accepted")
        .about("A poll without a token polls the session that was active last.")
        .must_fail(&[id!("required/*")])
        .may_fail(DISTURBED)
        .behaviour(|| Box::new(AcceptsMissing(LastIssued::default()))),
    deviation("empty-token-accepted")
        .about("A poll with an empty token polls the session that was active last.")
        .must_fail(&[id!("pattern/empty"), id!("pattern/bare")])
        .may_fail(DISTURBED)
        .behaviour(|| Box::new(AcceptsEmpty(LastIssued::default()))),
    deviation("empty-token-fails")
        .about("A poll with an empty token makes the server fail.")
        .must_fail(&[id!("pattern/empty"), id!("pattern/bare")])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Length(Parameter::ConfigurationToken, 0) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("too-long-token-fails")
        .about("A poll with a token beyond the maximum length makes the server fail.")
        .must_fail(&[id!("pattern/above-max")])
        .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::Length(Parameter::ConfigurationToken, 1..) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("initial-token-too-long")
        .about("The initial token is longer than either contract allows.")
        .must_fail(&[INITIAL_TOKEN])
        .behaviour(|| Box::new(Pads { sequence: Some(0), length: 8_193 })),
    deviation("initial-token-beyond-the-page")
        .about("The initial token is as long as the model allows and the page does not.")
        .page_only()
        .must_fail(&[INITIAL_TOKEN])
        .behaviour(|| Box::new(Pads { sequence: Some(0), length: 2_049 })),
    deviation("initial-token-empty")
        .about("The initial token is the empty string.")
        .must_fail(&[INITIAL_TOKEN])
        .behaviour(|| Box::new(Starts(|response| with_initial_token(response, json!(""))))),
    deviation("initial-token-with-blank")
        .about("The initial token has a blank inside.")
        .model_only()
        .must_fail(&[INITIAL_TOKEN])
        .may_fail(&[id!("unique")])
        .behaviour(|| Box::new(Starts(|response| with_initial_token(response, json!("a b"))))),
    deviation("initial-token-missing")
        .about("The answer to a started session is an empty object.")
        .must_fail(&[INITIAL_TOKEN])
        .behaviour(|| Box::new(Starts(|response| with_document(response, |body| *body = json!({}))))),
    deviation("initial-token-null")
        .about("The initial token is null.")
        .must_fail(&[INITIAL_TOKEN])
        .behaviour(|| Box::new(Starts(|response| with_initial_token(response, Value::Null)))),
    deviation("initial-token-is-a-number")
        .about("The initial token is a number.")
        .must_fail(&[INITIAL_TOKEN])
        .may_fail(&[
            // Its digits are sent as a token, which is refused.
            ACCEPTS,
            "get-latest-configuration/configuration-token/unique",
        ])
        .behaviour(|| Box::new(Starts(|response| with_initial_token(response, json!(4711))))),
    deviation("initial-token-renamed")
        .about("The name of the initial token begins in lower case.")
        .must_fail(&[INITIAL_TOKEN])
        .behaviour(|| {
            Box::new(Starts(|response| {
                with_document(response, |body| {
                    let token = body["InitialConfigurationToken"].take();
                    *body = json!({ "initialConfigurationToken": token });
                })
            }))
        }),
    deviation("next-token-missing")
        .about("The answer to a poll carries no token.")
        .must_fail(&[NEXT_TOKEN])
        .behaviour(|| Box::new(Polls(|response| without_header(response, &NEXT_POLL_TOKEN)))),
    deviation("next-token-empty")
        .about("The answer to a poll carries an empty token.")
        .must_fail(&[NEXT_TOKEN])
        .behaviour(|| Box::new(Polls(|response| with_header(response, NEXT_POLL_TOKEN, "")))),
    deviation("next-token-with-blank")
        .about("The answer to a poll carries a token with a blank inside.")
        .must_fail(&[NEXT_TOKEN])
        .may_fail(&["get-latest-configuration/configuration-token/unique"])
        .behaviour(|| Box::new(Polls(|response| with_header(response, NEXT_POLL_TOKEN, "a b")))),
    deviation("next-token-too-long")
        .about("The answer to a poll carries a token that is longer than allowed.")
        .must_fail(&[NEXT_TOKEN])
        .behaviour(|| Box::new(Pads { sequence: None, length: 8_193 })),
];

fn with_initial_token(response: Response<Bytes>, token: Value) -> Response<Bytes> {
    with_document(response, |body| body["InitialConfigurationToken"] = token)
}

/// Whether a token of this sequence number is spent, given the newest one of its session.
struct Spends(fn(u64, u64) -> bool);

impl Behaviour for Spends {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        (self.0)(claims.sequence, newest)
    }
}

struct SpentFails;

impl Behaviour for SpentFails {
    fn spent(&self, _: &Claims) -> Fault {
        Fault::Internal
    }
}

/// The session and sequence number of each token that was used twice.
struct OnceMore(Mutex<HashSet<(u64, u64)>>);

impl Behaviour for OnceMore {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        let mut twice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.sequence != newest && !twice.insert((claims.session, claims.sequence))
    }
}

struct Echoes;

/// The token of a poll.
fn presented(request: &Request<Bytes>) -> &str {
    request.uri().query().and_then(|query| query.strip_prefix("configuration_token=")).unwrap_or_default()
}

impl Behaviour for Echoes {
    fn is_spent(&self, _: &Claims, _: u64) -> bool {
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

/// What is given again for the tokens that were used last.
#[derive(Default)]
struct AnswersAgain(Mutex<Answered>);

#[derive(Default)]
struct Answered {
    /// The answers by their tokens.
    answers: HashMap<String, Response<Bytes>>,
    /// The tokens by those that came with the answers.
    tokens: HashMap<HeaderValue, String>,
}

impl Behaviour for AnswersAgain {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_start(request) {
            return response;
        }
        let presented = presented(request);
        let Answered { answers, tokens } = &mut *locked(&self.0);
        let Some(next) = response.headers().get(NEXT_POLL_TOKEN).cloned() else {
            return answers.get(presented).cloned().unwrap_or(response);
        };
        let before = HeaderValue::from_str(presented).ok().and_then(|presented| tokens.remove(&presented));
        if let Some(before) = before {
            answers.remove(&before);
        }
        tokens.insert(next, presented.to_owned());
        answers.insert(presented.to_owned(), response.clone());
        response
    }
}

/// The claims of the token that was issued last, whatever its session.
#[derive(Default)]
struct LastIssued(Mutex<Option<Claims>>);

impl LastIssued {
    fn remember(&self, claims: &Claims) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(claims.clone());
    }

    fn recall(&self) -> Result<Claims, Fault> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().ok_or(Fault::Token(Problem::Corrupted))
    }
}

struct OneForAll(LastIssued);

impl OneForAll {
    const TOKEN: &str = "AYADeBKMu1Wd8JzLoCrqnHlY8";
}

impl Behaviour for OneForAll {
    fn seal(&self, _: &Sealer, claims: &Claims, _: &Nonce) -> String {
        self.0.remember(claims);
        Self::TOKEN.to_owned()
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        if token == Self::TOKEN { self.0.recall() } else { Err(Fault::Token(Problem::Corrupted)) }
    }

    fn is_spent(&self, _: &Claims, _: u64) -> bool {
        false
    }
}

/// Reports this for a token that cannot be opened.
struct Unopened(Fault);

impl Behaviour for Unopened {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        sealer.open(token).ok_or_else(|| self.0.clone())
    }
}

struct AcceptsUnknown(LastIssued);

impl Behaviour for AcceptsUnknown {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.remember(claims);
        sealer.seal(claims, nonce)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        sealer.open(token).map_or_else(|| self.0.recall(), Ok)
    }
}

struct AcceptsMissing(LastIssued);

impl Behaviour for AcceptsMissing {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.remember(claims);
        sealer.seal(claims, nonce)
    }

    fn missing_token(&self) -> Result<Claims, Fault> {
        self.0.recall()
    }
}

struct AcceptsEmpty(LastIssued);

impl Behaviour for AcceptsEmpty {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        self.0.remember(claims);
        sealer.seal(claims, nonce)
    }

    fn empty_token(&self) -> Result<Claims, Fault> {
        self.0.recall()
    }
}

/// Tokens that carry their claims in clear, between bytes that nobody looks at.
struct Unauthenticated;

impl Behaviour for Unauthenticated {
    fn seal(&self, _: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let claims = claims.to_bytes();
        let (first, second) = claims.split_at(32);
        let unread = &nonce[..20];
        let bytes = [&unread[..12], first, unread, second, &unread[..8]].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        BASE64_URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .filter(|bytes| bytes.len() == token::LENGTH / 4 * 3)
            .and_then(|bytes| Claims::from_bytes(&[&bytes[12..44], &bytes[64..88]].concat()))
            .ok_or(Fault::Token(Problem::Corrupted))
    }
}

/// Tokens of this sequence number, or all but the initial one, are this long.
struct Pads {
    sequence: Option<u64>,
    length: usize,
}

impl Behaviour for Pads {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let mut token = Reference.seal(sealer, claims, nonce);
        if self.sequence.map_or(claims.sequence > 0, |sequence| sequence == claims.sequence) {
            token.push_str(&"0".repeat(self.length - token.len()));
        }
        token
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        match token.split_at_checked(token::LENGTH) {
            Some((unpadded, padding)) if token.len() == self.length && padding.bytes().all(|b| b == b'0') => {
                Reference.open(sealer, unpadded)
            }
            _ => Reference.open(sealer, token),
        }
    }
}
