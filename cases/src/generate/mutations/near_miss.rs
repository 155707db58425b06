//! A member is nearly the identifier of a resource that exists.

use proptest::prelude::*;

use crate::fixture::{Fixture, Naming};
use crate::generate::mutation::{MAX_RANDOM_RESOURCES, Mutation};
use crate::generate::near_miss::{NearMiss, NearMissClass};
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::protocol::Arg;

impl Mutation for NearMissClass {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let misses = self.misses(&sampler.calls.world.fixtures);
        if misses.is_empty() {
            return Vec::new();
        }
        let boundaries = self.boundaries(&misses);
        let member = self.member.name.clone();
        sampler.strategies(boundaries, prop::sample::select(misses), move |sampler, _, miss| {
            sample(sampler, &member, miss)
        })
    }

    fn missing_prerequisite(&self, fixtures: &[Fixture]) -> Option<String> {
        self.missing_fixture(fixtures)
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested.min(MAX_RANDOM_RESOURCES)
    }
}

/// The valid call for the fixture of a near miss, by ids except for the member.
fn sample(sampler: &Sampler, member: &str, miss: NearMiss) -> Sample {
    let mut base = sampler.calls.base(miss.fixture, Naming::Id);
    let identifiers = sampler.calls.operation.input.iter().filter(|input| input.rules.identifies.is_some());
    let own = base.naming.iter_mut().zip(identifiers).filter(|(_, input)| input.name == member);
    own.for_each(|(naming, _)| *naming = miss.naming);
    sampler.mutated(&base, |step| step.call.set(member, Some(Arg::Text(miss.text))))
}
