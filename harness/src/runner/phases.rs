//! The phases of a run: cases that need no time to pass, at the same time; those that call again in a
//! session, in a batch if the target enforces its poll interval; and those that need much time to pass, one
//! after the other, since advancing the clock for one advances it for all. Then differences are reproduced.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cases::generate::Sample;
use cases::signing::Signing;
use reports::model::Event;
use reports::model::Verdict;

use crate::client::transport::Transport;
use crate::execute::poll_interval;
use crate::execute::poll_interval::PollPolicy;
use crate::limits::StopReason;
use crate::plan::context::Run;
use crate::probe;
use crate::probe::poll_interval::{EarlyRefusal, IntervalProbe, MeasuredInterval};
use crate::probe::signature;
use crate::reproduce::confirm::demote_flaky;
use crate::results::case_result::{CaseIndex, CaseOutcome, CaseOutcomes};
use crate::results::verdict::Confirmed;
use crate::results::{encoding, varying};
use crate::runner::batch::Batch;

/// The cases of a run by their phase.
struct Phases {
    /// Those that need a target which nothing else has changed.
    first: Vec<CaseIndex>,
    /// Those that need no time to pass.
    quick: Vec<CaseIndex>,
    /// Those that do.
    slow: Vec<CaseIndex>,
}

impl<T: Transport + 'static> Run<T> {
    /// Runs the selected cases, and reproduces what differs.
    pub(crate) async fn test_target(&self, emit: &impl Fn(&Event)) -> (CaseOutcomes, Confirmed) {
        let mut outcomes = self.without_prerequisites(&self.unverified().await, emit);
        let Phases { first, quick, mut slow } = self.phases(&outcomes);
        self.run_cases(&mut outcomes, first, emit).await;
        let at_interval = self.run_quick(&mut outcomes, quick, &mut slow, emit).await;
        at_interval.run_slow(&mut outcomes, &mut slow, emit).await;
        let confirmed = at_interval.reproduce_differences(&mut outcomes, slow, emit).await;
        (self.final_outcomes(outcomes), confirmed)
    }

    /// The outcomes of the cases that are not sent.
    fn without_prerequisites(&self, unverified: &BTreeSet<String>, emit: &impl Fn(&Event)) -> CaseOutcomes {
        let mut outcomes = CaseOutcomes::default();
        let capabilities = self.plan.capabilities(unverified);
        for (index, case) in self.plan.cases() {
            let reason = match self.not_offered.reason(index) {
                Some(reason) => Some(reason.to_owned()),
                None => capabilities.missing(case).map(|missing| missing.to_string()),
            };
            if !self.plan.selected.contains(&index) {
                outcomes.insert(index, CaseOutcome::Unselected);
            } else if let Some(reason) = reason {
                outcomes.insert(index, CaseOutcome::Skipped(reason));
                emit(&Event::CaseFinished { case: case.id.clone(), verdict: Verdict::Skipped, requests: 0 });
            }
        }
        outcomes
    }

    /// The operations whose signatures the target does not verify.
    async fn unverified(&self) -> BTreeSet<String> {
        let plan = &self.plan;
        let mut unverified = BTreeSet::new();
        if plan.route.scope.is_none() {
            return unverified;
        }
        let wrong = plan.selected_cases().filter(|(_, case)| case.signing() != Signing::Valid);
        let operations: BTreeSet<&String> = wrong.map(|(_, case)| &case.operation).collect();
        for operation in operations {
            if !signature::verifies_signatures(&self.executor(), &plan.catalogue, operation).await {
                unverified.insert(operation.clone());
            }
        }
        unverified
    }

    /// The phases of the cases without an outcome.
    fn phases(&self, outcomes: &CaseOutcomes) -> Phases {
        let plan = &self.plan;
        let (mut first, mut quick, mut slow) = (Vec::new(), Vec::new(), Vec::new());
        for (index, case) in plan.cases().filter(|(index, _)| outcomes.get(*index).is_none()) {
            if case.runs_first(&plan.world.fixtures) {
                first.push(index);
            } else if case.waiting_time().is_zero() {
                quick.push(index);
            } else {
                slow.push(index);
            }
        }
        Phases { first, quick, slow }
    }

    /// Runs the cases that need no time to pass. Those that call again in a session wait in a batch if the
    /// target enforces its poll interval, together with the `slow` ones if these have to wait too. Returns
    /// the run with that interval.
    async fn run_quick(
        &self,
        outcomes: &mut CaseOutcomes,
        quick: Vec<CaseIndex>,
        slow: &mut Vec<CaseIndex>,
        emit: &impl Fn(&Event),
    ) -> Self {
        let repeats = quick.iter().any(|case| self.has_repeated_calls_in(*case, 1))
            || quick.iter().any(|case| self.has_repeated_calls(*case));
        let first = if repeats {
            probe::poll_interval::probe_interval(&self.executor(), &self.plan.catalogue).await
        } else {
            IntervalProbe::NotEnforced
        };
        match first {
            IntervalProbe::NotEnforced => {
                self.run_cases(outcomes, quick, emit).await;
                self.rerun_at_interval(outcomes, emit).await.unwrap_or_else(|| self.clone())
            }
            IntervalProbe::Refused(refused) => self.run_in_batch(outcomes, quick, refused, slow, emit).await,
        }
    }

    /// Measures the poll interval, and runs the cases that call again in a session at that interval.
    async fn run_in_batch(
        &self,
        outcomes: &mut CaseOutcomes,
        quick: Vec<CaseIndex>,
        refused: EarlyRefusal,
        slow: &mut Vec<CaseIndex>,
        emit: &impl Fn(&Event),
    ) -> Self {
        let (again, once): (Vec<CaseIndex>, _) =
            quick.into_iter().partition(|case| self.has_repeated_calls(*case));
        let executor = self.executor();
        let measure = probe::poll_interval::measure_interval(
            &executor,
            &self.plan.catalogue,
            refused,
            self.wait_limit(),
        );
        let ((), measured) = tokio::join!(self.run_cases(outcomes, once, emit), measure);
        let MeasuredInterval { policy: PollPolicy::Enforced(interval), takes: probing } = measured else {
            self.run_cases(outcomes, again, emit).await;
            return self.clone();
        };
        let at_interval = self.with_policy(PollPolicy::Enforced(interval.clone()));
        // While some cases wait for the interval, others may wait for other times.
        let waiting = if self.plan.clock.is_none() { std::mem::take(slow) } else { Vec::new() };
        let batch = Batch { interval: Some(interval), limit: self.wait_limit(), probing };
        at_interval.run_batch(outcomes, [again, waiting].concat(), batch, emit).await;
        at_interval
    }

    /// Runs the cases again in which the target enforced a poll interval on a session, with that interval.
    /// Returns the run with that interval. A target may accept the first calls of a session early.
    async fn rerun_at_interval(&self, outcomes: &mut CaseOutcomes, emit: &impl Fn(&Event)) -> Option<Self> {
        let intervals: BTreeMap<CaseIndex, Duration> =
            outcomes.evidence().filter_map(|(case, it)| Some((case, it.enforced_interval?))).collect();
        let length = intervals.values().max().copied().filter(|length| !length.is_zero())?;
        let interval = poll_interval::shortest_interval(&self.plan.world.contract, length);
        let at_interval = self.with_policy(PollPolicy::Enforced(interval.clone()));
        let before: BTreeMap<_, _> =
            intervals.keys().filter_map(|case| Some((*case, outcomes.take_evidence(*case)?))).collect();
        let cases = before.keys().copied().collect();
        let batch = Batch { interval: Some(interval), limit: self.wait_limit(), probing: Duration::ZERO };
        at_interval.run_batch(outcomes, cases, batch, emit).await;
        for (case, before) in before {
            outcomes.add_before(case, before);
        }
        Some(at_interval)
    }

    /// Whether any sample of a case calls more than once in a session.
    fn has_repeated_calls(&self, case: CaseIndex) -> bool {
        self.has_repeated_calls_in(case, usize::MAX)
    }

    /// Whether one of the first `max` samples of a case does. The first ones mostly show it, and the others take
    /// long to generate.
    fn has_repeated_calls_in(&self, case: CaseIndex, max: usize) -> bool {
        let samples = self.plan.samples_of(case);
        let all = samples.boundaries() + self.plan.case(case).random_samples(self.plan.samples);
        let count = all.min(max);
        let sequences = |sample: Sample| [sample.steps, sample.control].into_iter().chain(sample.isolated);
        let mut all = (0..count).map_while(|index| samples.tree(index)).map(|tree| tree.current());
        all.any(|sample| sequences(sample).any(|steps| poll_interval::has_repeated_calls(&steps)))
    }

    /// Runs the cases that need much time to pass if the clock cannot be advanced for them, as far as the run
    /// may wait. Otherwise leaves them in `slow`.
    async fn run_slow(&self, outcomes: &mut CaseOutcomes, slow: &mut Vec<CaseIndex>, emit: &impl Fn(&Event)) {
        if self.plan.clock.is_none() {
            let limit = self.plan.slow_wait_limit();
            let batch = Batch { interval: None, limit, probing: Duration::ZERO };
            self.run_batch(outcomes, std::mem::take(slow), batch, emit).await;
        }
        if matches!(self.limits.stop(), Some(StopReason::Failures(_))) {
            // The run sends no further cases; this records them as stopped.
            self.run_cases(outcomes, std::mem::take(slow), emit).await;
        }
    }

    /// Reproduces and shrinks all differences. The `slow` cases run after that, one by one.
    async fn reproduce_differences(
        &self,
        outcomes: &mut CaseOutcomes,
        slow: Vec<CaseIndex>,
        emit: &impl Fn(&Event),
    ) -> Confirmed {
        self.limits.begin_reproducing();
        emit(&Event::Reproducing);
        encoding::merge_encoded_errors(&self.plan.world.contract, outcomes);
        varying::collapse_varying(outcomes);
        let run = self.while_reproducing();
        let mut confirmed = Confirmed::new();
        run.confirm(outcomes, &mut confirmed).await;
        // What such a case shows is reproduced before the clock advances for the next one.
        for case in slow {
            let waiting = Self { wait_limit: None, ..run.clone() };
            waiting.run_cases(outcomes, vec![case], emit).await;
            run.confirm_one(outcomes, case, &mut confirmed).await;
        }
        run.confirm_collisions(&mut confirmed).await;
        demote_flaky(&self.plan, outcomes, &mut confirmed);
        confirmed
    }

    /// An outcome for every case. One without an outcome crashed.
    fn final_outcomes(&self, mut outcomes: CaseOutcomes) -> CaseOutcomes {
        let crashed = "boundstone crashed on this case (a bug of boundstone)";
        let all = self.plan.cases().map(|(case, _)| {
            let outcome = outcomes.take(case).unwrap_or_else(|| CaseOutcome::Skipped(crashed.to_owned()));
            (case, self.not_offered.final_outcome(case, outcome))
        });
        all.collect()
    }
}
