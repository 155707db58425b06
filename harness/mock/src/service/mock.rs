//! The mock: rules, and the state that requests change.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use http::{Request, Response};

use super::behavior::Behavior;
use super::config::{MockConfig, Options};
use super::read::{Call, Start};
use super::render::Success;
use super::rules::Rules;
use crate::contract::{Dialect, Parameter};
use crate::protocol::{ApiError, TokenProblem};
use crate::resources::{Configuration, DeploymentKey, Identifiers, NotFound, Resources};
use crate::signature::{Credentials, RequiredSignature};
use crate::token::{Claims, Nonce, Sealer, Sessions};

/// The reference server: rules, and the state that requests change.
pub struct Mock {
    rules: Arc<Rules>,
    resources: Resources,
    sessions: Sessions,
    random: ChaCha20Rng,
}

impl Mock {
    /// A mock that serves `resources` under `dialect`. With the same seed it gives the same responses to the
    /// same requests. Tokens are as hard to guess as the seed.
    pub fn new(
        dialect: Dialect,
        resources: Resources,
        behavior: Box<dyn Behavior>,
        options: Options,
        seed: [u8; 32],
    ) -> Self {
        let mut random = ChaCha20Rng::from_seed(seed);
        let mut key = [0; 32];
        random.fill_bytes(&mut key);
        let sessions = Sessions::new(options.max_sessions);
        let scope = options.signed_for.clone().zip(dialect.signing_name.clone());
        let signature = scope.map(|(region, service)| RequiredSignature {
            credentials: Credentials::new(&seed),
            region,
            service,
        });
        let rules = Rules { dialect, behavior, options, sealer: Sealer::new(key), signature };
        Self { rules: Arc::new(rules), resources, sessions, random }
    }

    /// A mock with this configuration under `dialect`, with a seed as in [`Mock::new`].
    pub fn from_config(dialect: Dialect, config: MockConfig, seed: [u8; 32]) -> Self {
        let MockConfig { behavior, options, resources } = config;
        let resources = resources(&dialect);
        Self::new(dialect, resources, behavior, options, seed)
    }

    /// The conformant mock with the sample resources and default options.
    pub fn reference(dialect: Dialect, seed: [u8; 32]) -> Self {
        Self::from_config(dialect, MockConfig::default(), seed)
    }

    /// The resources as they are now.
    pub fn resources(&self) -> &Resources {
        &self.resources
    }

    /// Deploys `configuration`: each session that polls it receives it once.
    ///
    /// # Errors
    /// The application, the environment or the profile does not exist.
    pub fn deploy(
        &mut self,
        identifiers: &Identifiers,
        configuration: Configuration,
    ) -> Result<(), NotFound> {
        self.resources.deploy(identifiers, configuration)
    }

    /// The response to `request` at `now`, the time since the Unix epoch.
    pub fn respond(&mut self, request: &Request<Bytes>, now: Duration) -> Response<Bytes> {
        let rules = Arc::clone(&self.rules);
        let result = rules.read(request, now).and_then(|call| self.execute(call, now));
        rules.render(request, result)
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }

    /// Executes a call that was read successfully.
    pub(crate) fn execute(&mut self, call: Call, now: Duration) -> Result<Success, ApiError> {
        match call {
            Call::Start(start) => self.start(start, now),
            Call::Poll(claims) => self.poll(&claims, now),
        }
    }

    fn start(&mut self, start: Start, now: Duration) -> Result<Success, ApiError> {
        let behavior = &self.rules.behavior;
        let (interval, deployment) = match (start.interval, self.look_up(start.identifiers)) {
            (Ok(interval), Ok(deployment)) => (interval, deployment),
            (Ok(_), Err(not_found)) => return Err(not_found),
            (Err(violation), Err(not_found)) if behavior.reports_not_found_first(&violation, &not_found) => {
                return Err(not_found);
            }
            (Err(violation), _) => return Err(violation),
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

    fn look_up(&self, identifiers: Identifiers) -> Result<DeploymentKey, ApiError> {
        let Rules { behavior, dialect, .. } = &*self.rules;
        let text = |parameter, text| behavior.lookup_text(parameter, text, dialect);
        let identifiers = Identifiers {
            application: text(Parameter::ApplicationIdentifier, identifiers.application)?,
            environment: text(Parameter::EnvironmentIdentifier, identifiers.environment)?,
            profile: text(Parameter::ConfigurationProfileIdentifier, identifiers.profile)?,
        };
        Ok(behavior.find_deployment(&self.resources, &identifiers)?)
    }

    fn poll(&mut self, claims: &Claims, now: Duration) -> Result<Success, ApiError> {
        let rules = Arc::clone(&self.rules);
        let corrupted = ApiError::Token(TokenProblem::Corrupted);
        let newest = self.sessions.newest(claims.session).ok_or_else(|| corrupted.clone())?;
        if rules.behavior.is_used(claims, *newest) {
            return Err(rules.behavior.used_token_error(claims));
        }
        if rules.behavior.is_expired(claims, now) {
            return Err(ApiError::Token(TokenProblem::Expired));
        }
        if rules.behavior.is_early(claims, now) {
            // The token stays unused: the client may wait and send it again.
            return Err(ApiError::Token(TokenProblem::PollIntervalNotSatisfied));
        }
        let deployment = self.resources.deployment(claims.deployment).ok_or(corrupted)?;
        if claims.sequence == *newest {
            *newest += 1;
        }
        let unchanged = rules.behavior.is_unchanged(claims, deployment.version());
        let interval = rules.behavior.next_interval(claims, rules.options.poll_interval);
        let enforced = claims.interval.is_some() || rules.options.enforce_poll_interval;
        let next = Claims {
            sequence: *newest,
            seen: deployment.version(),
            issued: now,
            not_before: if enforced { now.saturating_add(seconds(interval)) } else { Duration::ZERO },
            ..claims.clone()
        };
        let configuration = rules.behavior.delivered(claims, deployment.configuration());
        Ok(Success::Polled { token: self.issue(&next), interval, configuration, unchanged })
    }

    fn issue(&mut self, claims: &Claims) -> String {
        let mut nonce = Nonce::default();
        self.random.fill_bytes(&mut nonce);
        self.rules.behavior.seal(&self.rules.sealer, claims, &nonce)
    }
}

fn seconds(interval: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(interval.get()))
}
