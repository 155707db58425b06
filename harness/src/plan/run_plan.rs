//! What a run will do: its cases, limits and inputs.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use cases::catalogue::ContractDiff;
use cases::catalogue::{Case, Catalogue};
use cases::generate::World;
use reports::model::TargetInfo;
use reports::render::command::Route;
use reports::summary::Replay;
use snapshots::Document;

use crate::config::known_failures::KnownFailures;
use crate::execute::clock::Advance;
use crate::execute::poll_interval;
use crate::execute::samples::Samples;
use crate::plan::in_flight::Concurrency;
use crate::plan::prerequisites::Capabilities;
use crate::redact::RedactionSet;
use crate::results::case_result::CaseIndex;
use crate::results::checkpoint::{Checkpoint, CheckpointState};
use crate::results::not_offered::NotOffered;

/// How long failures are reproduced, unless the target enforces a longer poll interval.
pub const MAX_REPRODUCING: Duration = Duration::from_secs(30);

/// What a run will do.
pub struct Plan {
    /// Contract and fixtures.
    pub world: Arc<World>,
    /// The catalogue of the contract.
    pub catalogue: Catalogue,
    /// The cases of the catalogue that run.
    pub selected: BTreeSet<CaseIndex>,
    /// The seed of the run.
    pub seed: u64,
    /// Random samples of each case.
    pub samples: usize,
    /// Cases in flight at once.
    pub concurrency: Concurrency,
    /// The minimum time between two requests, if the rate is limited.
    pub between_requests: Option<Duration>,
    /// Whether requests use HTTP/2 only.
    pub http2_only: bool,
    /// Whether a failed SHOULD fails the run.
    pub strict: bool,
    /// Where the requests go, for the report.
    pub target: TargetInfo,
    /// How requests get there, for curl commands.
    pub route: Route,
    /// How requests get there, for commands that replay findings, as words of a shell.
    pub reach: String,
    /// The other parts of those commands.
    pub replay: Replay,
    /// Values that output must not contain.
    pub secrets: RedactionSet,
    /// When the run started, RFC 3339.
    pub started_at: String,
    /// Advances the clock of the target, if it has one that can be set.
    pub clock: Option<Advance>,
    /// The time that the run may take, if it is limited (`--budget`).
    pub budget: Option<Duration>,
    /// How long failures may be reproduced without a budget, unless the target enforces a longer poll
    /// interval.
    pub reproducing: Duration,
    /// The failures that the user accepts.
    pub known_failures: KnownFailures,
    /// The number of failed requirements that ends the run, if it is limited.
    pub max_failures: Option<NonZeroU64>,
    /// How long `--wait` waited for the target without success, as the user wrote it.
    pub waited: Option<String>,
    /// How the contract differs from the built-in one of the same service, if it does.
    pub contract_changes: Option<ContractDiff>,
    /// What the run continues from.
    pub restored: CheckpointState,
    /// Where finished rounds are recorded, so that a killed run can continue.
    pub checkpoint: Option<Arc<Checkpoint>>,
}

impl Plan {
    /// Selects the cases that run.
    pub fn select(&mut self, is_selected: impl Fn(&Case) -> bool) {
        self.selected = self.cases().filter(|(_, case)| is_selected(case)).map(|(index, _)| index).collect();
    }

    /// All cases of the catalogue, with their indices.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (CaseIndex, &Case)> {
        (0..).map(CaseIndex).zip(&self.catalogue.cases)
    }

    /// The selected cases, with their indices.
    pub(crate) fn selected_cases(&self) -> impl Iterator<Item = (CaseIndex, &Case)> {
        self.cases().filter(|(index, _)| self.selected.contains(index))
    }

    /// A case of the catalogue.
    pub(crate) fn case(&self, index: CaseIndex) -> &Case {
        &self.catalogue.cases[index.0]
    }

    /// The samples of a case.
    pub(crate) fn samples_of(&self, index: CaseIndex) -> Samples {
        Samples::new(self.case(index), &self.world, self.seed)
    }

    /// What the run can send cases with.
    pub(crate) fn capabilities<'a>(&'a self, unverified: &'a BTreeSet<String>) -> Capabilities<'a> {
        Capabilities {
            world: Some(&self.world),
            signs: self.route.scope.is_some(),
            http2_only: self.http2_only,
            unverified,
        }
    }

    /// What the target does not offer.
    pub(crate) fn not_offered(&self) -> NotOffered {
        let can_be_sent = |index: CaseIndex, case: &Case| {
            self.selected.contains(&index) && self.capabilities(&BTreeSet::new()).missing(case).is_none()
        };
        self.known_failures.not_offered(&self.catalogue, &self.started_at, can_be_sent)
    }

    /// How long a case may wait for time to pass.
    pub(crate) fn slow_wait_limit(&self) -> Duration {
        self.budget.unwrap_or_default() / poll_interval::WAIT_AND_REPLAY
    }

    pub(crate) fn snapshot(&self, case: CaseIndex) -> Option<Document> {
        // Tests find a snapshot that cannot be read; here it only guards nothing.
        snapshots::find(&self.world.contract.name, &self.case(case).id)?.ok()
    }
}
