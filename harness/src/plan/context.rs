//! What all parts of a run share.

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use cases::id::{Level, RequirementId};
use reports::model::{Event, Verdict};

use crate::client::layers::latency::Times;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::control_cache::Twins;
use crate::execute::executor::Player;
use crate::execute::poll_interval;
use crate::execute::poll_interval::Pace;
use crate::judge::judgement::Difference;
use crate::judge::token_checks::Hidden;
use crate::limits::Limits;
use crate::plan::failures::Failures;
use crate::plan::plan::Plan;
use crate::results::case_result::Explored;
use crate::results::checkpoint::Spent;
use crate::results::evidence::Evidence;
use crate::results::not_offered::NotOffered;

/// What the requests of a sequence take beside the interval that it waits for.
const BESIDE_WAITING: Duration = Duration::from_secs(5);

/// What all parts of a run share.
pub(crate) struct Run<T> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) start: Instant,
    pub(crate) times: Times,
    pub(crate) transport: Arc<T>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) hidden: Arc<Hidden>,
    pub(crate) twins: Arc<Twins>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) clock: Arc<Clock>,
    /// How long one sequence may wait for time to pass, if that is limited.
    pub(crate) wait_limit: Option<Duration>,
    /// When nothing more is sent to reproduce failures, if that is limited.
    pub(crate) deadline: Option<Instant>,
    /// The smallest sequences that showed something.
    pub(crate) evidence: Arc<Evidence>,
    pub(crate) failures: Arc<Failures>,
    pub(crate) not_offered: Arc<NotOffered>,
    /// Passed while a difference is looked at again.
    pub(crate) quiet: Arc<RwLock<()>>,
}

impl<T> Clone for Run<T> {
    fn clone(&self) -> Self {
        Self {
            plan: Arc::clone(&self.plan),
            start: self.start,
            times: self.times.clone(),
            transport: Arc::clone(&self.transport),
            limits: Arc::clone(&self.limits),
            hidden: Arc::clone(&self.hidden),
            twins: Arc::clone(&self.twins),
            pace: Arc::clone(&self.pace),
            clock: Arc::clone(&self.clock),
            wait_limit: self.wait_limit,
            deadline: self.deadline,
            evidence: Arc::clone(&self.evidence),
            failures: Arc::clone(&self.failures),
            not_offered: Arc::clone(&self.not_offered),
            quiet: Arc::clone(&self.quiet),
        }
    }
}

impl<T: Transport + 'static> Run<T> {
    /// Plays sequences as this run does.
    pub(crate) fn player(&self) -> Player<'_, T> {
        Player {
            transport: &*self.transport,
            world: &self.plan.world,
            hidden: &self.hidden,
            pace: &self.pace,
            clock: &self.clock,
            limits: &self.limits,
            wait_limit: self.wait_limit,
        }
    }

    /// The microseconds in which half of all responses came.
    pub(crate) fn latency_micros(&self) -> u64 {
        self.times.latency().within(50).unwrap_or_default()
    }

    /// How long the run has taken so far.
    pub(crate) fn seconds(&self) -> f64 {
        self.plan.past.spent.seconds + self.start.elapsed().as_secs_f64()
    }

    /// What the run has spent so far.
    pub(crate) fn spent(&self) -> Spent {
        Spent { requests: self.limits.requests(), seconds: self.seconds(), latency: self.times.latency() }
    }

    /// The same run at another pace.
    pub(crate) fn at(&self, pace: Pace) -> Self {
        Self { pace: Arc::new(pace), ..self.clone() }
    }

    /// The same run for one thread, over connections of its own.
    pub(crate) fn apart(&self) -> Self {
        Self { transport: Arc::new(self.transport.apart()), ..self.clone() }
    }

    /// How long sequences may wait for intervals.
    pub(crate) fn wait_limit(&self) -> Duration {
        self.plan.patience.unwrap_or(poll_interval::PATIENCE) / poll_interval::TWICE
    }

    /// The same run for as long as it may reproduce failures. `--budget` covers all of a run; without it that
    /// is at most half a minute or one interval that the target enforces, whichever is longer.
    pub(crate) fn while_reproducing(&self) -> Self {
        if self.plan.patience.is_some() {
            return Self { wait_limit: Some(self.wait_limit()), ..self.clone() };
        }
        let interval = match &*self.pace {
            Pace::Free => Duration::ZERO,
            Pace::Enforced(interval) => interval.length + poll_interval::MARGIN + BESIDE_WAITING,
        };
        let bound = self.plan.reproducing.max(interval);
        Self { deadline: Some(Instant::now() + bound), wait_limit: Some(bound), ..self.clone() }
    }

    /// The requirements that would fail the run for what a case showed.
    pub(crate) fn failing<'a>(
        &'a self,
        case: usize,
        explored: &'a Explored,
    ) -> impl Iterator<Item = RequirementId> {
        let plan = &self.plan;
        let case = &plan.catalogue.cases[case];
        let binds = |difference: &&Difference| {
            let requirement = plan.catalogue.requirement(&difference.requirement);
            plan.strict || requirement.is_some_and(|requirement| requirement.level == Level::Must)
        };
        let differences = explored.witnesses.keys().filter(|_| self.failures.are_counted());
        let new = move |difference: &&Difference| {
            let Difference { requirement, actual, .. } = difference;
            !plan.known_failures.covers(&plan.catalogue, case, (requirement, actual), &plan.started_at)
        };
        differences.filter(binds).filter(new).map(|difference| difference.requirement.clone())
    }

    pub(crate) fn finished(&self, index: usize, explored: &Explored, emit: &impl Fn(&Event)) {
        let case = &self.plan.catalogue.cases[index];
        let broken = explored.witnesses.keys().any(|difference| difference.requirement == case.requirement);
        emit(&Event::CaseFinished {
            case: case.id.clone(),
            verdict: if broken { Verdict::Failed } else { Verdict::Passed },
            requests: explored.requests,
        });
    }
}
