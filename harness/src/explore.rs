//! Runs one case: draws its samples, plays each beside its valid twin, and notes what differs.
//!
//! Nothing shrinks here. A difference is noted with the smallest sample that showed it; which of
//! them becomes a finding is decided when all cases are done, so that the order in which cases
//! happen to run changes no report.

use std::collections::BTreeMap;
use std::sync::Arc;

use cases::call::Step;
use cases::catalogue::{Case, CaseSeed};
use cases::classify::{Class, classify};
use cases::id::RequirementId;
use cases::sample::{Sample, World};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest, Sha256};
use snapshots::Document;

use crate::judge::{Difference, Judgement};
use crate::limits::{Limits, Stop};
use crate::play::{Played, play};
use crate::transport::Transport;

/// What came of one case.
#[derive(Debug, Default)]
pub struct Explored {
    /// Requests sent.
    pub requests: u64,
    /// Answers judged.
    pub judged: u64,
    /// Samples whose last step was judged, with an accepted twin where they need one.
    pub proofs: u64,
    /// How many answers tested a requirement.
    pub tested: BTreeMap<RequirementId, u64>,
    /// Every difference seen, with its smallest witness.
    pub witnesses: BTreeMap<Difference, Witness>,
    /// Why samples proved nothing, the first reason.
    pub unproven: Option<String>,
    /// Why the case ended early.
    pub stopped: Option<Stop>,
}

/// Where a difference was seen.
#[derive(Debug, Clone, Copy)]
pub struct Witness {
    /// The sample.
    pub sample: usize,
    /// Which of its sequences.
    pub part: Part,
    /// How large the sequence is.
    pub size: Size,
    /// How many samples showed the difference.
    pub count: u64,
}

/// One of the two sequences of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The sample itself.
    Steps,
    /// Its valid twin.
    Twin,
}

/// The size of a sequence: its length first, then its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    steps: usize,
    bytes: usize,
}

impl Part {
    /// The steps of this part of a sample.
    pub fn of(self, sample: &Sample) -> &[Step] {
        match self {
            Part::Steps => &sample.steps,
            Part::Twin => &sample.twin,
        }
    }
}

/// The samples of a case by their index, each drawn from a seed of its own.
pub struct Samples {
    strategies: Vec<BoxedStrategy<Sample>>,
    seed: CaseSeed,
}

impl Samples {
    /// The samples of `case` in the run with the seed `run`.
    pub fn new(case: &Case, world: &Arc<World>, run: u64) -> Self {
        Self { strategies: case.strategies(world), seed: case.seed(run) }
    }

    /// How many samples are boundaries, which come first.
    pub fn boundaries(&self) -> usize {
        self.strategies.len().saturating_sub(1)
    }

    /// The sample at `index` as a tree that can shrink.
    pub fn tree(&self, index: usize) -> Option<Box<dyn ValueTree<Value = Sample>>> {
        let strategy = self.strategies.get(index).or(self.strategies.last())?;
        let seed = Sha256::new().chain_update(self.seed.0).chain_update(index.to_be_bytes()).finalize();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let config = Config { failure_persistence: None, ..Config::default() };
        strategy.new_tree(&mut TestRunner::new_with_rng(config, rng)).ok()
    }
}

/// What exploring a case needs.
pub struct Explorer<'a, T> {
    /// Where requests go.
    pub transport: &'a T,
    /// Contract and fixtures.
    pub world: &'a Arc<World>,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// Runs the futures of this thread.
    pub runtime: &'a tokio::runtime::Handle,
    /// The seed of the run.
    pub seed: u64,
    /// Random samples for each case, after its boundaries.
    pub samples: usize,
}

impl<T: Transport> Explorer<'_, T> {
    /// Runs a case. Blocks its thread: value trees cannot move between threads.
    pub fn explore(&self, case: &Case, snapshot: Option<&Document>) -> Explored {
        let mut explored = Explored::default();
        let samples = Samples::new(case, self.world, self.seed);
        let mut twins: Vec<(Vec<Step>, bool)> = Vec::new();
        let mut class = None;
        for index in 0..samples.boundaries() + self.samples {
            if let Some(stop) = self.limits.stop() {
                explored.stopped = Some(stop);
                break;
            }
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            if !sample.twin.is_empty() {
                let known =
                    twins.iter().find(|(steps, _)| *steps == sample.twin).map(|(_, accepted)| *accepted);
                let accepted = known.unwrap_or_else(|| {
                    let accepted = self.twin(&mut explored, index, &sample);
                    twins.push((sample.twin.clone(), accepted));
                    accepted
                });
                if !accepted {
                    // Three refused twins are enough to see that this target cannot be tested so.
                    if twins.iter().filter(|(_, accepted)| !accepted).count() >= 3 {
                        break;
                    }
                    continue;
                }
            }
            if !self.of_partition(&mut class, &sample) {
                continue;
            }
            let played = self.play(&mut explored, snapshot, index, Part::Steps, &sample);
            if let Some(reason) = played.excuse().map(ToString::to_string).or_else(|| played.other_reason()) {
                explored.unproven.get_or_insert(reason);
            } else if played.missing.is_none() && played.steps.len() == sample.steps.len() {
                explored.proofs += 1;
            }
            if played.steps.last().is_some_and(|last| last.exchange.observed.is_err()) {
                // One fault says what a hundred would, and each may cost the whole timeout.
                break;
            }
        }
        explored
    }

    /// Whether the request that a sample is about is of the same class as the case's first. What a
    /// fixture is called may make it another one.
    fn of_partition(&self, first: &mut Option<Class>, sample: &Sample) -> bool {
        let Some(last) = sample.steps.last() else { return false };
        // A placeholder keeps the constraints of what it stands for.
        let Ok(request) = last.call.request(&self.world.contract, |output| Some(output.placeholder())) else {
            return false;
        };
        let class = classify(&self.world.contract, &request).class;
        first.get_or_insert_with(|| class.clone()) == &class
    }

    /// Plays the valid twin of a sample, and says whether the target accepts it.
    fn twin(&self, explored: &mut Explored, index: usize, sample: &Sample) -> bool {
        let played = self.play(explored, None, index, Part::Twin, sample);
        let accepted = played.succeeded(&sample.twin);
        if !accepted {
            let reason = match played.excuse() {
                Some(excuse) => excuse.to_string(),
                None => format!(
                    "the same request without the deviation is not accepted: {}",
                    played.last_status()
                ),
            };
            explored.unproven.get_or_insert(reason);
        }
        accepted
    }

    fn play(
        &self,
        explored: &mut Explored,
        snapshot: Option<&Document>,
        index: usize,
        part: Part,
        sample: &Sample,
    ) -> Played {
        let steps = part.of(sample);
        let played = self.runtime.block_on(play(self.transport, self.world, snapshot, steps));
        explored.requests += played.requests();
        self.limits.count(played.requests());
        for step in &played.steps {
            if let Judgement::Judged { differences, tested } = &step.judgement {
                explored.judged += 1;
                for requirement in tested {
                    *explored.tested.entry(requirement.clone()).or_default() += 1;
                }
                for difference in differences {
                    let Some(shown) = played.up_to(difference) else { continue };
                    let size = Size {
                        steps: shown.len(),
                        bytes: shown.iter().map(|step| step.shown.target.len() + step.shown.body.len()).sum(),
                    };
                    let seen = explored.witnesses.entry(difference.clone()).or_insert(Witness {
                        sample: index,
                        part,
                        size,
                        count: 0,
                    });
                    seen.count += 1;
                    if size < seen.size {
                        *seen = Witness { sample: index, part, size, count: seen.count };
                    }
                }
            }
        }
        played
    }
}
