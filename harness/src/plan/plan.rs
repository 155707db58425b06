//! What a run will do.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use cases::catalogue::Drift;
use cases::catalogue::{Case, Catalogue};
use cases::generate::World;
use reports::model::TargetInfo;
use reports::render::command::Route;
use reports::summary::Replay;
use snapshots::Document;

use crate::config::known_failures::KnownFailures;
use crate::execute::clock::Advance;
use crate::execute::poll_interval;
use crate::plan::in_flight::Concurrency;
use crate::plan::prerequisites::Means;
use crate::redact::Shared;
use crate::results::checkpoint::{Journal, Past};
use crate::results::not_offered::NotOffered;

/// How long failures are reproduced, unless the target enforces a longer interval.
pub const REPRODUCING: Duration = Duration::from_secs(30);

/// What is to be done.
pub struct Plan {
    /// Contract and fixtures.
    pub world: Arc<World>,
    /// The catalogue of the contract.
    pub catalogue: Catalogue,
    /// Which cases of the catalogue run; parallel to it.
    pub selected: Vec<bool>,
    /// The seed of the run.
    pub seed: u64,
    /// Samples for each case.
    pub samples: usize,
    /// Cases under way at once.
    pub concurrency: Concurrency,
    /// The least time between two requests, if there is one.
    pub between_requests: Option<Duration>,
    /// Whether requests go by HTTP/2 alone.
    pub http2_only: bool,
    /// Whether a SHOULD that is not held fails the run.
    pub strict: bool,
    /// Where the requests go, for the report.
    pub target: TargetInfo,
    /// How requests get there, for curl commands.
    pub route: Route,
    /// How requests get there, for commands that replay findings: words of a shell.
    pub reach: String,
    /// What else those commands are made of.
    pub replay: Replay,
    /// Values that must not be shown.
    pub secrets: Shared,
    /// When the run started, RFC 3339.
    pub started_at: String,
    /// Sets the clock of the target forward, if it has one that can be set.
    pub clock: Option<Advance>,
    /// How long the run may wait for time to pass, if the user said so.
    pub patience: Option<Duration>,
    /// How long failures may be reproduced without a budget, unless the target enforces a longer interval.
    pub reproducing: Duration,
    /// The failures that the user knows of.
    pub known_failures: KnownFailures,
    /// How many failing requirements are enough, if any number is.
    pub max_failures: Option<NonZeroU64>,
    /// How long the target was waited for in vain, as the user said it.
    pub waited: Option<String>,
    /// How the contract differs from the built-in one of the same service, if it does.
    pub drift: Option<Drift>,
    /// What the run has behind it when it begins.
    pub past: Past,
    /// Where what is done is noted, so that the run can go on if it is killed.
    pub journal: Option<Arc<Journal>>,
}

impl Plan {
    /// What there is to send cases with.
    pub(crate) fn means<'a>(&'a self, unverified: &'a BTreeSet<String>) -> Means<'a> {
        Means {
            fixtures: Some(&self.world.fixtures),
            signs: self.route.scope.is_some(),
            http2_only: self.http2_only,
            unverified,
        }
    }

    /// What the target does not offer.
    pub(crate) fn not_offered(&self) -> NotOffered {
        let can_be_sent = |index: usize, case: &Case| {
            self.selected[index] && self.means(&BTreeSet::new()).lack(case).is_none()
        };
        self.known_failures.not_offered(&self.catalogue, &self.started_at, can_be_sent)
    }

    /// How long cases may wait in which time has to pass.
    pub(crate) fn slow_patience(&self) -> Duration {
        self.patience.unwrap_or_default() / poll_interval::TWICE
    }

    pub(crate) fn snapshot(&self, case: usize) -> Option<Document> {
        // A snapshot that cannot be read is found by the tests; here it only guards nothing.
        snapshots::find(&self.world.contract.name, &self.catalogue.cases[case].id)?.ok()
    }
}
