//! Sessions that get into each other's way. Most of it shows only while several are under way, and
//! which ones meet in a run is a matter of chance.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::Fault;
use crate::memory::locked;
use crate::resources::{Configuration, DeploymentKey};
use crate::token::{Claims, Nonce, Sealer};

/// What other sessions than those of its own requirement show.
const DISTURBED: &[&str] = &[
    "get-latest-configuration/sessions*",
    "get-latest-configuration/accepts*",
    "get-latest-configuration/response/configuration",
    "get-latest-configuration/configuration-token/*",
    "get-latest-configuration/recovery*",
    "*/stability",
];

pub(super) const ALL: &[Deviation] = &[
    deviation("last-started-session-wins")
    .about("Every poll brings the configuration of the session that was started last.")
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(LastWins(Mutex::new(DeploymentKey(0))))),
    deviation("first-resource-mixed-up")
    .about("A session of the first resource brings the configuration of the session that was started right after it.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(MixesUp(Mutex::default()))),
    deviation("start-ends-older-session")
    .about("A session that starts ends the one of the same resource that was started before it.")
    .must_fail(&["get-latest-configuration/sessions/in-turns"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(OneEach(Mutex::default()))),
    deviation("poll-spends-token-of-session-before")
    .about("The first poll of a session spends the initial token of the session that was started just before.")
    .must_fail(&["get-latest-configuration/sessions/in-turns"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(SpendsNeighbour(Mutex::default()))),
    deviation("third-open-session-refused")
    .about("A session is refused its first poll if two younger ones have polled already.")
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(Overtaken(Mutex::default()))),
    deviation("last-served-kept-by-resource")
    .about("What was served last is kept by resource and not by session, so that only the first session gets the configuration.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(ServesOnce { served: Mutex::default(), forgets: false })),
    deviation("last-served-kept-until-start")
    .about("What was served last is kept by resource until a session of it starts, so that of two open sessions only one gets the configuration.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(ServesOnce { served: Mutex::default(), forgets: true })),
    deviation("each-session-served-other-bytes")
    .about("The configuration ends with the number of the session.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(Marks(|claims| (claims.sequence == 0).then_some(claims.session)))),
    deviation("each-poll-served-other-bytes")
    .about("Each poll brings a configuration that ends with the number of the poll.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behaviour(|| Box::new(Marks(|claims| Some(claims.sequence)))),
];

/// The resources whose configuration was served.
struct ServesOnce {
    served: Mutex<HashSet<DeploymentKey>>,
    /// Whether a session that starts makes it forget that.
    forgets: bool,
}

impl Behaviour for ServesOnce {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if self.forgets && claims.sequence == 0 {
            locked(&self.served).remove(&claims.deployment);
        }
        Reference.seal(sealer, claims, nonce)
    }

    fn is_unchanged(&self, claims: &Claims, version: u64) -> bool {
        let is_first = locked(&self.served).insert(claims.deployment);
        !is_first || Reference.is_unchanged(claims, version)
    }
}

/// Adds a number to the configurations that are served, which are served if there is one.
struct Marks(fn(&Claims) -> Option<u64>);

impl Behaviour for Marks {
    fn is_unchanged(&self, claims: &Claims, _: u64) -> bool {
        (self.0)(claims).is_none()
    }

    fn delivered(&self, claims: &Claims, deployed: &Configuration) -> Configuration {
        let number = (self.0)(claims).map(|number| number.to_string()).unwrap_or_default();
        let content = [&*deployed.content, number.as_bytes()].concat();
        Configuration { content: content.into(), ..deployed.clone() }
    }
}

/// What the session polls that was started last.
struct LastWins(Mutex<DeploymentKey>);

impl Behaviour for LastWins {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if claims.sequence == 0 {
            *locked(&self.0) = claims.deployment;
        }
        Reference.seal(sealer, claims, nonce)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let claims = Reference.open(sealer, token)?;
        Ok(Claims { deployment: *locked(&self.0), ..claims })
    }
}

/// What each session polls, by its number.
struct MixesUp(Mutex<HashMap<u64, DeploymentKey>>);

impl Behaviour for MixesUp {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if claims.sequence == 0 {
            locked(&self.0).insert(claims.session, claims.deployment);
        }
        Reference.seal(sealer, claims, nonce)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        let claims = Reference.open(sealer, token)?;
        let next = locked(&self.0).get(&(claims.session + 1)).copied();
        match next {
            Some(deployment) if claims.deployment == DeploymentKey(0) => Ok(Claims { deployment, ..claims }),
            _ => Ok(claims),
        }
    }
}

/// The youngest session of each resource.
struct OneEach(Mutex<HashMap<DeploymentKey, u64>>);

impl Behaviour for OneEach {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let mut youngest = locked(&self.0);
        let session = youngest.entry(claims.deployment).or_default();
        *session = claims.session.max(*session);
        Reference.seal(sealer, claims, nonce)
    }

    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_spent(claims, newest)
            || locked(&self.0).get(&claims.deployment).is_some_and(|youngest| *youngest > claims.session)
    }
}

/// The sessions whose initial token is spent.
struct SpendsNeighbour(Mutex<HashSet<u64>>);

impl Behaviour for SpendsNeighbour {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        let mut spent = locked(&self.0);
        if claims.sequence > 0 {
            return Reference.is_spent(claims, newest);
        }
        let is_spent = newest > 0 || spent.contains(&claims.session);
        if !is_spent {
            spent.extend(claims.session.checked_sub(1));
        }
        is_spent
    }
}

/// The sessions that have polled.
struct Overtaken(Mutex<HashSet<u64>>);

impl Behaviour for Overtaken {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        let mut polled = locked(&self.0);
        let younger = [1, 2].map(|later| claims.session + later);
        let overtaken = claims.sequence == 0 && younger.iter().all(|session| polled.contains(session));
        if !overtaken {
            polled.insert(claims.session);
        }
        overtaken || Reference.is_spent(claims, newest)
    }
}
