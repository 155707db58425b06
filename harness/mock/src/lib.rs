//! The reference server: what a conformant endpoint answers, derived by hand from the contract.
//!
//! It shares no code with the generator and the judge, so that each of the two checks the other.
//! [`Mock::answer`] is pure: the time comes in, randomness comes from a seed, and no socket is
//! touched. [`front`] puts it on a socket, [`deviation`] makes it err on purpose.

pub mod behaviour;
pub mod clock;
pub mod delivery;
pub mod deviation;
pub mod dialect;
mod edit;
pub mod fault;
pub mod front;
mod memory;
pub mod named;
pub mod read;
pub mod render;
pub mod resources;
pub mod session;
pub mod signature;
mod text;
pub mod token;
pub mod variant;

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use http::{Request, Response};

pub use behaviour::{Behaviour, Reference};
pub use clock::Clock;
pub use dialect::Dialect;
pub use fault::Fault;
pub use front::{Connection, Server};
pub use resources::{Configuration, Identifiers, Identity, Resources};

use fault::{Parameter, Problem};
use read::{Call, Start};
use render::Success;
use resources::{DeploymentKey, NotFound};
use session::Sessions;
use signature::{Gate, Keys};
use token::{Claims, Nonce, Sealer};

/// How long a token may be used: 24 hours (model › `GetLatestConfiguration` › `ConfigurationToken`).
pub const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// What a conformant server may choose freely.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seconds that `Next-Poll-Interval-In-Seconds` carries when the session asked for none.
    pub poll_interval: NonZeroU32,
    /// Whether sessions that asked for no interval are held to `poll_interval`, as on AWS.
    pub enforce_poll_interval: bool,
    /// How many sessions are remembered. The oldest is forgotten first, and its token refused.
    pub max_sessions: NonZeroUsize,
    /// The region that requests have to be signed for; without it they need no signature.
    pub signed_for: Option<String>,
    /// How long each response takes at least. Only fronts that can wait do.
    pub latency: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            poll_interval: NonZeroU32::MIN.saturating_add(59),
            enforce_poll_interval: false,
            max_sessions: NonZeroUsize::MIN.saturating_add((1 << 20) - 1),
            signed_for: None,
            latency: Duration::ZERO,
        }
    }
}

/// A server to be started.
pub struct Serving {
    /// How it decides.
    pub behaviour: Box<dyn Behaviour>,
    /// What it chooses freely.
    pub options: Options,
    /// What it serves under a dialect.
    pub resources: fn(&Dialect) -> Resources,
}

impl Serving {
    /// The same for requests that have to be signed for a region.
    #[must_use]
    pub fn signed_for(mut self, region: &str) -> Self {
        self.options.signed_for = Some(region.to_owned());
        self
    }
}

impl Default for Serving {
    fn default() -> Self {
        Self { behaviour: Box::new(Reference), options: Options::default(), resources: Resources::sample }
    }
}

impl From<Box<dyn Behaviour>> for Serving {
    fn from(behaviour: Box<dyn Behaviour>) -> Self {
        Self { behaviour, ..Self::default() }
    }
}

/// What never changes while the mock runs: reading and rendering need no lock.
pub(crate) struct Rules {
    dialect: Dialect,
    behaviour: Box<dyn Behaviour>,
    options: Options,
    sealer: Sealer,
    gate: Option<Gate>,
}

/// The reference server: rules, and the state that requests change.
pub struct Mock {
    rules: Arc<Rules>,
    resources: Resources,
    sessions: Sessions,
    random: ChaCha20Rng,
}

impl Mock {
    /// A mock that serves `resources` under `dialect`. Equal seeds give equal answers to equal
    /// requests; the seed is as secret as the tokens have to be unguessable.
    pub fn new(
        dialect: Dialect,
        resources: Resources,
        behaviour: Box<dyn Behaviour>,
        options: Options,
        seed: [u8; 32],
    ) -> Self {
        let mut random = ChaCha20Rng::from_seed(seed);
        let mut key = [0; 32];
        random.fill_bytes(&mut key);
        let sessions = Sessions::new(options.max_sessions);
        let gate = options.signed_for.clone().zip(dialect.signing_name.clone());
        let gate = gate.map(|(region, service)| Gate { keys: Keys::new(&seed), region, service });
        let rules = Rules { dialect, behaviour, options, sealer: Sealer::new(key), gate };
        Self { rules: Arc::new(rules), resources, sessions, random }
    }

    /// A mock that serves `serving` under `dialect`, with a seed as in [`Mock::new`].
    pub fn serving(dialect: Dialect, serving: Serving, seed: [u8; 32]) -> Self {
        let Serving { behaviour, options, resources } = serving;
        let resources = resources(&dialect);
        Self::new(dialect, resources, behaviour, options, seed)
    }

    /// The conformant mock with the sample resources and default options.
    pub fn reference(dialect: Dialect, seed: [u8; 32]) -> Self {
        Self::serving(dialect, Serving::default(), seed)
    }

    /// The resources as they are now.
    pub fn resources(&self) -> &Resources {
        &self.resources
    }

    /// Deploys `configuration`: each session that polls it receives it once.
    pub fn deploy(
        &mut self,
        identifiers: &Identifiers,
        configuration: Configuration,
    ) -> Result<(), NotFound> {
        self.resources.deploy(identifiers, configuration)
    }

    /// The answer to `request` at `now`, the time since the Unix epoch.
    pub fn answer(&mut self, request: &Request<Bytes>, now: Duration) -> Response<Bytes> {
        let rules = Arc::clone(&self.rules);
        let result = rules.read(request, now).and_then(|call| self.execute(call, now));
        rules.render(request, result)
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }

    /// Carries out a call that was read well.
    pub(crate) fn execute(&mut self, call: Call, now: Duration) -> Result<Success, Fault> {
        match call {
            Call::Start(start) => self.start(start, now),
            Call::Poll(claims) => self.poll(&claims, now),
        }
    }

    fn start(&mut self, start: Start, now: Duration) -> Result<Success, Fault> {
        let behaviour = &self.rules.behaviour;
        let (interval, deployment) = match (start.constraints, self.look_up(start.identifiers)) {
            (Ok(interval), Ok(deployment)) => (interval, deployment),
            (Ok(_), Err(missing)) => return Err(missing),
            (Err(broken), Err(missing)) if behaviour.looks_up_first(&broken, &missing) => {
                return Err(missing);
            }
            (Err(broken), _) => return Err(broken),
        };
        let claims = Claims {
            session: self.sessions.start(),
            sequence: 0,
            deployment,
            seen: 0,
            issued: now,
            not_before: Duration::ZERO,
            interval,
        };
        Ok(Success::Started { token: self.issue(&claims) })
    }

    fn look_up(&self, identifiers: Identifiers) -> Result<DeploymentKey, Fault> {
        let Rules { behaviour, dialect, .. } = &*self.rules;
        let looked_up = |parameter, text| behaviour.looked_up(parameter, text, dialect);
        let identifiers = Identifiers {
            application: looked_up(Parameter::ApplicationIdentifier, identifiers.application)?,
            environment: looked_up(Parameter::EnvironmentIdentifier, identifiers.environment)?,
            profile: looked_up(Parameter::ConfigurationProfileIdentifier, identifiers.profile)?,
        };
        Ok(behaviour.locate(&self.resources, &identifiers)?)
    }

    fn poll(&mut self, claims: &Claims, now: Duration) -> Result<Success, Fault> {
        let rules = Arc::clone(&self.rules);
        let corrupted = Fault::Token(Problem::Corrupted);
        let newest = self.sessions.newest(claims.session).ok_or_else(|| corrupted.clone())?;
        if rules.behaviour.is_spent(claims, *newest) {
            return Err(rules.behaviour.spent(claims));
        }
        if rules.behaviour.is_expired(claims, now) {
            return Err(Fault::Token(Problem::Expired));
        }
        if rules.behaviour.is_early(claims, now) {
            // The token is not spent: the client may wait and send it again.
            return Err(Fault::Token(Problem::PollIntervalNotSatisfied));
        }
        let deployment = self.resources.deployment(claims.deployment).ok_or(corrupted)?;
        if claims.sequence == *newest {
            *newest += 1;
        }
        let unchanged = rules.behaviour.is_unchanged(claims, deployment.version());
        let interval = rules.behaviour.next_interval(claims, rules.options.poll_interval);
        let held = claims.interval.is_some() || rules.options.enforce_poll_interval;
        let next = Claims {
            sequence: *newest,
            seen: deployment.version(),
            issued: now,
            not_before: if held { now.saturating_add(seconds(interval)) } else { Duration::ZERO },
            ..claims.clone()
        };
        let configuration = rules.behaviour.delivered(claims, deployment.configuration());
        Ok(Success::Polled { token: self.issue(&next), interval, configuration, unchanged })
    }

    fn issue(&mut self, claims: &Claims) -> String {
        let mut nonce = Nonce::default();
        self.random.fill_bytes(&mut nonce);
        self.rules.behaviour.seal(&self.rules.sealer, claims, &nonce)
    }
}

fn seconds(interval: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(interval.get()))
}

#[cfg(test)]
mod tests;
