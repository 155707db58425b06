//! Faults that only requests at the same time show: between looking and doing there is a pause.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::{Deviation, deviation, is_start};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, Problem};
use crate::memory::locked;
use crate::resources::{NotFound, ResourceKind};
use crate::token::{Claims, Sealer};

/// Writes the id of a case of single use.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/single-use/", $rest)
    };
}

/// Long enough for the next request to come in between, short enough for thousands of polls.
const BETWEEN: Duration = Duration::from_millis(2);

const IN_SESSIONS: &str = "get-latest-configuration/sessions/*";

pub(super) const ALL: &[Deviation] = &[
    deviation("calls-at-once-share-a-token")
        .about("Calls with one token at the same time all succeed; one after the other they do not.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behaviour(|| Box::new(Checks::first(|_| true, None))),
    deviation("calls-at-once-share-a-next-token")
        .about("Calls with one token at the same time all succeed, unless it is an initial one.")
        .must_fail(&[id!("next-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behaviour(|| Box::new(Checks::first(|claims| claims.sequence > 0, None))),
    deviation("calls-at-once-share-each-fifth-token")
        .about("Calls with one token at the same time all succeed, in each fifth session.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behaviour(|| Box::new(Checks::first(|claims| claims.session % 5 == 2, None))),
    deviation("losing-call-fails")
        .about("Of calls with one token at the same time one succeeds, the others make the server fail.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behaviour(|| Box::new(Checks::first(|_| true, Some(Fault::Internal)))),
    deviation("losing-call-not-found")
        .about(
            "Of calls with one token at the same time one succeeds, the others find their session gone: 404.",
        )
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[IN_SESSIONS, "get-latest-configuration/configuration-token/single-use"])
        .behaviour(|| {
            let gone = NotFound { kind: ResourceKind::Deployment, referenced_by: Vec::new() };
            Box::new(Checks::first(|_| true, Some(Fault::NotFound(gone))))
        }),
    deviation("calls-at-once-all-refused")
        .about("Of calls with one token at the same time none succeeds.")
        .must_fail(&[id!("*-at-once")])
        .may_fail(&[
            IN_SESSIONS,
            "get-latest-configuration/accepts",
            "get-latest-configuration/configuration-token/single-use",
            "get-latest-configuration/stability",
        ])
        .behaviour(|| Box::new(Deadlocks::default())),
];

/// Looks whether a token is spent when the request is read, and spends it only after a pause.
struct Checks {
    /// The tokens that are looked at so; all others are dealt with in one step.
    of: fn(&Claims) -> bool,
    /// What becomes of a call that another one came before; none if it succeeds too.
    loses: Option<Fault>,
    /// Session and sequence number of each token that has served.
    served: Mutex<HashSet<(u64, u64)>>,
}

impl Checks {
    fn first(of: fn(&Claims) -> bool, loses: Option<Fault>) -> Self {
        Self { of, loses, served: Mutex::default() }
    }
}

impl Behaviour for Checks {
    fn pause(&self, request: &Request<Bytes>) -> Duration {
        if is_start(request) { Duration::ZERO } else { BETWEEN }
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let claims = Reference.open(sealer, token)?;
        let served = locked(&self.served).contains(&(claims.session, claims.sequence));
        if served { Err(Fault::Token(Problem::Corrupted)) } else { Ok(claims) }
    }

    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        let served = !locked(&self.served).insert((claims.session, claims.sequence));
        let decided_here = self.loses.is_some() || !(self.of)(claims);
        decided_here && (served || Reference.is_spent(claims, newest))
    }

    fn spent(&self, claims: &Claims) -> Fault {
        match &self.loses {
            Some(fault) if (self.of)(claims) => fault.clone(),
            _ => Reference.spent(claims),
        }
    }
}

/// Takes a token for spent as soon as two calls with it are under way.
#[derive(Default)]
struct Deadlocks {
    /// How many calls are under way, by session and sequence number of their token.
    under_way: Mutex<HashMap<(u64, u64), u64>>,
    spent: Mutex<HashSet<(u64, u64)>>,
}

impl Behaviour for Deadlocks {
    fn pause(&self, request: &Request<Bytes>) -> Duration {
        if is_start(request) { Duration::ZERO } else { BETWEEN }
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let claims = Reference.open(sealer, token)?;
        *locked(&self.under_way).entry((claims.session, claims.sequence)).or_default() += 1;
        Ok(claims)
    }

    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        let key = (claims.session, claims.sequence);
        let mut under_way = locked(&self.under_way);
        let calls = under_way.entry(key).or_default();
        let mut spent = locked(&self.spent);
        if *calls > 1 {
            spent.insert(key);
        }
        *calls = calls.saturating_sub(1);
        spent.contains(&key) || Reference.is_spent(claims, newest)
    }
}
