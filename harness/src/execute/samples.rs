//! The samples of a case and the sequences of each sample.

use std::sync::Arc;

use cases::catalogue::{Case, CaseSeed};
use cases::generate::Step;
use cases::generate::{Sample, World};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One of the sequences of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variation {
    /// The sample with all its mutations.
    Mutated,
    /// The sample with only one of its mutations, by index.
    Isolated(u16),
    /// The same request without a mutation.
    Control,
}

impl Variation {
    /// The steps of this sequence of a sample.
    pub fn steps_of(self, sample: &Sample) -> &[Step] {
        match self {
            Variation::Mutated => &sample.steps,
            Variation::Isolated(index) => {
                sample.isolated.get(usize::from(index)).map(Vec::as_slice).unwrap_or_default()
            }
            Variation::Control => &sample.control,
        }
    }
}

/// The samples of a case. Each is drawn from a seed of its own.
pub struct Samples {
    strategies: Vec<BoxedStrategy<Sample>>,
    seed: CaseSeed,
}

impl Samples {
    /// The samples of `case` in a run with the seed `run`.
    pub fn new(case: &Case, world: &Arc<World>, run: u64) -> Self {
        Self { strategies: case.strategies(world), seed: case.seed(run) }
    }

    /// How many samples are boundaries. They come first.
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
