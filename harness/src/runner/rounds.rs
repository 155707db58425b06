//! Runs cases round by round: every case ends a round before any case begins the next one.

use std::collections::BTreeMap;

use cases::generate::Sample;
use cases::id::RequirementId;
use reports::model::Event;
use tokio::sync::mpsc;

use crate::client::transport::Transport;
use crate::execute::control_cache::ControlCache;
use crate::plan::context::Run;
use crate::results::case_result::{CaseIndex, CaseOutcome, CaseOutcomes, Round, RunMark};
use crate::results::checkpoint::FinishedRound;
use crate::runner::case_runner::{CaseProgress, CaseRunner};
use crate::runner::worker_pool;

/// What a worker says about a case.
enum Message {
    Started(CaseIndex),
    Finished {
        case: CaseIndex,
        progress: Box<CaseProgress>,
        /// Whether it shows its first difference.
        differs: bool,
    },
}

impl<T: Transport + 'static> Run<T> {
    /// Runs cases: part by part if the target is slow, and round by round otherwise.
    pub(crate) async fn run_cases(
        &self,
        outcomes: &mut CaseOutcomes,
        mut cases: Vec<CaseIndex>,
        emit: &impl Fn(&Event),
    ) {
        if let Some(unloaded) = self.slow_latency(&cases) {
            return self.run_slow_target(outcomes, cases, unloaded, emit).await;
        }
        self.order(&mut cases);
        let mut waiting: BTreeMap<CaseIndex, CaseProgress> =
            cases.iter().map(|case| (*case, self.begin(*case, emit))).collect();
        for round in Round::ALL {
            self.run_round(&mut waiting, &cases, round, emit).await;
            for (case, progress) in waiting.extract_if(.., |_, progress| progress.is_done()) {
                outcomes.insert(case, CaseOutcome::Ran(progress.evidence));
            }
        }
    }

    /// A case before its first round, or as an earlier process left it.
    fn begin(&self, case: CaseIndex, emit: &impl Fn(&Event)) -> CaseProgress {
        let Some(FinishedRound { rounds, within, evidence, .. }) =
            self.plan.restored.finished.get(&case).cloned()
        else {
            return CaseProgress::default();
        };
        if !evidence.occurrences.is_empty() {
            self.failures.restore(self.failing(case, &evidence));
            self.limits.note_difference();
            emit(&Event::CaseDiffers { case: self.plan.case(case).id.clone() });
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
    pub(crate) fn order(&self, cases: &mut [CaseIndex]) {
        cases.sort_by_cached_key(|case| {
            let first: Option<Sample> = self.plan.samples_of(*case).tree(0).map(|tree| tree.current());
            let (is_valid, length) = first.map_or((true, 0), |it| (it.control.is_empty(), it.steps.len()));
            (is_valid, length, *case)
        });
        let mut seen: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let ranks: BTreeMap<CaseIndex, usize> = cases
            .iter()
            .map(|case| {
                let rank = seen.entry(&self.plan.case(*case).requirement).or_default();
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
        waiting: &mut BTreeMap<CaseIndex, CaseProgress>,
        cases: &[CaseIndex],
        round: Round,
        emit: &impl Fn(&Event),
    ) {
        let (exclusive, others): (Vec<CaseIndex>, _) =
            cases.iter().partition(|case| self.plan.case(**case).is_exclusive());
        for (cases, at_once) in [(others, self.plan.concurrency.initial()), (exclusive, 1)] {
            let mut messages = self.start_round(take_due(waiting, &cases, round), at_once, round);
            while let Some(message) = messages.recv().await {
                match message {
                    Message::Started(case) => {
                        emit(&Event::CaseStarted { case: self.plan.case(case).id.clone() });
                    }
                    Message::Finished { case, progress, differs } => {
                        self.finish_round(case, &progress, differs, emit);
                        waiting.insert(case, *progress);
                    }
                }
            }
        }
    }

    /// Starts a round of cases on the worker pool.
    fn start_round(
        &self,
        cases: Vec<(CaseIndex, CaseProgress)>,
        at_once: usize,
        round: Round,
    ) -> mpsc::UnboundedReceiver<Message> {
        let (sender, messages) = mpsc::unbounded_channel();
        let run = self.clone();
        worker_pool::run_pool(
            cases,
            move || at_once,
            move || {
                let (run, sender) = (run.per_worker(), sender.clone());
                move |(case, progress)| run.clone().run_case_round(case, progress, round, sender.clone())
            },
        );
        messages
    }

    /// Reports and records a case after a round.
    fn finish_round(&self, case: CaseIndex, progress: &CaseProgress, differs: bool, emit: &impl Fn(&Event)) {
        if differs {
            self.limits.note_difference();
            emit(&Event::CaseDiffers { case: self.plan.case(case).id.clone() });
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
    }

    /// Runs cases as this run does. `controls` are sent once for all cases.
    pub(crate) fn case_runner<'a>(&'a self, controls: Option<&'a ControlCache>) -> CaseRunner<'a, T> {
        CaseRunner {
            executor: self.executor(),
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
        case: CaseIndex,
        mut progress: CaseProgress,
        round: Round,
        sender: mpsc::UnboundedSender<Message>,
    ) {
        // The receiver waits until every sender is dropped.
        let _sent = sender.send(Message::Started(case));
        let case_runner = self.case_runner(self.limits.remaining_requests().map(|_| &*self.controls));
        let was_right = progress.evidence.occurrences.is_empty();
        let snapshot = self.plan.snapshot(case);
        let about = self.plan.case(case);
        case_runner.run_round(&mut progress, case, about, snapshot.as_ref(), round).await;
        progress.ended |= self.not_offered.is_probe(case);
        let differs = was_right && !progress.evidence.occurrences.is_empty();
        let _sent = sender.send(Message::Finished { case, progress: Box::new(progress), differs });
    }
}

/// Removes the cases that this round is due for. An earlier process may have done it for others.
fn take_due(
    waiting: &mut BTreeMap<CaseIndex, CaseProgress>,
    cases: &[CaseIndex],
    round: Round,
) -> Vec<(CaseIndex, CaseProgress)> {
    let due: Vec<_> = cases
        .iter()
        .filter(|case| waiting.get(*case).is_some_and(|progress| progress.rounds == round as usize))
        .collect();
    due.into_iter().filter_map(|case| waiting.remove_entry(case)).collect()
}
