//! Runs one case: draws its samples, sends each with its control, and records the differences.
//!
//! Nothing is shrunk here. A difference is recorded with the smallest sample that showed it. Which of them
//! becomes a finding is decided when all cases are done, so that the order in which cases happen to run
//! changes no report.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use cases::catalogue::Case;
use cases::generate::Sample;
use cases::generate::Step;
use cases::id::RequirementId;
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
use crate::results::case_result::{CaseEvidence, REJECTED, Round, RunMark, SampleRef};
use crate::results::evidence::SmallestSequences;

/// The maximum number of controls of a case that are remembered.
const MAX_CONTROLS: usize = 1000;

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
    cut_at: Option<RunMark>,
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
    /// A case of which an earlier process has done this much, with final evidence.
    pub fn restored(evidence: CaseEvidence, restored: RunMark) -> Self {
        Self { evidence, rounds: restored.rounds, restored, ..Self::default() }
    }

    /// How far the case has come, if anything of it is done.
    pub fn mark(&self) -> Option<RunMark> {
        let mark = self.cut_at.unwrap_or(RunMark { rounds: self.rounds, within: 0 });
        Some(mark).filter(|mark| *mark != RunMark::default())
    }

    /// Whether no round is left.
    pub fn is_done(&self) -> bool {
        self.ended || self.rounds == Round::ALL.len()
    }
}

/// Runs cases.
pub struct CaseRunner<'a, T> {
    /// Executes the sequences.
    pub player: Executor<'a, T>,
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
    number: usize,
    case: &'a Case,
    samples: &'a Samples,
    snapshot: Option<&'a Document>,
}

impl<T: Transport> CaseRunner<'_, T> {
    /// Runs a round of a case on one thread: value trees cannot move to another.
    pub async fn run_round(
        &self,
        progress: &mut CaseProgress,
        number: usize,
        case: &Case,
        snapshot: Option<&Document>,
        round: Round,
    ) {
        let samples = Samples::new(case, self.player.world, self.seed);
        let restored = std::mem::take(&mut progress.restored);
        self.restore_controls(restored, progress, case, &samples);
        progress.rounds += 1;
        let range = round.range(samples.boundaries(), case.random_samples(self.samples));
        let here = RunMark { rounds: round as usize, within: restored.within };
        let subject = Subject { number, case, samples: &samples, snapshot };
        self.run_range(progress, &subject, range, here).await;
    }

    /// Runs some samples of a case on one thread: the samples of a case do not depend on each other.
    pub async fn run_samples(
        &self,
        number: usize,
        case: &Case,
        snapshot: Option<&Document>,
        part: Range<usize>,
    ) -> CaseProgress {
        let samples = Samples::new(case, self.player.world, self.seed);
        let mut progress = CaseProgress { rounds: Round::ALL.len(), ..CaseProgress::default() };
        if case.is_uniform()
            && let Some(first) = samples.tree(0)
        {
            self.is_of_partition(&mut progress.class, &first.current());
        }
        let subject = Subject { number, case, samples: &samples, snapshot };
        self.run_range(&mut progress, &subject, part, RunMark::default()).await;
        progress
    }

    /// Runs the samples of a range, after those that are done.
    async fn run_range(
        &self,
        progress: &mut CaseProgress,
        subject: &Subject<'_>,
        range: Range<usize>,
        mut here: RunMark,
    ) {
        let CaseProgress { evidence, controls, rejected, class, ended, cut_at, .. } = progress;
        let Subject { number, case, samples, snapshot } = *subject;
        let begins = range.start;
        for index in range.skip(here.within) {
            here.within = index - begins;
            if let Some(stop) = self.limits.stop() {
                evidence.stopped = Some(stop);
                break;
            }
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let place = SampleRef { case: number, sample: index };
            if !sample.control.is_empty() {
                let twin = hash(&sample.control);
                let accepted = if let Some(accepted) = controls.get(&twin) {
                    *accepted
                } else {
                    let play = async {
                        let played = self.play(evidence, None, &sample, Variation::Control).await;
                        let accepted = evidence.record_control(&played, &sample, place, self.registry);
                        if accepted { Ok(()) } else { Err(blockers(&played)) }
                    };
                    let control = match self.controls {
                        Some(shared) => shared.get_or_execute(&sample.control, play).await,
                        None => play.await,
                    };
                    let accepted = control.is_ok();
                    if !accepted && let Some(stop) = self.limits.stop() {
                        // The control may not have been sent.
                        evidence.stopped.get_or_insert(stop);
                    }
                    if evidence.stopped.is_some() {
                        break;
                    }
                    if let Err(by) = control {
                        // Another case may have sent it.
                        evidence.unproven.get_or_insert_with(|| REJECTED.to_owned());
                        evidence.record_unsent(&sample, by.as_ref());
                    }
                    if controls.len() < MAX_CONTROLS {
                        controls.insert(twin, accepted);
                    }
                    *rejected += u32::from(!accepted);
                    accepted
                };
                if !accepted {
                    // Three rejected controls are enough to see that this case cannot be tested.
                    if *rejected >= 3 {
                        *ended = true;
                        break;
                    }
                    continue;
                }
            }
            if case.is_uniform() && !self.is_of_partition(class, &sample) {
                continue;
            }
            let played = self.play(evidence, snapshot, &sample, Variation::Mutated).await;
            let explained = self.explained(evidence, &played, &sample, place, &case.requirement).await;
            evidence.record_sample(&played, &sample, place, &explained, self.registry);
            if evidence.stopped.is_some() {
                break;
            }
            let fault = played.steps.last().and_then(|last| last.exchange.observed.as_ref().err());
            if fault.is_some_and(|fault| *fault != TransportFailure::NotConnected) {
                // One transport failure says what a hundred would, and each may cost the whole timeout.
                *ended = true;
                break;
            }
        }
        if evidence.stopped.is_some() {
            // A sample that was not completed is sent again.
            cut_at.get_or_insert(here);
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
            let played = round.range(samples.boundaries(), case.random_samples(self.samples));
            let played = played.take(if number < restored.rounds { usize::MAX } else { restored.within });
            for sample in played.filter_map(|index| samples.tree(index)).map(|tree| tree.current()) {
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
        let contract = &self.player.world.contract;
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
        played: &Executed,
        sample: &Sample,
        place: SampleRef,
        requirement: &RequirementId,
    ) -> Explained {
        let mut explained = Explained::new();
        let own = || played.differences().filter(|difference| difference.requirement == *requirement);
        if own().next().is_none() {
            return explained;
        }
        for part in (0..).zip(&sample.isolated).map(|(index, _)| Variation::Isolated(index)) {
            let alone = self.play(evidence, None, sample, part).await;
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
                evidence.record_sequence(&alone, place, part, &Explained::new(), self.registry);
            }
        }
        explained
    }

    async fn play(
        &self,
        evidence: &mut CaseEvidence,
        snapshot: Option<&Document>,
        sample: &Sample,
        part: Variation,
    ) -> Executed {
        let played = self.player.execute_variation(snapshot, sample, part).await;
        self.smallest.record(&played);
        evidence.enforced_interval =
            evidence.enforced_interval.max(played.enforced_interval(&self.player.world.contract));
        if played.withheld {
            // What was not sent shows nothing, and the case is not done.
            evidence.stopped = evidence.stopped.or(self.limits.stop()).or(Some(StopReason::Interrupted));
        }
        played
    }
}

fn hash(steps: &[Step]) -> u64 {
    let mut hasher = DefaultHasher::new();
    steps.hash(&mut hasher);
    hasher.finish()
}
