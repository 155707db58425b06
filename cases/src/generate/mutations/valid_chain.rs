//! No mutation: several valid calls in one session.

use std::ops::RangeInclusive;

use proptest::strategy::BoxedStrategy;

use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;

/// Valid calls in a row, each with the value that the response before has issued.
#[derive(Debug)]
pub(crate) struct ValidChain {
    /// The numbers of calls that are tested first.
    pub(crate) boundaries: &'static [usize],
    /// All numbers of calls.
    pub(crate) calls: RangeInclusive<usize>,
}

impl Mutation for ValidChain {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        sampler.strategies(self.boundaries.to_vec(), self.calls.clone(), |sampler, base, calls| {
            Sample::valid(sampler.valid_steps(base, calls))
        })
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested
    }

    fn is_valid_chain(&self) -> bool {
        true
    }
}
