//! Runs one case: draws its samples, sends each with its control, and records the differences.
//!
//! Nothing is shrunk here. A difference is recorded with the smallest sample that showed it. Which of them
//! becomes a finding is decided when all cases are done, so that the order in which cases happen to run
//! changes no report.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::{ControlFlow, Range};

use cases::catalogue::Case;
use cases::generate::{Sample, Step};
use cases::oracle::{Class, classify};
use proptest::strategy::ValueTree;
use snapshots::Document;

use crate::client::exchange::TransportFailure;
use crate::client::transport::Transport;
use crate::execute::control_cache::ControlCache;
use crate::execute::executed::Executed;
use crate::execute::executor::Executor;
use crate::execute::samples::{Samples, Variation};
use crate::execute::token_registry::TokenRegistry;
use crate::judge::judgement::{Blockers, Explained};
use crate::limits::{Limits, StopReason};
use crate::results::blocked::blockers;
use crate::results::case_result::{CaseEvidence, CaseIndex, REJECTED, Round, RunMark, SampleRef};
use crate::results::evidence::SmallestSequences;

/// The maximum number of controls of a case that are remembered.
const MAX_CONTROLS: usize = 1000;

/// The number of rejected controls that shows that a case cannot be tested.
const MAX_REJECTED: u32 = 3;

/// A case between two rounds.
#[derive(Debug, Default)]
pub struct CaseProgress {
    /// What it showed so far.
    pub evidence: CaseEvidence,
    /// How many rounds are done.
    pub rounds: usize,
    /// What an earlier process has done. Its controls are not restored yet.
    restored: RunMark,
    /// Where the run stopped in it.
    stopped_at: Option<RunMark>,
    /// The first controls that were sent, by their hash, and whether the target accepts them. As texts they
    /// would take megabytes, and two of a thousand have the same hash once in 10¹³ cases.
    controls: HashMap<u64, bool>,
    /// How many controls the target rejected.
    rejected: u32,
    class: Option<Class>,
    /// Whether further samples would show nothing.
    pub ended: bool,
}

impl CaseProgress {
    /// A case with the final evidence that an earlier process left, and how far that process came.
    pub fn restored(evidence: CaseEvidence, restored: RunMark) -> Self {
        Self { evidence, rounds: restored.rounds, restored, ..Self::default() }
    }

    /// How far the case has come, if anything of it is done.
    pub fn mark(&self) -> Option<RunMark> {
        let mark = self.stopped_at.unwrap_or(RunMark { rounds: self.rounds, within: 0 });
        Some(mark).filter(|mark| *mark != RunMark::default())
    }

    /// Remembers whether the target accepts a control, given its hash.
    fn remember_control(&mut self, hash: u64, accepted: bool) {
        if self.controls.len() < MAX_CONTROLS {
            self.controls.insert(hash, accepted);
        }
        self.rejected += u32::from(!accepted);
    }

    /// Breaks after so many rejected controls that this case cannot be tested.
    fn after_rejection(&mut self) -> ControlFlow<()> {
        if self.rejected < MAX_REJECTED {
            return ControlFlow::Continue(());
        }
        self.ended = true;
        ControlFlow::Break(())
    }

    /// Whether no round is left.
    pub fn is_done(&self) -> bool {
        self.ended || self.rounds == Round::ALL.len()
    }
}

/// Runs cases.
pub struct CaseRunner<'a, T> {
    /// Executes the sequences.
    pub executor: Executor<'a, T>,
    /// Every single-use value of the run.
    pub registry: &'a TokenRegistry,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// The smallest sequence for each difference.
    pub(crate) smallest: &'a SmallestSequences,
    /// The seed of the run.
    pub seed: u64,
    /// Random samples for each case, after its boundaries.
    pub samples: usize,
    /// The controls that are sent once for all cases, if requests are limited.
    pub controls: Option<&'a ControlCache>,
}

/// A case whose samples are sent.
#[derive(Clone, Copy)]
struct Subject<'a> {
    index: CaseIndex,
    case: &'a Case,
    samples: &'a Samples,
    snapshot: Option<&'a Document>,
}

impl<T: Transport> CaseRunner<'_, T> {
    /// Runs a round of a case on one thread: value trees cannot move to another.
    pub async fn run_round(
        &self,
        progress: &mut CaseProgress,
        index: CaseIndex,
        case: &Case,
        snapshot: Option<&Document>,
        round: Round,
    ) {
        let samples = Samples::new(case, self.executor.world, self.seed);
        let restored = std::mem::take(&mut progress.restored);
        self.restore_controls(restored, progress, case, &samples);
        progress.rounds += 1;
        let range = round.range(samples.boundaries(), case.random_samples(self.samples));
        let mark = RunMark { rounds: round as usize, within: restored.within };
        let subject = Subject { index, case, samples: &samples, snapshot };
        self.run_range(progress, &subject, range, mark).await;
    }

    /// Runs some samples of a case on one thread: the samples of a case do not depend on each other.
    pub async fn run_samples(
        &self,
        index: CaseIndex,
        case: &Case,
        snapshot: Option<&Document>,
        range: Range<usize>,
    ) -> CaseProgress {
        let samples = Samples::new(case, self.executor.world, self.seed);
        let mut progress = CaseProgress { rounds: Round::ALL.len(), ..CaseProgress::default() };
        if case.is_uniform()
            && let Some(first) = samples.tree(0)
        {
            self.is_of_partition(&mut progress.class, &first.current());
        }
        let subject = Subject { index, case, samples: &samples, snapshot };
        self.run_range(&mut progress, &subject, range, RunMark::default()).await;
        progress
    }

    /// Runs the samples of a range, after those that are done.
    async fn run_range(
        &self,
        progress: &mut CaseProgress,
        subject: &Subject<'_>,
        range: Range<usize>,
        mut mark: RunMark,
    ) {
        let start = range.start;
        for index in range.skip(mark.within) {
            mark.within = index - start;
            if let Some(stop) = self.limits.stop() {
                progress.evidence.stopped = Some(stop);
                break;
            }
            let Some(tree) = subject.samples.tree(index) else { break };
            let sample_ref = SampleRef { case: subject.index, sample: index };
            if self.run_sample(progress, subject, &tree.current(), sample_ref).await.is_break() {
                break;
            }
        }
        if progress.evidence.stopped.is_some() {
            // A sample that was not completed is sent again.
            progress.stopped_at.get_or_insert(mark);
        }
    }

    /// Runs a sample, after its control. Breaks if no further sample of the case is to be sent now.
    async fn run_sample(
        &self,
        progress: &mut CaseProgress,
        subject: &Subject<'_>,
        sample: &Sample,
        sample_ref: SampleRef,
    ) -> ControlFlow<()> {
        if !sample.control.is_empty() && !self.is_control_accepted(progress, sample, sample_ref).await? {
            return progress.after_rejection();
        }
        if subject.case.is_uniform() && !self.is_of_partition(&mut progress.class, sample) {
            return ControlFlow::Continue(());
        }
        let evidence = &mut progress.evidence;
        let executed = self.execute(evidence, subject.snapshot, sample, Variation::Mutated).await;
        let explained = self.explained(evidence, &executed, sample, sample_ref, subject.case).await;
        evidence.record_sample(&executed, sample, sample_ref, &explained, self.registry);
        if evidence.stopped.is_some() {
            return ControlFlow::Break(());
        }
        let failure = executed.steps.last().and_then(|last| last.exchange.observed.as_ref().err());
        if failure.is_some_and(|failure| *failure != TransportFailure::NotConnected) {
            // One transport failure says what a hundred would, and each may cost the whole timeout.
            progress.ended = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Whether the target accepts the control of a sample. Breaks if the run stops before that is known.
    async fn is_control_accepted(
        &self,
        progress: &mut CaseProgress,
        sample: &Sample,
        sample_ref: SampleRef,
    ) -> ControlFlow<(), bool> {
        let hash = hash(&sample.control);
        if let Some(accepted) = progress.controls.get(&hash) {
            return ControlFlow::Continue(*accepted);
        }
        let evidence = &mut progress.evidence;
        let result = self.send_control(evidence, sample, sample_ref).await;
        if result.is_err()
            && let Some(stop) = self.limits.stop()
        {
            // The control may not have been sent.
            evidence.stopped.get_or_insert(stop);
        }
        if evidence.stopped.is_some() {
            return ControlFlow::Break(());
        }
        if let Err(by) = &result {
            // Another case may have sent it.
            evidence.unproven.get_or_insert_with(|| REJECTED.to_owned());
            evidence.record_unsent(sample, by.as_ref());
        }
        progress.remember_control(hash, result.is_ok());
        ControlFlow::Continue(result.is_ok())
    }

    /// Sends the control of a sample, unless another case has sent it and controls are shared. The error is
    /// what is wrong with the response.
    async fn send_control(
        &self,
        evidence: &mut CaseEvidence,
        sample: &Sample,
        sample_ref: SampleRef,
    ) -> Result<(), Option<Blockers>> {
        let send = async {
            let executed = self.execute(evidence, None, sample, Variation::Control).await;
            let accepted = evidence.record_control(&executed, sample, sample_ref, self.registry);
            if accepted { Ok(()) } else { Err(blockers(&executed)) }
        };
        match self.controls {
            Some(shared) => shared.get_or_execute(&sample.control, send).await,
            None => send.await,
        }
    }

    /// Restores the controls of samples that an earlier process sent. The target accepted all of them, or the
    /// evidence would not be final.
    fn restore_controls(
        &self,
        restored: RunMark,
        progress: &mut CaseProgress,
        case: &Case,
        samples: &Samples,
    ) {
        for (number, round) in Round::ALL.into_iter().enumerate().take(restored.rounds + 1) {
            let indices = round.range(samples.boundaries(), case.random_samples(self.samples));
            let indices = indices.take(if number < restored.rounds { usize::MAX } else { restored.within });
            for sample in indices.filter_map(|index| samples.tree(index)).map(|tree| tree.current()) {
                if case.is_uniform() {
                    self.is_of_partition(&mut progress.class, &sample);
                }
                if progress.controls.len() < MAX_CONTROLS && !sample.control.is_empty() {
                    progress.controls.insert(hash(&sample.control), true);
                }
            }
        }
    }

    /// Whether the request of a sample is of the same class as the first one of its case. The name of a
    /// fixture may make it another class.
    fn is_of_partition(&self, first: &mut Option<Class>, sample: &Sample) -> bool {
        let contract = &self.executor.world.contract;
        let Some(last) = sample.steps.last() else { return false };
        // A placeholder keeps the constraints of the value that it represents.
        let Ok(request) = last.call.request(contract, |output| Some(output.placeholder())) else {
            return false;
        };
        let class = classify(contract, &request).class;
        first.get_or_insert_with(|| class.clone()) == &class
    }

    /// The differences from the case's requirement in a field that is wrong too with only one of several
    /// mutations. They are recorded for that mutation.
    async fn explained(
        &self,
        evidence: &mut CaseEvidence,
        executed: &Executed,
        sample: &Sample,
        sample_ref: SampleRef,
        case: &Case,
    ) -> Explained {
        let mut explained = Explained::new();
        let own = || executed.differences().filter(|difference| difference.requirement == case.requirement);
        if own().next().is_none() {
            return explained;
        }
        for part in (0..).zip(&sample.isolated).map(|(index, _)| Variation::Isolated(index)) {
            let alone = self.execute(evidence, None, sample, part).await;
            let mut is_shown = false;
            for difference in own() {
                let same = alone.differences().filter(|other| other.field == difference.field);
                let by: Blockers = same.cloned().collect();
                if !by.is_empty() {
                    is_shown = true;
                    explained.entry(difference.clone()).or_default().extend(by);
                }
            }
            if is_shown {
                evidence.record_sequence(&alone, sample_ref, part, &Explained::new(), self.registry);
            }
        }
        explained
    }

    async fn execute(
        &self,
        evidence: &mut CaseEvidence,
        snapshot: Option<&Document>,
        sample: &Sample,
        part: Variation,
    ) -> Executed {
        let executed = self.executor.execute_variation(snapshot, sample, part).await;
        self.smallest.record(&executed);
        evidence.enforced_interval =
            evidence.enforced_interval.max(executed.enforced_interval(&self.executor.world.contract));
        if executed.withheld {
            // What was not sent shows nothing, and the case is not done.
            evidence.stopped = evidence.stopped.or(self.limits.stop()).or(Some(StopReason::Interrupted));
        }
        executed
    }
}

fn hash(steps: &[Step]) -> u64 {
    let mut hasher = DefaultHasher::new();
    steps.hash(&mut hasher);
    hasher.finish()
}
