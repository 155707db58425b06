//! Runs the cases of a slow target: many samples at the same time, the longest sequences first, so that the
//! run takes little longer than its requests.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use reports::model::Event;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::client::transport::Transport;
use crate::plan::context::Run;
use crate::plan::in_flight::{Concurrency, InFlight, is_slow};
use crate::results::case_result::{CaseEvidence, CaseIndex, CaseOutcome, CaseOutcomes, Round};
use crate::results::checkpoint::FinishedRound;
use crate::runner::worker_pool;
use crate::runner::worker_pool::CHECK_INTERVAL;

/// The maximum number of requests of a part with several samples. Smaller parts would cost more work.
const MAX_PART_REQUESTS: usize = 6;

/// Some samples of a case, which are sent one after the other.
#[derive(Debug, Clone)]
struct CasePart {
    case: CaseIndex,
    samples: Range<usize>,
    /// The number of requests that it sends.
    length: usize,
}

/// What a worker says about a part.
enum Message {
    Started(CaseIndex),
    Finished(CasePart, Box<CaseEvidence>),
}

/// How far the parts of a case are.
#[derive(Default)]
struct PartProgress {
    left: usize,
    is_started: bool,
    differs: bool,
    /// What each part showed, by the index of its first sample.
    evidence: BTreeMap<usize, CaseEvidence>,
}

impl<T: Transport + 'static> Run<T> {
    /// The latency of a slow target, if its cases should run part by part: requests are not limited, and the
    /// run was not resumed.
    pub(crate) fn slow_latency(&self, cases: &[CaseIndex]) -> Option<Duration> {
        let unloaded = Duration::from_micros(self.latency_micros());
        let is_rate_limited =
            |between: Duration| between * 2 > unloaded / Self::initial(self.plan.concurrency);
        let is_limited = self.limits.remaining_requests().is_some()
            || self.plan.between_requests.is_some_and(is_rate_limited);
        let is_resumed = !self.plan.restored.finished.is_empty();
        let waits = is_slow(unloaded) && !is_limited && !is_resumed && self.has_time_for(cases, unloaded);
        waits.then_some(unloaded)
    }

    /// Whether half of the budget is enough for all cases, so that their order does not matter.
    fn has_time_for(&self, cases: &[CaseIndex], unloaded: Duration) -> bool {
        let Some(budget) = self.plan.budget else { return true };
        let requests: usize = cases.iter().flat_map(|case| self.parts(*case)).map(|part| part.length).sum();
        let all = unloaded.saturating_mul(u32::try_from(requests).unwrap_or(u32::MAX));
        all / Self::initial(self.plan.concurrency) <= budget / 2
    }

    fn initial(concurrency: Concurrency) -> u32 {
        u32::try_from(concurrency.initial()).unwrap_or(u32::MAX)
    }

    /// Runs cases of a slow target.
    pub(crate) async fn run_slow_target(
        &self,
        outcomes: &mut CaseOutcomes,
        cases: Vec<CaseIndex>,
        unloaded: Duration,
        emit: &impl Fn(&Event),
    ) {
        let mut parts: Vec<CasePart> = cases.iter().flat_map(|case| self.parts(*case)).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.length));
        let mut progress: BTreeMap<CaseIndex, PartProgress> = BTreeMap::new();
        for part in &parts {
            progress.entry(part.case).or_default().left += 1;
        }
        let in_flight = Arc::new(InFlight::new(self.plan.concurrency, unloaded, self.times.latency()));
        let mut messages = self.start_parts(parts, &in_flight);
        loop {
            let message = timeout(CHECK_INTERVAL, messages.recv()).await;
            in_flight.adapt(|| self.times.latency());
            match message {
                Err(_) => {}
                Ok(None) => break,
                Ok(Some(Message::Started(case))) => {
                    let case_progress = progress.entry(case).or_default();
                    if !std::mem::replace(&mut case_progress.is_started, true) {
                        emit(&Event::CaseStarted { case: self.plan.case(case).id.clone() });
                    }
                }
                Ok(Some(Message::Finished(part, evidence))) => {
                    let case = part.case;
                    let case_progress = progress.entry(case).or_default();
                    if let Some(parts) = self.finish_part(case_progress, &part, *evidence, emit) {
                        outcomes.insert(case, CaseOutcome::Ran(self.join_parts(case, parts, emit)));
                    }
                }
            }
        }
    }

    /// Starts parts of cases on the worker pool.
    fn start_parts(
        &self,
        parts: Vec<CasePart>,
        in_flight: &Arc<InFlight>,
    ) -> mpsc::UnboundedReceiver<Message> {
        let (sender, messages) = mpsc::unbounded_channel();
        let (run, in_flight) = (self.clone(), Arc::clone(in_flight));
        worker_pool::run_pool(
            parts,
            move || in_flight.current(),
            move || {
                let (run, sender) = (run.per_worker(), sender.clone());
                move |part| run.clone().run_part(part, sender.clone())
            },
        );
        messages
    }

    /// Records a finished part. Returns all parts of its case if none is left.
    fn finish_part(
        &self,
        progress: &mut PartProgress,
        part: &CasePart,
        evidence: CaseEvidence,
        emit: &impl Fn(&Event),
    ) -> Option<BTreeMap<usize, CaseEvidence>> {
        if !evidence.occurrences.is_empty() && !std::mem::replace(&mut progress.differs, true) {
            self.limits.note_difference();
            emit(&Event::CaseDiffers { case: self.plan.case(part.case).id.clone() });
        }
        self.failures.record(self.failing(part.case, &evidence), &self.limits);
        progress.evidence.insert(part.samples.start, evidence);
        progress.left -= 1;
        (progress.left == 0).then(|| std::mem::take(&mut progress.evidence))
    }

    /// Joins what the parts of a case showed, when they are all done.
    fn join_parts(
        &self,
        case: CaseIndex,
        parts: BTreeMap<usize, CaseEvidence>,
        emit: &impl Fn(&Event),
    ) -> CaseEvidence {
        let mut whole = CaseEvidence::default();
        for part in parts.into_values() {
            whole.join(part);
        }
        self.emit_finished(case, &whole, emit);
        if let Some(checkpoint) = &self.plan.checkpoint
            && whole.is_final()
            && whole.stopped.is_none()
        {
            let rounds = Round::ALL.len();
            checkpoint.record_round(
                FinishedRound { case, rounds, within: 0, evidence: whole.clone() },
                self.spent(),
            );
        }
        whole
    }

    /// Splits the samples of a case into parts.
    fn parts(&self, case: CaseIndex) -> Vec<CasePart> {
        let samples = self.plan.samples_of(case);
        let count = samples.boundaries() + self.plan.case(case).random_samples(self.plan.samples);
        let mut parts: Vec<CasePart> = Vec::new();
        for index in 0..count {
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let length = sample.steps.len() + sample.control.len();
            match parts.last_mut() {
                Some(last) if last.length + length <= MAX_PART_REQUESTS => {
                    last.length += length;
                    last.samples.end = index + 1;
                }
                _ => parts.push(CasePart { case, samples: index..index + 1, length }),
            }
        }
        parts
    }

    async fn run_part(self, part: CasePart, sender: mpsc::UnboundedSender<Message>) {
        // The receiver waits until every sender is dropped.
        let _sent = sender.send(Message::Started(part.case));
        let snapshot = self.plan.snapshot(part.case);
        let about = self.plan.case(part.case);
        let case_runner = self.case_runner(Some(&self.controls));
        let progress =
            case_runner.run_samples(part.case, about, snapshot.as_ref(), part.samples.clone()).await;
        let _sent = sender.send(Message::Finished(part, Box::new(progress.evidence)));
    }
}
