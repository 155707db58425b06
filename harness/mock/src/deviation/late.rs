//! Faults that only a late step of a session shows.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, Problem};
use crate::memory::{Register, locked};
use crate::resources::Configuration;
use crate::token::{self, Claims, Nonce, Sealer};

/// Writes the id of a requirement or case of the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

const CHAIN: &str = "get-latest-configuration/accepts/chain";
const SESSIONS: &str = "get-latest-configuration/sessions";
const IN_SESSIONS: &str = "get-latest-configuration/sessions/*";

pub(super) const ALL: &[Deviation] = &[
    deviation("fifth-poll-fails")
    .about("The fifth poll of a session makes the server fail.")
    .must_fail(&[CHAIN])
    .may_fail(&[IN_SESSIONS])
    .behaviour(|| Box::new(Stumbles { sequence: 4, fault: Fault::Internal })),
    deviation("tenth-poll-refused")
    .about("The tenth poll of a session is refused.")
    .must_fail(&[CHAIN])
    .may_fail(&[IN_SESSIONS])
    .behaviour(|| Box::new(Stumbles { sequence: 9, fault: Fault::Token(Problem::Corrupted) })),
    deviation("twelfth-poll-brings-other-content")
    .about("The twelfth poll of a session brings the configuration backwards.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(&[IN_SESSIONS])
    .behaviour(|| Box::new(Reverses)),
    deviation("fifteenth-poll-without-token")
    .about("The answer to the fifteenth poll of a session carries an empty token.")
    .must_fail(&["get-latest-configuration/response/next-poll-configuration-token"])
    .may_fail(&[IN_SESSIONS])
    .behaviour(|| Box::new(RunsDry)),
    deviation("second-reuse-accepted")
    .about("The second reuse of a token is accepted, the first and all others are refused.")
    .must_fail(&[id!("single-use/*-reused-repeatedly"), id!("single-use/*-at-once")])
    .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
        ])
    .behaviour(|| Box::new(Relents { reuse: 2, reuses: Mutex::default() })),
    deviation("third-reuse-accepted")
    .about("The third reuse of a token is accepted, all others are refused.")
    .must_fail(&[id!("single-use/*-reused-repeatedly"), id!("single-use/*-at-once")])
    .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
            "get-latest-configuration/configuration-token/single-use/initial-at-once",
            "get-latest-configuration/configuration-token/single-use/next-at-once",
        ])
    .behaviour(|| Box::new(Relents { reuse: 3, reuses: Mutex::default() })),
    deviation("used-token-accepted-after-three-polls")
    .about("Only the last four tokens that were used are remembered: one serves again after three further polls.")
    .must_fail(&[id!("single-use/initial-reused-much-later")])
    .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/configuration-token/single-use/each-reused-again-and-again",
        ])
    .behaviour(|| Box::new(Forgets(|sequence, newest| newest >= sequence + 4))),
    deviation("initial-token-accepted-after-ten-polls")
    .about("The initial token serves again once the session has polled ten times.")
    .must_fail(&[id!("single-use")])
    .may_fail(&[id!("single-use/*"), IN_SESSIONS])
    .behaviour(|| Box::new(Forgets(|sequence, newest| sequence == 0 && newest >= 10))),
    deviation("token-repeats-after-twenty-polls")
    .about("After twenty polls a session gives out its initial token again.")
    .must_fail(&[id!("unique")])
    .may_fail(&[id!("single-use"), id!("single-use/*"), "get-latest-configuration/accepts*", IN_SESSIONS])
    .behaviour(|| Box::new(Repeats { initial: Mutex::default(), issued: Register::default() })),
    deviation("refused-reuse-ends-session")
    .about("A used token that is refused ends its session: the newest token is refused from then on.")
    .must_fail(&[SESSIONS])
    .may_fail(&[IN_SESSIONS, "get-latest-configuration/recovery*", "get-latest-configuration/accepts*"])
    .behaviour(|| Box::new(EndsOnReuse(Mutex::default()))),
    deviation("altered-token-spends-the-original")
    .about("A token that is refused, because its second half is not as it was issued, is spent all the same.")
    .must_fail(&[SESSIONS])
    .may_fail(&[IN_SESSIONS, "get-latest-configuration/recovery*", "get-latest-configuration/accepts*"])
    .behaviour(|| Box::new(SpendsOriginal { issued: Register::default(), spent: Mutex::default() })),
];

/// Goes wrong on the token of this sequence number.
struct Stumbles {
    sequence: u64,
    fault: Fault,
}

impl Behaviour for Stumbles {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let claims = Reference.open(sealer, token)?;
        if claims.sequence == self.sequence { Err(self.fault.clone()) } else { Ok(claims) }
    }
}

struct Reverses;

impl Behaviour for Reverses {
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

struct RunsDry;

impl Behaviour for RunsDry {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if claims.sequence == 15 { String::new() } else { Reference.seal(sealer, claims, nonce) }
    }
}

/// Accepts one reuse of a token, by its number.
struct Relents {
    reuse: u64,
    /// How often the token of a session and sequence number was used again.
    reuses: Mutex<HashMap<(u64, u64), u64>>,
}

impl Behaviour for Relents {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        if claims.sequence == newest {
            return false;
        }
        let mut reuses = locked(&self.reuses);
        let reuses = reuses.entry((claims.session, claims.sequence)).or_default();
        *reuses += 1;
        *reuses != self.reuse
    }
}

/// Whether a used token of this sequence number is forgotten, given the newest one of its session.
struct Forgets(fn(u64, u64) -> bool);

impl Behaviour for Forgets {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        claims.sequence != newest && !(self.0)(claims.sequence, newest)
    }
}

struct Repeats {
    /// The initial token of each session.
    initial: Mutex<HashMap<u64, String>>,
    issued: Register,
}

impl Behaviour for Repeats {
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

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.issued.open(token)
    }
}

/// The sessions that have ended.
struct EndsOnReuse(Mutex<HashSet<u64>>);

impl Behaviour for EndsOnReuse {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        let mut ended = locked(&self.0);
        if claims.sequence != newest {
            ended.insert(claims.session);
        }
        ended.contains(&claims.session)
    }
}

struct SpendsOriginal {
    /// By the first half of a token.
    issued: Register,
    /// The session and sequence number of each token that was spent so.
    spent: Mutex<HashSet<(u64, u64)>>,
}

impl Behaviour for SpendsOriginal {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        self.issued.issue(token[..token::LENGTH / 2].to_owned(), claims);
        token
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let opened = Reference.open(sealer, token);
        if opened.is_err()
            && let Some((half, _)) = token.split_at_checked(token::LENGTH / 2)
            && let Ok(original) = self.issued.open(half)
        {
            locked(&self.spent).insert((original.session, original.sequence));
        }
        opened
    }

    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_spent(claims, newest) || locked(&self.spent).contains(&(claims.session, claims.sequence))
    }
}
