//! Bugs that only simultaneous requests show: there is a pause between check and use.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::definition::{Mutant, mutant};
use crate::protocol::{ApiError, TokenProblem};
use crate::resources::NotFound;
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Sealer};
use crate::toolkit::{is_start, locked};

/// The id of a case about single use.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/single-use/", $rest)
    };
}

/// Long enough for another request to come in between, short enough for thousands of polls.
const PAUSE: Duration = Duration::from_millis(2);

const IN_SESSIONS: &str = "get-latest-configuration/sessions/*";

pub(super) const ALL: &[Mutant] = &[
    mutant("calls-at-once-share-a-token")
        .about("Simultaneous calls with one token all succeed; sequential calls do not.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behavior(|| Box::new(ChecksBeforePause::new(|_| true, None))),
    mutant("calls-at-once-share-a-next-token")
        .about("Simultaneous calls with one token all succeed, unless it is an initial token.")
        .must_fail(&[id!("next-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behavior(|| Box::new(ChecksBeforePause::new(|claims| claims.sequence > 0, None))),
    mutant("calls-at-once-share-each-fifth-token")
        .about("Simultaneous calls with one token all succeed, in every fifth session.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behavior(|| Box::new(ChecksBeforePause::new(|claims| claims.session % 5 == 2, None))),
    mutant("losing-call-fails")
        .about("Of simultaneous calls with one token one succeeds; the others make the server fail.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behavior(|| Box::new(ChecksBeforePause::new(|_| true, Some(ApiError::Internal)))),
    mutant("losing-call-not-found")
        .about("Of simultaneous calls with one token one succeeds; the others get 404.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behavior(|| {
            Box::new(ChecksBeforePause::new(|_| true, Some(ApiError::NotFound(NotFound::unnamed()))))
        }),
    mutant("calls-at-once-all-refused")
        .about("Of simultaneous calls with one token none succeeds.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/accepts",
            "get-latest-configuration/configuration-token/single-use",
            "get-latest-configuration/stability",
        ])
        .behavior(|| Box::new(RefusesBoth::default())),
];

/// Checks whether a token was used when the request is read, and marks it as used only after a pause.
struct ChecksBeforePause {
    /// The tokens that are checked so; all others are checked and marked in one step.
    affects: fn(&Claims) -> bool,
    /// The error for a call that came second; none if it succeeds too.
    second: Option<ApiError>,
    /// Session and sequence number of each used token.
    used: Mutex<HashSet<(u64, u64)>>,
}

impl ChecksBeforePause {
    fn new(affects: fn(&Claims) -> bool, second: Option<ApiError>) -> Self {
        Self { affects, second, used: Mutex::default() }
    }
}

impl Behavior for ChecksBeforePause {
    fn pause(&self, request: &Request<Bytes>) -> Duration {
        if is_start(request) { Duration::ZERO } else { PAUSE }
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let claims = Reference.open(sealer, token)?;
        let used = locked(&self.used).contains(&(claims.session, claims.sequence));
        if used { Err(ApiError::Token(TokenProblem::Corrupted)) } else { Ok(claims) }
    }

    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        let used = !locked(&self.used).insert((claims.session, claims.sequence));
        let checked_again = self.second.is_some() || !(self.affects)(claims);
        checked_again && (used || Reference.is_used(claims, newest))
    }

    fn used_token_error(&self, claims: &Claims) -> ApiError {
        match &self.second {
            Some(error) if (self.affects)(claims) => error.clone(),
            _ => Reference.used_token_error(claims),
        }
    }
}

/// Marks a token as used as soon as two calls with it are open.
#[derive(Default)]
struct RefusesBoth {
    /// How many calls are open, by session and sequence number of their token.
    open: Mutex<HashMap<(u64, u64), u64>>,
    used: Mutex<HashSet<(u64, u64)>>,
}

impl Behavior for RefusesBoth {
    fn pause(&self, request: &Request<Bytes>) -> Duration {
        if is_start(request) { Duration::ZERO } else { PAUSE }
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let claims = Reference.open(sealer, token)?;
        *locked(&self.open).entry((claims.session, claims.sequence)).or_default() += 1;
        Ok(claims)
    }

    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        let key = (claims.session, claims.sequence);
        let mut open = locked(&self.open);
        let calls = open.entry(key).or_default();
        let mut used = locked(&self.used);
        if *calls > 1 {
            used.insert(key);
        }
        *calls = calls.saturating_sub(1);
        used.contains(&key) || Reference.is_used(claims, newest)
    }
}
