//! After a request that is refused, a valid one is sent over the same connection.

use std::sync::Arc;

use proptest::prelude::*;

use crate::fixture::Naming;
use crate::generate::mutation::Mutation;
use crate::generate::sample::{Sample, Step};
use crate::generate::sampler::Sampler;
use crate::id::RequirementId;

/// A valid call after a mutated one.
#[derive(Debug)]
pub(crate) struct Recovery {
    /// The mutation of the first request.
    pub(crate) first: Arc<dyn Mutation>,
    /// The requirement that the first request tests.
    pub(crate) requirement: RequirementId,
}

impl Mutation for Recovery {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let refused = Sampler { requirement: self.requirement.clone(), ..sampler.clone() };
        let strategies = self.first.strategies(&refused).into_iter();
        strategies
            .map(|strategy| {
                let sampler = sampler.clone();
                strategy.prop_map(move |first| sample(&sampler, first)).boxed()
            })
            .collect()
    }
}

/// A valid call after the steps of another sample, and after those of its control.
fn sample(sampler: &Sampler, first: Sample) -> Sample {
    let valid = sampler.valid_steps(&sampler.calls.base(0, Naming::Id), 1);
    let mut tested = valid.clone();
    for step in &mut tested {
        step.requirement = sampler.requirement.clone();
    }
    let steps = chained(first.steps, tested);
    Sample { one_connection: true, ..Sample::new(steps, chained(first.control, valid)) }
}

fn chained(mut steps: Vec<Step>, next: Vec<Step>) -> Vec<Step> {
    let before = steps.len();
    steps.extend(next.into_iter().map(|mut step| {
        step.call.shift(before);
        step
    }));
    steps
}
