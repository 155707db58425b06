//! Bugs that show only in a late step of a session.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::definition::{Mutant, mutant};
use crate::protocol::{ApiError, TokenProblem};
use crate::resources::Configuration;
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Nonce, Sealer, TOKEN_LENGTH};
use crate::toolkit::{IssuedTokens, locked};

/// The id of a requirement or case about the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

const CHAIN: &str = "get-latest-configuration/accepts/chain";
const SESSIONS: &str = "get-latest-configuration/sessions";
const IN_SESSIONS: &str = "get-latest-configuration/sessions/*";

pub(super) const ALL: &[Mutant] = &[
    mutant("fifth-poll-fails")
    .about("The fifth poll of a session makes the server fail.")
    .must_fail(&[CHAIN])
    .may_fail(&[IN_SESSIONS])
    .behavior(|| Box::new(RefusesAt { sequence: 4, error: ApiError::Internal })),
    mutant("tenth-poll-refused")
    .about("The tenth poll of a session is refused.")
    .must_fail(&[CHAIN])
    .may_fail(&[IN_SESSIONS])
    .behavior(|| Box::new(RefusesAt { sequence: 9, error: ApiError::Token(TokenProblem::Corrupted) })),
    mutant("twelfth-poll-returns-other-content")
    .about("The twelfth poll of a session returns the configuration with its bytes reversed.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(&[IN_SESSIONS])
    .behavior(|| Box::new(Reverses)),
    mutant("fifteenth-poll-without-token")
    .about("The response to the fifteenth poll of a session carries an empty token.")
    .must_fail(&["get-latest-configuration/response/next-poll-configuration-token"])
    .may_fail(&[IN_SESSIONS])
    .behavior(|| Box::new(IssuesEmptyToken)),
    mutant("second-reuse-accepted")
    .about("The second reuse of a token is accepted; all others are refused.")
    .must_fail(&[id!("single-use/*-reused-repeatedly"), id!("single-use/*-at-once")])
    .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
        ])
    .behavior(|| Box::new(AcceptsNthReuse { reuse: 2, reuses: Mutex::default() })),
    mutant("third-reuse-accepted")
    .about("The third reuse of a token is accepted; all others are refused.")
    .must_fail(&[id!("single-use/*-reused-repeatedly"), id!("single-use/*-at-once")])
    .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
        ])
    .behavior(|| Box::new(AcceptsNthReuse { reuse: 3, reuses: Mutex::default() })),
    mutant("used-token-accepted-after-three-polls")
    .about("Only the last four used tokens are remembered: a used token is accepted again after three further polls.")
    .must_fail(&[id!("single-use/initial-reused-much-later")])
    .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
        ])
    .behavior(|| Box::new(Forgets(|sequence, newest| newest >= sequence + 4))),
    mutant("initial-token-accepted-after-ten-polls")
    .about("The initial token is accepted again once the session has polled ten times.")
    .must_fail(&[id!("single-use")])
    .may_fail(&[id!("single-use/*"), IN_SESSIONS])
    .behavior(|| Box::new(Forgets(|sequence, newest| sequence == 0 && newest >= 10))),
    mutant("token-repeats-after-twenty-polls")
    .about("After twenty polls a session issues its initial token again.")
    .must_fail(&[id!("unique")])
    .may_fail(&[id!("single-use"), id!("single-use/*"), "get-latest-configuration/accepts*", IN_SESSIONS])
    .behavior(|| Box::new(RepeatsInitialToken { initial: Mutex::default(), issued: IssuedTokens::default() })),
    mutant("refused-reuse-ends-session")
    .about("Reuse of a token ends its session: the newest token is refused from then on.")
    .must_fail(&[SESSIONS])
    .may_fail(&[IN_SESSIONS, "get-latest-configuration/recovery*", "get-latest-configuration/accepts*"])
    .behavior(|| Box::new(EndsOnReuse(Mutex::default()))),
    mutant("altered-token-uses-up-the-original")
    .about("A call with an altered token is refused, but uses up the original if only the second half is altered.")
    .must_fail(&[SESSIONS])
    .may_fail(&[IN_SESSIONS, "get-latest-configuration/recovery*", "get-latest-configuration/accepts*"])
    .behavior(|| Box::new(UsesUpOriginal { issued: IssuedTokens::default(), used_up: Mutex::default() })),
];

/// Refuses the token with this sequence number.
struct RefusesAt {
    sequence: u64,
    error: ApiError,
}

impl Behavior for RefusesAt {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let claims = Reference.open(sealer, token)?;
        if claims.sequence == self.sequence { Err(self.error.clone()) } else { Ok(claims) }
    }
}

struct Reverses;

impl Behavior for Reverses {
    fn is_unchanged(&self, claims: &Claims, version: u64) -> bool {
        claims.sequence != 11 && Reference.is_unchanged(claims, version)
    }

    fn delivered(&self, claims: &Claims, deployed: &Configuration) -> Configuration {
        let mut delivered = deployed.clone();
        if claims.sequence == 11 {
            delivered.content = delivered.content.iter().rev().copied().collect();
        }
        delivered
    }
}

struct IssuesEmptyToken;

impl Behavior for IssuesEmptyToken {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if claims.sequence == 15 { String::new() } else { Reference.seal(sealer, claims, nonce) }
    }
}

/// Accepts the reuse of a token with this number.
struct AcceptsNthReuse {
    reuse: u64,
    /// How often each token was used again, by session and sequence number.
    reuses: Mutex<HashMap<(u64, u64), u64>>,
}

impl Behavior for AcceptsNthReuse {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        if claims.sequence == newest {
            return false;
        }
        let mut reuses = locked(&self.reuses);
        let reuses = reuses.entry((claims.session, claims.sequence)).or_default();
        *reuses += 1;
        *reuses != self.reuse
    }
}

/// Decides whether a used token is forgotten, by its sequence number and the newest one of its session.
struct Forgets(fn(u64, u64) -> bool);

impl Behavior for Forgets {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        claims.sequence != newest && !(self.0)(claims.sequence, newest)
    }
}

struct RepeatsInitialToken {
    /// The initial token of each session.
    initial: Mutex<HashMap<u64, String>>,
    issued: IssuedTokens,
}

impl Behavior for RepeatsInitialToken {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let fresh = Reference.seal(sealer, claims, nonce);
        let mut initial = locked(&self.initial);
        let token = match claims.sequence {
            0 => initial.entry(claims.session).insert_entry(fresh).get().clone(),
            20 => initial.get(&claims.session).cloned().unwrap_or(fresh),
            _ => fresh,
        };
        self.issued.issue(token, claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.issued.open(token)
    }
}

/// The sessions that have ended.
struct EndsOnReuse(Mutex<HashSet<u64>>);

impl Behavior for EndsOnReuse {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        let mut ended = locked(&self.0);
        if claims.sequence != newest {
            ended.insert(claims.session);
        }
        ended.contains(&claims.session)
    }
}

struct UsesUpOriginal {
    /// By the first half of a token.
    issued: IssuedTokens,
    /// Session and sequence number of each token that an altered one used up.
    used_up: Mutex<HashSet<(u64, u64)>>,
}

impl Behavior for UsesUpOriginal {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        self.issued.issue(token[..TOKEN_LENGTH / 2].to_owned(), claims);
        token
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let opened = Reference.open(sealer, token);
        if opened.is_err()
            && let Some((half, _)) = token.split_at_checked(TOKEN_LENGTH / 2)
            && let Ok(original) = self.issued.open(half)
        {
            locked(&self.used_up).insert((original.session, original.sequence));
        }
        opened
    }

    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_used(claims, newest)
            || locked(&self.used_up).contains(&(claims.session, claims.sequence))
    }
}
