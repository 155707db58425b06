//! One run: first contact, all cases, reproducing the differences, and the report.
//!
//! Cases run in up to three phases: those that need no time to pass, at the same time; those that call again
//! in a session, in a batch if the target enforces its poll interval; and those that need much time to pass,
//! one after the other, since advancing the clock for one advances it for all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cases::generate::Sample;
use cases::id::RequirementId;
use cases::signing::Signing;
use reports::event::Event;
use reports::report::{ContractInfo, Ending, Report, SCHEMA_VERSION, Verdict};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::layers::latency::{LatencyLog, LatencyRecorder};
use crate::client::layers::liveness::Liveness;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::control_cache::ControlCache;
use crate::execute::poll_interval;
use crate::execute::poll_interval::PollPolicy;
use crate::execute::samples::{Samples, Variation};
use crate::judge::judgement::Difference;
use crate::judge::token_checks::Identifiers;
use crate::limits::{Limits, StopReason};
use crate::plan::context::Run;
use crate::plan::failures::Failures;
use crate::plan::plan::Plan;
use crate::probe::first_contact::first_contact;
use crate::probe::poll_interval::{IntervalProbe, MeasuredInterval};
use crate::probe::signature;
use crate::reproduce::confirm::demote_flaky;
use crate::results::case_result::{CaseEvidence, CaseOutcome, Round, RunMark};
use crate::results::checkpoint::FinishedRound;
use crate::results::verdict::{ConfirmedDifference, Summary, totals};
use crate::results::{encoding, varying};
use crate::runner::batch::Batch;
use crate::runner::case_runner::{CaseProgress, CaseRunner};
use crate::runner::worker_pool;

/// What a worker says about a case.
enum Message {
    Started(usize),
    Finished {
        case: usize,
        progress: Box<CaseProgress>,
        /// Whether it shows its first difference.
        differs: bool,
    },
}

/// Carries out a plan. `emit` gets an event for each step; the last one holds the report that is returned.
pub async fn run<T: Transport + 'static>(
    plan: Arc<Plan>,
    transport: Arc<T>,
    limits: Arc<Limits>,
    emit: impl Fn(&Event),
) -> Report {
    let start = Instant::now();
    limits.begin();
    limits.resume(plan.restored.spent.requests);
    emit(&Event::RunStarted {
        contract: contract_info(&plan),
        target: plan.target.clone(),
        seed: plan.seed,
        cases: plan.selected.iter().filter(|selected| **selected).count(),
        drift: plan.drift.clone(),
    });
    let times = LatencyLog::of(plan.restored.spent.latency.clone());
    let watched = Liveness::new((*transport).clone(), Arc::clone(&limits));
    let run = Run {
        start,
        transport: Arc::new(LatencyRecorder::new(watched, times.clone())),
        times,
        limits,
        hidden: Arc::new(Identifiers::new(&plan.world, &plan.secrets)),
        controls: Arc::default(),
        pace: Arc::new(PollPolicy::Unlimited),
        clock: Arc::new(Clock::new(plan.clock.clone())),
        wait_limit: None,
        deadline: None,
        smallest: Arc::default(),
        failures: Arc::new(Failures::new(plan.max_failures)),
        not_offered: Arc::new(plan.not_offered()),
        exclusive: Arc::default(),
        plan,
    };
    let plan = &run.plan;
    let mut confirmed = BTreeMap::new();
    let (ending, outcomes) = match first_contact(&run.player(), &plan.catalogue, &plan.route.base_url).await {
        // A target that the run did not wait for is not to blame.
        Err(_) if run.limits.stop() == Some(StopReason::Interrupted) => {
            (ending(&run.limits), interrupted(plan))
        }
        Err(reason) => {
            let reason = match &plan.waited {
                Some(waited) => format!("The target did not come up within {waited} (--wait). {reason}"),
                None => reason,
            };
            (Ending::NotJudged { reason }, plan.catalogue.cases.iter().map(|_| not_tested()).collect())
        }
        Ok(accepted) => {
            run.transport.inner().set_accepted(accepted);
            let outcomes = Box::pin(run.test_target(&mut confirmed, &emit)).await;
            (ending(&run.limits), outcomes)
        }
    };
    let is_cut =
        |outcome: &CaseOutcome| matches!(outcome, CaseOutcome::Ran(evidence) if evidence.stopped.is_some());
    if let Some(checkpoint) = &plan.checkpoint
        && (ending != Ending::Complete || run.limits.stop().is_some() || outcomes.iter().any(is_cut))
    {
        checkpoint.keep();
    }
    let summing = Summary {
        world: &plan.world,
        catalogue: &plan.catalogue,
        outcomes: &outcomes,
        confirmed: &confirmed,
        not_offered: &run.not_offered,
    };
    let requirements = summing.results();
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        boundstone: env!("CARGO_PKG_VERSION").to_owned(),
        contract: contract_info(plan),
        target: plan.target.clone(),
        seed: plan.seed,
        started_at: plan.started_at.clone(),
        seconds: run.seconds(),
        ending,
        strict: plan.strict,
        totals: totals(&requirements, &outcomes, run.limits.requests()),
        requirements,
        known_failures: Vec::new(),
        drift: plan.drift.clone(),
        latency: run.times.latency(),
    };
    plan.known_failures.apply(&mut report);
    reports::summary::number_findings(&mut report, &plan.replay);
    emit(&Event::RunFinished { report: Box::new(report.clone()) });
    report
}

/// How a run ended that reached the target.
fn ending(limits: &Limits) -> Ending {
    match limits.stop() {
        Some(StopReason::Interrupted) => Ending::Interrupted { reason: "Stopped by Ctrl-C.".to_owned() },
        Some(stop) if stop.is_caused_by_target() => Ending::NotJudged {
            reason: format!(
                "After {} requests {stop}: what was not tested by then is inconclusive.",
                limits.requests()
            ),
        },
        _ => Ending::Complete,
    }
}

/// The outcomes of a run that was interrupted before any case.
fn interrupted(plan: &Plan) -> Vec<CaseOutcome> {
    let outcome = |selected: &bool| match selected {
        true => CaseOutcome::Ran(CaseEvidence {
            stopped: Some(StopReason::Interrupted),
            ..CaseEvidence::default()
        }),
        false => CaseOutcome::Unselected,
    };
    plan.selected.iter().map(outcome).collect()
}

fn not_tested() -> CaseOutcome {
    let unproven = Some("the target could not be tested".to_owned());
    CaseOutcome::Ran(CaseEvidence { unproven, ..CaseEvidence::default() })
}

fn contract_info(plan: &Plan) -> ContractInfo {
    let contract = &plan.world.contract;
    ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() }
}

impl<T: Transport + 'static> Run<T> {
    /// Runs the selected cases, and reproduces what differs.
    async fn test_target(
        &self,
        confirmed: &mut BTreeMap<Difference, ConfirmedDifference>,
        emit: &impl Fn(&Event),
    ) -> Vec<CaseOutcome> {
        let plan = &self.plan;
        let unverified = self.unverified().await;
        let mut outcomes: Vec<Option<CaseOutcome>> = plan
            .catalogue
            .cases
            .iter()
            .zip(&plan.selected)
            .enumerate()
            .map(|(index, (case, selected))| match (selected, self.not_offered.reason(index)) {
                (true, Some(reason)) => Some(CaseOutcome::Skipped(reason.to_owned())),
                (true, None) => plan
                    .capabilities(&unverified)
                    .missing(case)
                    .map(|lack| CaseOutcome::Skipped(lack.to_string())),
                (false, _) => Some(CaseOutcome::Unselected),
            })
            .collect();
        for (case, outcome) in plan.catalogue.cases.iter().zip(&outcomes) {
            if let Some(CaseOutcome::Skipped(_)) = outcome {
                emit(&Event::CaseFinished { case: case.id.clone(), verdict: Verdict::Skipped, requests: 0 });
            }
        }
        let waiting: Vec<usize> = (0..outcomes.len()).filter(|index| outcomes[*index].is_none()).collect();
        let (fresh, waiting): (Vec<usize>, _) = waiting
            .into_iter()
            .partition(|index| plan.catalogue.cases[*index].runs_first(&plan.world.fixtures));
        self.run_cases(&mut outcomes, fresh, emit).await;
        let (mut slow, quick): (Vec<usize>, _) =
            waiting.into_iter().partition(|index| !plan.catalogue.cases[*index].waiting_time().is_zero());
        let has_repeated_calls = quick.iter().any(|case| self.has_repeated_calls(*case));
        let first = if has_repeated_calls {
            crate::probe::poll_interval::probe_interval(&self.player(), &plan.catalogue).await
        } else {
            IntervalProbe::NotEnforced
        };
        let mut paced = self.clone();
        match first {
            IntervalProbe::NotEnforced => {
                self.run_cases(&mut outcomes, quick, emit).await;
                if let Some(passed) = self.rerun_at_interval(&mut outcomes, emit).await {
                    paced = passed;
                }
            }
            IntervalProbe::Refused(refused) => {
                let (again, once): (Vec<usize>, _) =
                    quick.into_iter().partition(|case| self.has_repeated_calls(*case));
                let player = self.player();
                let measure = crate::probe::poll_interval::measure_interval(
                    &player,
                    &plan.catalogue,
                    refused,
                    self.wait_limit(),
                );
                let ((), measured) = tokio::join!(self.run_cases(&mut outcomes, once, emit), measure);
                if let MeasuredInterval { policy: PollPolicy::Enforced(interval), takes: probing } = measured
                {
                    paced = self.with_pace(PollPolicy::Enforced(interval.clone()));
                    // While some cases wait for the interval, others may wait for other times.
                    let waiting = if plan.clock.is_none() { std::mem::take(&mut slow) } else { Vec::new() };
                    let batch = Batch { interval: Some(interval), limit: self.wait_limit(), probing };
                    paced.run_batch(&mut outcomes, [again, waiting].concat(), batch, emit).await;
                } else {
                    self.run_cases(&mut outcomes, again, emit).await;
                }
            }
        }
        if plan.clock.is_none() {
            // The clock cannot be advanced: these cases wait for time to pass, if the run may.
            let batch = Batch { interval: None, limit: plan.slow_wait_limit(), probing: Duration::ZERO };
            paced.run_batch(&mut outcomes, std::mem::take(&mut slow), batch, emit).await;
        }
        if matches!(self.limits.stop(), Some(StopReason::Failures(_))) {
            // The run sends no further cases; this records them as stopped.
            paced.run_cases(&mut outcomes, std::mem::take(&mut slow), emit).await;
        }
        self.limits.begin_reproducing();
        emit(&Event::Confirming);
        encoding::merge_encoded_errors(&plan.world.contract, &mut outcomes);
        varying::collapse_varying(&mut outcomes);
        let paced = paced.while_reproducing();
        paced.confirm(&outcomes, confirmed).await;
        // What such a case shows is reproduced before the clock advances for the next one.
        for case in slow {
            let waiting = Self { wait_limit: None, ..paced.clone() };
            waiting.run_cases(&mut outcomes, vec![case], emit).await;
            paced.confirm_one(&outcomes, case, confirmed).await;
        }
        paced.collisions(confirmed).await;
        demote_flaky(plan, &outcomes, confirmed);
        let failed =
            || CaseOutcome::Skipped("boundstone crashed on this case (a bug of boundstone)".to_owned());
        let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(failed));
        outcomes.enumerate().map(|(index, outcome)| self.not_offered.final_outcome(index, outcome)).collect()
    }

    /// The operations whose signatures the target does not verify.
    async fn unverified(&self) -> BTreeSet<String> {
        let plan = &self.plan;
        let mut unverified = BTreeSet::new();
        if plan.route.scope.is_none() {
            return unverified;
        }
        let wrong = plan.catalogue.cases.iter().zip(&plan.selected);
        let wrong = wrong.filter(|(case, selected)| **selected && case.signing() != Signing::Valid);
        let operations: BTreeSet<&String> = wrong.map(|(case, _)| &case.operation).collect();
        for operation in operations {
            if !signature::verifies_signatures(&self.player(), &plan.catalogue, operation).await {
                unverified.insert(operation.clone());
            }
        }
        unverified
    }

    /// Runs the cases again in which the target enforced a poll interval on a session, with that interval.
    /// Returns the run with that interval. A target may accept the first calls of a session early.
    async fn rerun_at_interval(
        &self,
        outcomes: &mut [Option<CaseOutcome>],
        emit: &impl Fn(&Event),
    ) -> Option<Self> {
        let enforced_interval = |outcome: &Option<CaseOutcome>| match outcome {
            Some(CaseOutcome::Ran(evidence)) => evidence.enforced_interval,
            _ => None,
        };
        let length =
            outcomes.iter().filter_map(enforced_interval).max().filter(|length| !length.is_zero())?;
        let interval = poll_interval::shortest_interval(&self.plan.world.contract, length);
        let paced = self.with_pace(PollPolicy::Enforced(interval.clone()));
        let cases: Vec<usize> = outcomes
            .iter()
            .enumerate()
            .filter(|(_, outcome)| enforced_interval(outcome).is_some())
            .map(|(index, _)| index)
            .collect();
        let before: Vec<_> = cases.iter().map(|index| (*index, outcomes[*index].take())).collect();
        let batch = Batch { interval: Some(interval), limit: self.wait_limit(), probing: Duration::ZERO };
        paced.run_batch(outcomes, cases, batch, emit).await;
        for (index, before) in before {
            match (&mut outcomes[index], before) {
                (Some(CaseOutcome::Ran(evidence)), Some(CaseOutcome::Ran(before))) => evidence.add(before),
                // What was seen before counts, though the case could not be run again.
                (now, Some(CaseOutcome::Ran(before))) if !before.occurrences.is_empty() => {
                    *now = Some(CaseOutcome::Ran(before));
                }
                _ => {}
            }
        }
        Some(paced)
    }

    /// Whether any sample of a case calls more than once in a session.
    fn has_repeated_calls(&self, case: usize) -> bool {
        let about = &self.plan.catalogue.cases[case];
        let samples = Samples::new(about, &self.plan.world, self.plan.seed);
        let count = samples.boundaries() + about.random_samples(self.plan.samples);
        let sequences = |sample: Sample| [sample.steps, sample.control].into_iter().chain(sample.isolated);
        let mut all = (0..count).map_while(|index| samples.tree(index)).map(|tree| tree.current());
        all.any(|sample| sequences(sample).any(|steps| poll_interval::has_repeated_calls(&steps)))
    }

    /// The first sample of a case.
    fn first(&self, case: usize) -> Option<Sample> {
        let samples = Samples::new(&self.plan.catalogue.cases[case], &self.plan.world, self.plan.seed);
        samples.tree(0).map(|tree| tree.current())
    }

    /// Runs cases: part by part if the target is slow, and round by round otherwise.
    async fn run_cases(
        &self,
        outcomes: &mut [Option<CaseOutcome>],
        mut cases: Vec<usize>,
        emit: &impl Fn(&Event),
    ) {
        if let Some(unloaded) = self.slow_latency(&cases) {
            return self.run_slow_target(outcomes, cases, unloaded, emit).await;
        }
        self.order(&mut cases);
        let mut waiting: BTreeMap<usize, CaseProgress> =
            cases.iter().map(|case| (*case, self.begin(*case, emit))).collect();
        for round in Round::ALL {
            self.run_round(&mut waiting, &cases, round, emit).await;
            for (case, progress) in waiting.extract_if(.., |_, progress| progress.is_done()) {
                outcomes[case] = Some(CaseOutcome::Ran(progress.evidence));
            }
        }
    }

    /// A case before its first round, or as an earlier process left it.
    pub(crate) fn begin(&self, case: usize, emit: &impl Fn(&Event)) -> CaseProgress {
        let Some(FinishedRound { rounds, within, evidence, .. }) =
            self.plan.restored.finished.get(&case).cloned()
        else {
            return CaseProgress::default();
        };
        if !evidence.occurrences.is_empty() {
            self.failures.restore(self.failing(case, &evidence));
            self.limits.note_difference();
            emit(&Event::CaseDiffers { case: self.plan.catalogue.cases[case].id.clone() });
        }
        let progress = CaseProgress::restored(evidence, RunMark { rounds, within });
        if progress.is_done() {
            self.emit_finished(case, &progress.evidence, emit);
        }
        progress
    }

    /// Sorts one case of each requirement first, then a second one of each, and so on, so that a short run
    /// leaves out what shows least. Within a requirement, invalid requests come before valid ones, which are
    /// sent as controls too, and short sequences before long ones.
    fn order(&self, cases: &mut [usize]) {
        cases.sort_by_cached_key(|case| {
            let first = self.first(*case);
            let (is_valid, length) = first.map_or((true, 0), |it| (it.control.is_empty(), it.steps.len()));
            (is_valid, length, *case)
        });
        let mut seen: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let ranks: BTreeMap<usize, usize> = cases
            .iter()
            .map(|case| {
                let rank = seen.entry(&self.plan.catalogue.cases[*case].requirement).or_default();
                *rank += 1;
                (*case, *rank)
            })
            .collect();
        cases.sort_by_key(|case| ranks.get(case));
    }

    /// Runs a round of cases, several at once. Those that need the target for themselves come last, one after
    /// the other. A case that panics is no longer in `waiting` afterwards.
    async fn run_round(
        &self,
        waiting: &mut BTreeMap<usize, CaseProgress>,
        cases: &[usize],
        round: Round,
        emit: &impl Fn(&Event),
    ) {
        let (exclusive, others): (Vec<usize>, _) =
            cases.iter().partition(|case| self.plan.catalogue.cases[**case].is_exclusive());
        for (cases, at_once) in [(others, self.plan.concurrency.initial()), (exclusive, 1)] {
            // An earlier process may have done this round of a case.
            let comes = |case: &usize| waiting.get(case).is_some_and(|it| it.rounds == round as usize);
            let cases: Vec<usize> = cases.into_iter().filter(comes).collect();
            let cases: Vec<_> = cases.into_iter().filter_map(|case| waiting.remove_entry(&case)).collect();
            let (sender, mut messages) = mpsc::unbounded_channel();
            let run = self.clone();
            worker_pool::run_pool(
                cases,
                move || at_once,
                move || {
                    let (run, sender) = (run.per_worker(), sender.clone());
                    move |(case, progress)| run.clone().run_case_round(case, progress, round, sender.clone())
                },
            );
            while let Some(message) = messages.recv().await {
                let (case, progress, differs) = match message {
                    Message::Started(case) => {
                        emit(&Event::CaseStarted { case: self.plan.catalogue.cases[case].id.clone() });
                        continue;
                    }
                    Message::Finished { case, progress, differs } => (case, progress, differs),
                };
                if differs {
                    self.limits.note_difference();
                    emit(&Event::CaseDiffers { case: self.plan.catalogue.cases[case].id.clone() });
                }
                self.failures.record(self.failing(case, &progress.evidence), &self.limits);
                if progress.is_done() {
                    self.emit_finished(case, &progress.evidence, emit);
                }
                if let Some(checkpoint) = &self.plan.checkpoint
                    && progress.evidence.is_final()
                    && let Some(RunMark { rounds, within }) = progress.mark()
                {
                    let evidence = progress.evidence.clone();
                    checkpoint.record_round(FinishedRound { case, rounds, within, evidence }, self.spent());
                }
                waiting.insert(case, *progress);
            }
        }
    }

    /// Runs cases as this run does. `controls` are sent once for all cases.
    pub(crate) fn case_runner<'a>(&'a self, controls: Option<&'a ControlCache>) -> CaseRunner<'a, T> {
        CaseRunner {
            player: self.player(),
            registry: &self.plan.restored.registry,
            limits: &self.limits,
            smallest: &self.smallest,
            seed: self.plan.seed,
            samples: self.plan.samples,
            controls,
        }
    }

    /// Runs a round of a case, and sends messages about it.
    async fn run_case_round(
        self,
        case: usize,
        mut progress: CaseProgress,
        round: Round,
        sender: mpsc::UnboundedSender<Message>,
    ) {
        // The receiver waits until every sender is dropped.
        let _sent = sender.send(Message::Started(case));
        let case_runner = self.case_runner(self.limits.remaining_requests().map(|_| &*self.controls));
        let was_right = progress.evidence.occurrences.is_empty();
        let snapshot = self.plan.snapshot(case);
        let about = &self.plan.catalogue.cases[case];
        case_runner.run_round(&mut progress, case, about, snapshot.as_ref(), round).await;
        progress.ended |= self.not_offered.is_probe(case);
        let differs = was_right && !progress.evidence.occurrences.is_empty();
        let _sent = sender.send(Message::Finished { case, progress: Box::new(progress), differs });
    }

    /// Runs cases whose sequences wait, all at the same time.
    async fn run_batch(
        &self,
        outcomes: &mut [Option<CaseOutcome>],
        mut cases: Vec<usize>,
        batch: Batch,
        emit: &impl Fn(&Event),
    ) {
        let waiting = Self { wait_limit: Some(batch.limit), ..self.clone() };
        self.order(&mut cases);
        let mut plans = Vec::new();
        for index in cases {
            let case = &self.plan.catalogue.cases[index];
            emit(&Event::CaseStarted { case: case.id.clone() });
            plans.push((index, batch.plan(&Samples::new(case, &self.plan.world, self.plan.seed))));
        }
        // The first sample of each case, then the second ones, as long as requests are left.
        let mut samples: Vec<_> = plans
            .iter()
            .flat_map(|(case, plan)| plan.samples().map(move |(index, sample)| (index, *case, sample)))
            .collect();
        samples.sort_by_key(|(index, ..)| *index);
        if let Some(longest) = plans.iter().map(|(_, plan)| plan.longest).max()
            && !samples.is_empty()
            && !self.clock.is_settable()
        {
            emit(&Event::Waiting {
                sequences: samples.len(),
                seconds: longest.as_secs(),
                interval: batch.interval.as_ref().map(|interval| interval.length.as_secs()),
            });
        }
        let mut left = self.limits.remaining_requests();
        let mut sequences = JoinSet::new();
        for (sample_index, index, sample) in samples {
            let parts =
                [Variation::Mutated, Variation::Control].map(|part| (part, part.steps_of(sample).to_vec()));
            let cost: usize = parts.iter().map(|(_, steps)| steps.len()).sum();
            if let Some(left) = &mut left {
                let Some(rest) = left.checked_sub(cost as u64) else { continue };
                *left = rest;
            }
            for (part, steps) in parts.into_iter().filter(|(_, steps)| !steps.is_empty()) {
                let (run, snapshot) = (waiting.clone(), self.plan.snapshot(index));
                sequences.spawn(async move {
                    let snapshot = snapshot.as_ref().filter(|_| part == Variation::Mutated);
                    let (place, player) = ((index, sample_index, part), run.player());
                    tokio::select! {
                        played = player.execute_with_retry(snapshot, &steps, false) => Some((place, played)),
                        _ = run.limits.stopped() => None,
                    }
                });
            }
        }
        let mut played = BTreeMap::new();
        while let Some(finished) = sequences.join_next().await {
            if let Ok(Some((place, sequence))) = finished {
                self.smallest.record(&sequence);
                played.insert(place, sequence);
            }
        }
        let stop = self.limits.stop().or(left.map(|_| StopReason::Requests));
        for (index, plan) in plans {
            let done = batch.sum_up(index, plan, &mut played, &self.plan.restored.registry, stop);
            if let CaseOutcome::Ran(evidence) = &done {
                self.failures.record(self.failing(index, evidence), &self.limits);
                self.emit_finished(index, evidence, emit);
            }
            outcomes[index] = Some(done);
        }
    }
}
