//! No mutation: one valid call.

use proptest::prelude::*;

use crate::fixture::{Fixture, Naming};
use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;

/// A valid call that names resources in this way; in either way if `None`.
#[derive(Debug)]
pub(crate) struct ValidCall {
    /// How the call names resources.
    pub(crate) naming: Option<Naming>,
}

impl Mutation for ValidCall {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let fixtures = 0..sampler.calls.world.fixtures.len();
        let naming = self.naming.unwrap_or(Naming::Id);
        let boundaries = fixtures.clone().map(|fixture| sampler.calls.base(fixture, naming)).collect();
        let any = if self.naming.is_some() {
            let calls = sampler.calls.clone();
            fixtures.prop_map(move |fixture| calls.base(fixture, naming)).boxed()
        } else {
            sampler.calls.bases().boxed()
        };
        sampler.strategies(boundaries, any, |sampler, _, base| sample(sampler, &base))
    }

    fn missing_prerequisite(&self, fixtures: &[Fixture]) -> Option<String> {
        let naming = self.naming?;
        let is_complete = |fixture: &Fixture| {
            fixture.resources.values().all(|resource| match naming {
                Naming::Id => resource.id.is_some(),
                Naming::Name => resource.name.is_some(),
            })
        };
        let kind = match naming {
            Naming::Id => "id",
            Naming::Name => "name",
        };
        (!fixtures.iter().any(is_complete))
            .then(|| format!("needs a fixture that gives the {kind} of each part"))
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested
    }

    fn is_valid_call(&self) -> bool {
        true
    }
}

fn sample(sampler: &Sampler, base: &Base) -> Sample {
    Sample::valid(sampler.testing_last(sampler.valid_steps(base, 1)))
}
