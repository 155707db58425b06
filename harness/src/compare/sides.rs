//! The two endpoints that are compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use cases::catalogue::{Case, Catalogue};
use cases::generate::Step;
use cases::generate::World;
use tokio::runtime::Handle;

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, Seen, contrasts};
use crate::execute::clock::Clock;
use crate::execute::executed::Executed;
use crate::execute::executor::Executor;
use crate::execute::poll_interval::PollPolicy;
use crate::execute::samples::Samples;
use crate::judge::token_checks::Identifiers;
use crate::limits::Limits;
use crate::plan::prerequisites::{Lack, Means};
use crate::probe::first_contact::first_contact;
use crate::probe::poll_interval::{IntervalProbe, probe_interval};
use crate::redact::RedactionSet;

/// One of the two endpoints.
pub(crate) struct Side<T> {
    /// What people call it.
    pub(crate) name: &'static str,
    /// Its base URL.
    pub(crate) url: String,
    /// Where its requests go.
    pub(crate) transport: T,
    /// Contract and fixtures.
    pub(crate) world: Arc<World>,
    /// What no single-use value may show.
    pub(crate) hidden: Identifiers,
    /// Values that must not be shown.
    pub(crate) secrets: RedactionSet,
    /// Whether its requests are signed.
    pub(crate) signs: bool,
    /// Whether they go by HTTP/2 alone.
    pub http2_only: bool,
    /// The time of the comparison.
    pub(crate) clock: Clock,
    /// What bounds all that is sent.
    pub(crate) limits: Arc<Limits>,
}

impl<T: Transport> Side<T> {
    pub(crate) fn player(&self) -> Executor<'_, T> {
        Executor {
            transport: &self.transport,
            world: &self.world,
            identifiers: &self.hidden,
            poll_policy: &PollPolicy::Unlimited,
            clock: &self.clock,
            limits: &self.limits,
            wait_limit: None,
        }
    }

    /// A first valid call.
    ///
    /// # Errors
    /// Why the endpoint cannot be compared, in a sentence.
    pub(crate) async fn contact(&self, catalogue: &Catalogue) -> Result<(), String> {
        let reached = first_contact(&self.player(), catalogue, &self.url).await;
        reached
            .map(drop)
            .map_err(|reason| format!("{} ({}) could not be compared. {reason}", self.name, self.url))
    }

    pub(crate) fn lack(&self, case: &Case) -> Option<Lack> {
        let means = Means {
            fixtures: Some(&self.world.fixtures),
            signs: self.signs,
            http2_only: self.http2_only,
            unverified: &BTreeSet::new(),
        };
        means.lack(case)
    }

    /// What is to be said if a second call of a session is refused at once.
    pub(crate) async fn interval(&self, catalogue: &Catalogue) -> Option<String> {
        match probe_interval(&self.player(), catalogue).await {
            IntervalProbe::NotEnforced => None,
            IntervalProbe::Refused(refused) => Some(format!(
                "{} refuses the second call of a session if it comes at once, and may hold sessions to an \
                 interval ({} s): what follows in a session was not compared.",
                self.name,
                refused.carried.as_secs()
            )),
        }
    }
}

/// Where a contrast was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) case: usize,
    pub(crate) sample: usize,
    pub(crate) seen: Seen,
}

/// The two endpoints, and what is asked of them.
pub(crate) struct Pair<T> {
    /// The one.
    pub(crate) a: Side<T>,
    /// The other one.
    pub(crate) b: Side<T>,
    /// The catalogue of their contract.
    pub(crate) catalogue: Catalogue,
    /// The same seed makes the same requests.
    pub(crate) seed: u64,
    /// Random samples of each case, after its boundaries.
    pub(crate) samples: usize,
    /// What bounds all that is sent.
    pub(crate) limits: Arc<Limits>,
}

impl<T: Transport + 'static> Pair<T> {
    /// The samples of a case, for each of the two.
    pub(crate) fn drawn(&self, case: &Case) -> [Samples; 2] {
        [&self.a, &self.b].map(|side| Samples::new(case, &side.world, self.seed))
    }

    pub(crate) fn play(
        &self,
        runtime: &Handle,
        a: &[Step],
        b: &[Step],
        one_connection: bool,
    ) -> (Executed, Executed) {
        let (one, other) = (self.a.player(), self.b.player());
        let both = async {
            tokio::join!(
                one.execute_over(None, a, one_connection),
                other.execute_over(None, b, one_connection)
            )
        };
        runtime.block_on(both)
    }

    pub(crate) fn contrasts(&self, (a, b): &(Executed, Executed)) -> Vec<(Contrast, Seen)> {
        contrasts(&self.a.world.contract, a, b, self.share_fixtures())
    }

    pub(crate) fn share_fixtures(&self) -> bool {
        self.a.world.fixtures == self.b.world.fixtures
    }
}
