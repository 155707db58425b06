//! Sessions that affect each other. Most of these bugs show only while several sessions are open, and it is
//! random which sessions overlap in a run.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::definition::{Mutant, mutant};
use crate::protocol::ApiError;
use crate::resources::{Configuration, DeploymentKey};
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Nonce, Sealer};
use crate::toolkit::locked;

/// What sessions of other requirements show.
const DISTURBED: &[&str] = &[
    "get-latest-configuration/sessions*",
    "get-latest-configuration/accepts*",
    "get-latest-configuration/response/configuration",
    "get-latest-configuration/configuration-token/*",
    "get-latest-configuration/recovery*",
    "*/stability",
];

pub(super) const ALL: &[Mutant] = &[
    mutant("last-started-session-wins")
    .about("Every poll returns the configuration of the session that was started last.")
    .may_fail(DISTURBED)
    .behavior(|| Box::new(LastWins(Mutex::new(DeploymentKey(0))))),
    mutant("first-resource-mixed-up")
    .about("A session of the first resource returns the configuration of the session that was started right after it.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(MixesUp(Mutex::default()))),
    mutant("start-ends-older-session")
    .about("A session that starts ends the previous session of the same resource.")
    .must_fail(&["get-latest-configuration/sessions/in-turns"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(OneSessionEach(Mutex::default()))),
    mutant("poll-uses-up-token-of-previous-session")
    .about("The first poll of a session uses up the initial token of the session that was started just before.")
    .must_fail(&["get-latest-configuration/sessions/in-turns"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(UsesUpNeighbor(Mutex::default()))),
    mutant("third-open-session-refused")
    .about("The first poll of a session is refused if the next two sessions have polled already.")
    .may_fail(DISTURBED)
    .behavior(|| Box::new(Overtaken(Mutex::default()))),
    mutant("last-served-kept-by-resource")
    .about("The server remembers per resource and not per session what it sent last, so that only the first session gets the configuration.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(ServesOnce { served: Mutex::default(), forgets: false })),
    mutant("last-served-kept-until-start")
    .about("The server remembers per resource, until a session of it starts, what it sent last, so that of two open sessions only one gets the configuration.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(ServesOnce { served: Mutex::default(), forgets: true })),
    mutant("each-session-served-other-bytes")
    .about("The configuration ends with the number of the session.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(AppendsNumber(|claims| (claims.sequence == 0).then_some(claims.session)))),
    mutant("each-poll-served-other-bytes")
    .about("Each poll returns a configuration that ends with the number of the poll.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .may_fail(DISTURBED)
    .behavior(|| Box::new(AppendsNumber(|claims| Some(claims.sequence)))),
];

/// Serves the configuration of each resource once.
struct ServesOnce {
    served: Mutex<HashSet<DeploymentKey>>,
    /// Whether the start of a session makes it forget what it served.
    forgets: bool,
}

impl Behavior for ServesOnce {
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

/// Appends a number to the configuration. Without a number the configuration counts as unchanged.
struct AppendsNumber(fn(&Claims) -> Option<u64>);

impl Behavior for AppendsNumber {
    fn is_unchanged(&self, claims: &Claims, _: u64) -> bool {
        (self.0)(claims).is_none()
    }

    fn delivered(&self, claims: &Claims, deployed: &Configuration) -> Configuration {
        let number = (self.0)(claims).map(|number| number.to_string()).unwrap_or_default();
        let content = [&*deployed.content, number.as_bytes()].concat();
        Configuration { content: content.into(), ..deployed.clone() }
    }
}

/// The deployment of the session that was started last.
struct LastWins(Mutex<DeploymentKey>);

impl Behavior for LastWins {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if claims.sequence == 0 {
            *locked(&self.0) = claims.deployment;
        }
        Reference.seal(sealer, claims, nonce)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let claims = Reference.open(sealer, token)?;
        Ok(Claims { deployment: *locked(&self.0), ..claims })
    }
}

/// The deployment of each session, by its number.
struct MixesUp(Mutex<HashMap<u64, DeploymentKey>>);

impl Behavior for MixesUp {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        if claims.sequence == 0 {
            locked(&self.0).insert(claims.session, claims.deployment);
        }
        Reference.seal(sealer, claims, nonce)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        let claims = Reference.open(sealer, token)?;
        let next = locked(&self.0).get(&(claims.session + 1)).copied();
        match next {
            Some(deployment) if claims.deployment == DeploymentKey(0) => Ok(Claims { deployment, ..claims }),
            _ => Ok(claims),
        }
    }
}

/// The newest session of each resource.
struct OneSessionEach(Mutex<HashMap<DeploymentKey, u64>>);

impl Behavior for OneSessionEach {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let mut newest_session = locked(&self.0);
        let session = newest_session.entry(claims.deployment).or_default();
        *session = claims.session.max(*session);
        Reference.seal(sealer, claims, nonce)
    }

    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_used(claims, newest)
            || locked(&self.0)
                .get(&claims.deployment)
                .is_some_and(|newest_session| *newest_session > claims.session)
    }
}

/// The sessions whose initial token is used up.
struct UsesUpNeighbor(Mutex<HashSet<u64>>);

impl Behavior for UsesUpNeighbor {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        let mut used = locked(&self.0);
        if claims.sequence > 0 {
            return Reference.is_used(claims, newest);
        }
        let is_used = newest > 0 || used.contains(&claims.session);
        if !is_used {
            used.extend(claims.session.checked_sub(1));
        }
        is_used
    }
}

/// The sessions that have polled.
struct Overtaken(Mutex<HashSet<u64>>);

impl Behavior for Overtaken {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        let mut polled = locked(&self.0);
        let next_two = [1, 2].map(|later| claims.session + later);
        let overtaken = claims.sequence == 0 && next_two.iter().all(|session| polled.contains(session));
        if !overtaken {
            polled.insert(claims.session);
        }
        overtaken || Reference.is_used(claims, newest)
    }
}
