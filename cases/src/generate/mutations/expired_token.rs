//! A single-use value is used after its lifetime.

use std::time::Duration;

use proptest::strategy::BoxedStrategy;

use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;

/// The first call of a session comes too late.
#[derive(Debug)]
pub(crate) struct ExpiredToken {
    /// The time since the value was issued.
    pub(crate) after: Duration,
}

impl Mutation for ExpiredToken {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let after = self.after;
        sampler.base_strategies(move |sampler, base| sampler.mutated(base, |step| step.after = after))
    }

    fn waiting_time(&self) -> Duration {
        self.after
    }
}
