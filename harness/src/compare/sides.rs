//! The two endpoints that are compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use cases::catalogue::{Case, Catalogue};
use cases::generate::{Step, World};

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, StepRef, contrasts};
use crate::execute::clock::Clock;
use crate::execute::executed::Executed;
use crate::execute::executor::Executor;
use crate::execute::poll_interval::PollPolicy;
use crate::execute::samples::Samples;
use crate::judge::token_checks::Identifiers;
use crate::limits::Limits;
use crate::plan::prerequisites::{Capabilities, Missing};
use crate::probe::first_contact::first_contact;
use crate::probe::poll_interval::{IntervalProbe, probe_interval};
use crate::redact::RedactionSet;
use crate::results::case_result::CaseIndex;

/// One of the two endpoints.
#[derive(Clone)]
pub(crate) struct Side<T> {
    /// Its name in messages.
    pub(crate) name: &'static str,
    /// Its base URL.
    pub(crate) url: String,
    /// Where its requests go.
    pub(crate) transport: T,
    /// Contract and fixtures.
    pub(crate) world: Arc<World>,
    /// What no single-use value may reveal.
    pub(crate) identifiers: Arc<Identifiers>,
    /// Values that output must not contain.
    pub(crate) secrets: RedactionSet,
    /// Whether its requests are signed.
    pub(crate) signs: bool,
    /// Whether they use HTTP/2 only.
    pub http2_only: bool,
    /// The time of the comparison.
    pub(crate) clock: Arc<Clock>,
    /// What bounds all requests.
    pub(crate) limits: Arc<Limits>,
}

impl<T: Transport> Side<T> {
    pub(crate) fn executor(&self) -> Executor<'_, T> {
        Executor {
            transport: &self.transport,
            world: &self.world,
            identifiers: &self.identifiers,
            poll_policy: &PollPolicy::Unlimited,
            clock: &self.clock,
            limits: &self.limits,
            wait_limit: None,
            recorded: None,
        }
    }

    /// The same endpoint over connections of its own.
    fn per_worker(&self) -> Self {
        Self { transport: self.transport.per_worker(), ..self.clone() }
    }

    /// Sends a first valid call.
    ///
    /// # Errors
    /// Why the endpoint cannot be compared, in a sentence.
    pub(crate) async fn contact(&self, catalogue: &Catalogue) -> Result<(), String> {
        let reached = first_contact(&self.executor(), catalogue, &self.url).await;
        reached
            .map(drop)
            .map_err(|reason| format!("{} ({}) could not be compared. {reason}", self.name, self.url))
    }

    pub(crate) fn missing(&self, case: &Case) -> Option<Missing> {
        let capabilities = Capabilities {
            world: Some(&self.world),
            signs: self.signs,
            http2_only: self.http2_only,
            unverified: &BTreeSet::new(),
        };
        capabilities.missing(case)
    }

    /// The note for a report if the endpoint rejects an immediate second call of a session.
    pub(crate) async fn interval_note(&self, catalogue: &Catalogue) -> Option<String> {
        match probe_interval(&self.executor(), catalogue).await {
            IntervalProbe::NotEnforced => None,
            IntervalProbe::Refused(refused) => Some(format!(
                "{} rejects an immediate second call of a session, and may enforce a poll interval ({} s): later \
                 calls of a session were not compared.",
                self.name,
                refused.carried.as_secs()
            )),
        }
    }
}

/// Where a contrast was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContrastRef {
    pub(crate) case: CaseIndex,
    pub(crate) sample: usize,
    pub(crate) seen: StepRef,
}

/// The two endpoints, and what they are sent.
#[derive(Clone)]
pub(crate) struct Pair<T> {
    /// The first endpoint.
    pub(crate) a: Side<T>,
    /// The second endpoint.
    pub(crate) b: Side<T>,
    /// The catalogue of their contract.
    pub(crate) catalogue: Arc<Catalogue>,
    /// The same seed makes the same requests.
    pub(crate) seed: u64,
    /// Random samples of each case, after its boundaries.
    pub(crate) samples: usize,
    /// What bounds all requests.
    pub(crate) limits: Arc<Limits>,
}

impl<T: Transport + 'static> Pair<T> {
    /// The same endpoints over connections of their own, for one thread.
    pub(crate) fn per_worker(&self) -> Self {
        Self { a: self.a.per_worker(), b: self.b.per_worker(), ..self.clone() }
    }

    /// A case of the catalogue.
    pub(crate) fn case(&self, index: CaseIndex) -> &Case {
        &self.catalogue.cases[index.0]
    }

    /// The samples of a case for each endpoint.
    pub(crate) fn samples_of(&self, case: &Case) -> [Samples; 2] {
        [&self.a, &self.b].map(|side| Samples::new(case, &side.world, self.seed))
    }

    /// Sends a sequence to each endpoint at the same time.
    pub(crate) async fn send(&self, [a, b]: [&[Step]; 2], one_connection: bool) -> (Executed, Executed) {
        let (one, other) = (self.a.executor(), self.b.executor());
        tokio::join!(one.execute_over(None, a, one_connection), other.execute_over(None, b, one_connection))
    }

    pub(crate) fn contrasts(&self, (a, b): &(Executed, Executed)) -> Vec<(Contrast, StepRef)> {
        contrasts(&self.a.world.contract, a, b, self.share_fixtures())
    }

    pub(crate) fn share_fixtures(&self) -> bool {
        self.a.world.fixtures == self.b.world.fixtures
    }
}
