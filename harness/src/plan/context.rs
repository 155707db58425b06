//! What all parts of a run share: plan, transport, limits and findings so far.

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use cases::id::{Level, RequirementId};
use reports::model::{Event, Verdict};

use crate::client::layers::latency::LatencyLog;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::control_cache::ControlCache;
use crate::execute::executor::Executor;
use crate::execute::poll_interval;
use crate::execute::poll_interval::PollPolicy;
use crate::judge::judgement::Difference;
use crate::judge::token_checks::Identifiers;
use crate::limits::Limits;
use crate::plan::failures::Failures;
use crate::plan::run_plan::Plan;
use crate::results::case_result::{CaseEvidence, CaseIndex};
use crate::results::checkpoint::Spent;
use crate::results::evidence::SmallestSequences;
use crate::results::not_offered::NotOffered;

/// The time that the requests of a sequence take in addition to the interval that it waits for.
const REQUEST_TIME: Duration = Duration::from_secs(5);

/// What all parts of a run share.
pub(crate) struct Run<T> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) start: Instant,
    pub(crate) times: LatencyLog,
    pub(crate) transport: Arc<T>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) identifiers: Arc<Identifiers>,
    pub(crate) controls: Arc<ControlCache>,
    pub(crate) poll_policy: Arc<PollPolicy>,
    pub(crate) clock: Arc<Clock>,
    /// How long one sequence may wait for time to pass, if that is limited.
    pub(crate) wait_limit: Option<Duration>,
    /// When nothing more is sent to reproduce failures, if that is limited.
    pub(crate) deadline: Option<Instant>,
    /// The smallest sequence for each difference.
    pub(crate) smallest: Arc<SmallestSequences>,
    pub(crate) failures: Arc<Failures>,
    pub(crate) not_offered: Arc<NotOffered>,
    /// Held shared by all who send, and exclusively to be alone with the target.
    pub(crate) exclusive: Arc<RwLock<()>>,
}

impl<T> Clone for Run<T> {
    fn clone(&self) -> Self {
        Self {
            plan: Arc::clone(&self.plan),
            start: self.start,
            times: self.times.clone(),
            transport: Arc::clone(&self.transport),
            limits: Arc::clone(&self.limits),
            identifiers: Arc::clone(&self.identifiers),
            controls: Arc::clone(&self.controls),
            poll_policy: Arc::clone(&self.poll_policy),
            clock: Arc::clone(&self.clock),
            wait_limit: self.wait_limit,
            deadline: self.deadline,
            smallest: Arc::clone(&self.smallest),
            failures: Arc::clone(&self.failures),
            not_offered: Arc::clone(&self.not_offered),
            exclusive: Arc::clone(&self.exclusive),
        }
    }
}

impl<T: Transport + 'static> Run<T> {
    /// Executes sequences as this run does.
    pub(crate) fn executor(&self) -> Executor<'_, T> {
        Executor {
            transport: &*self.transport,
            world: &self.plan.world,
            identifiers: &self.identifiers,
            poll_policy: &self.poll_policy,
            clock: &self.clock,
            limits: &self.limits,
            wait_limit: self.wait_limit,
            recorded: None,
        }
    }

    /// The median latency of all responses, in microseconds.
    pub(crate) fn latency_micros(&self) -> u64 {
        self.times.latency().within(50).unwrap_or_default()
    }

    /// How long the run has taken so far, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.plan.restored.spent.seconds + self.start.elapsed().as_secs_f64()
    }

    /// What the run has spent so far.
    pub(crate) fn spent(&self) -> Spent {
        Spent { requests: self.limits.requests(), seconds: self.seconds(), latency: self.times.latency() }
    }

    /// The same run with another poll interval.
    pub(crate) fn with_policy(&self, poll_policy: PollPolicy) -> Self {
        Self { poll_policy: Arc::new(poll_policy), ..self.clone() }
    }

    /// The same run with connections of its own, for one thread.
    pub(crate) fn per_worker(&self) -> Self {
        Self { transport: Arc::new(self.transport.per_worker()), ..self.clone() }
    }

    /// How long a sequence may wait for poll intervals.
    pub(crate) fn wait_limit(&self) -> Duration {
        self.plan.budget.unwrap_or(poll_interval::DEFAULT_WAIT_LIMIT) / poll_interval::WAIT_AND_REPLAY
    }

    /// The same run with the time for reproducing failures. `--budget` covers all of a run; without it that
    /// is at most half a minute or one poll interval that the target enforces, whichever is longer.
    pub(crate) fn while_reproducing(&self) -> Self {
        if self.plan.budget.is_some() {
            return Self { wait_limit: Some(self.wait_limit()), ..self.clone() };
        }
        let interval = match &*self.poll_policy {
            PollPolicy::Unlimited => Duration::ZERO,
            PollPolicy::Enforced(interval) => interval.length + poll_interval::INTERVAL_MARGIN + REQUEST_TIME,
        };
        let bound = self.plan.reproducing.max(interval);
        Self { deadline: Some(Instant::now() + bound), wait_limit: Some(bound), ..self.clone() }
    }

    /// The requirements that fail the run because of what a case showed. Empty unless `--max-failures` is
    /// given.
    pub(crate) fn failing<'a>(
        &'a self,
        case: CaseIndex,
        evidence: &'a CaseEvidence,
    ) -> impl Iterator<Item = RequirementId> {
        let plan = &self.plan;
        let case = plan.case(case);
        let binds = |difference: &&Difference| {
            let requirement = plan.catalogue.requirement(&difference.requirement);
            plan.strict || requirement.is_some_and(|requirement| requirement.level == Level::Must)
        };
        let differences = evidence.occurrences.keys().filter(|_| self.failures.are_counted());
        let new = move |difference: &&Difference| {
            let actual = difference.actual.to_string();
            let failure = (&difference.requirement, actual.as_str());
            !plan.known_failures.covers(&plan.catalogue, case, failure, &plan.started_at)
        };
        differences.filter(binds).filter(new).map(|difference| difference.requirement.clone())
    }

    /// Reports that a case has finished.
    pub(crate) fn emit_finished(&self, index: CaseIndex, evidence: &CaseEvidence, emit: &impl Fn(&Event)) {
        let case = self.plan.case(index);
        let failed = evidence.occurrences.keys().any(|difference| difference.requirement == case.requirement);
        emit(&Event::CaseFinished {
            case: case.id.clone(),
            verdict: if failed { Verdict::Failed } else { Verdict::Passed },
            requests: evidence.requests,
        });
    }
}
