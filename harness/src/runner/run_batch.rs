//! Runs cases whose sequences wait, all at the same time.

use std::collections::BTreeMap;

use cases::generate::{Sample, Step};
use reports::model::Event;
use tokio::task::JoinSet;

use crate::client::transport::Transport;
use crate::execute::executed::Executed;
use crate::execute::samples::Variation;
use crate::limits::StopReason;
use crate::plan::context::Run;
use crate::results::case_result::{CaseIndex, CaseOutcome, CaseOutcomes, SampleRef};
use crate::runner::batch::{Batch, Sequences};

/// One sequence of a batch.
type SequenceKey = (SampleRef, Variation);

impl<T: Transport + 'static> Run<T> {
    /// Runs cases whose sequences wait, all at the same time.
    pub(crate) async fn run_batch(
        &self,
        outcomes: &mut CaseOutcomes,
        mut cases: Vec<CaseIndex>,
        batch: Batch,
        emit: &impl Fn(&Event),
    ) {
        self.order(&mut cases);
        let mut plans = Vec::new();
        for case in cases {
            emit(&Event::CaseStarted { case: self.plan.case(case).id.clone() });
            plans.push((case, batch.plan(&self.plan.samples_of(case))));
        }
        let samples = in_order(&plans);
        self.emit_waiting(&batch, &plans, samples.len(), emit);
        let waiting = Self { wait_limit: Some(batch.limit), ..self.clone() };
        let mut executed = waiting.send_together(samples).await;
        // What was not sent of a run with limited requests was not sent because of that limit.
        let stop = self.limits.stop().or(self.limits.remaining_requests().map(|_| StopReason::Requests));
        for (case, plan) in plans {
            let outcome = batch.sum_up(case, plan, &mut executed, &self.plan.restored.registry, stop);
            if let CaseOutcome::Ran(evidence) = &outcome {
                self.failures.record(self.failing(case, evidence), &self.limits);
                self.emit_finished(case, evidence, emit);
            }
            outcomes.insert(case, outcome);
        }
    }

    /// Reports how long a batch waits.
    fn emit_waiting(
        &self,
        batch: &Batch,
        plans: &[(CaseIndex, Sequences)],
        sequences: usize,
        emit: &impl Fn(&Event),
    ) {
        if let Some(longest) = plans.iter().map(|(_, plan)| plan.longest).max()
            && sequences > 0
            && !self.clock.is_settable()
        {
            emit(&Event::Waiting {
                sequences,
                seconds: longest.as_secs(),
                interval: batch.interval.as_ref().map(|interval| interval.length.as_secs()),
            });
        }
    }

    /// Sends all sequences of the samples at the same time, as long as requests are left.
    async fn send_together(&self, samples: Vec<(SampleRef, &Sample)>) -> BTreeMap<SequenceKey, Executed> {
        let mut left = self.limits.remaining_requests();
        let mut running = JoinSet::new();
        for (sample_ref, sample) in samples {
            let parts =
                [Variation::Mutated, Variation::Control].map(|part| (part, part.steps_of(sample).to_vec()));
            let cost: usize = parts.iter().map(|(_, steps)| steps.len()).sum();
            if let Some(left) = &mut left {
                let Some(rest) = left.checked_sub(cost as u64) else { continue };
                *left = rest;
            }
            for (part, steps) in parts.into_iter().filter(|(_, steps)| !steps.is_empty()) {
                running.spawn(self.clone().send_one((sample_ref, part), steps));
            }
        }
        let mut executed = BTreeMap::new();
        while let Some(finished) = running.join_next().await {
            if let Ok(Some((key, sequence))) = finished {
                self.smallest.record(&sequence);
                executed.insert(key, sequence);
            }
        }
        executed
    }

    /// Sends one sequence of a batch. `None` if the run stops first.
    async fn send_one(self, key: SequenceKey, steps: Vec<Step>) -> Option<(SequenceKey, Executed)> {
        let (SampleRef { case, .. }, part) = key;
        let snapshot = self.plan.snapshot(case).filter(|_| part == Variation::Mutated);
        let executor = self.executor();
        tokio::select! {
            executed = executor.execute_with_retry(snapshot.as_ref(), &steps, false) => Some((key, executed)),
            _ = self.limits.stopped() => None,
        }
    }
}

/// The first sample of each case, then the second one of each, and so on.
fn in_order(plans: &[(CaseIndex, Sequences)]) -> Vec<(SampleRef, &Sample)> {
    let mut samples: Vec<_> = plans
        .iter()
        .flat_map(|(case, plan)| {
            plan.samples().map(|(index, sample)| (SampleRef { case: *case, sample: index }, sample))
        })
        .collect();
    samples.sort_by_key(|(sample_ref, _)| sample_ref.sample);
    samples
}
