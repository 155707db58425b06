//! Several sessions for one resource.

use proptest::strategy::BoxedStrategy;

use crate::fixture::{Fixture, Naming};
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::{MAX_RESOURCES, Sampler};

/// Two sessions for a resource at the same time, then one that names the resource in the other way.
#[derive(Debug)]
pub(crate) struct SameResource;

impl Mutation for SameResource {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let fixtures = 0..sampler.calls.world.fixtures.len();
        let boundaries = fixtures.clone().take(MAX_RESOURCES).collect();
        sampler.strategies(boundaries, fixtures, |sampler, _, fixture| sample(sampler, fixture))
    }

    fn random_samples(&self, _requested: usize) -> usize {
        0
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    /// If the content of a resource is unknown, an error that its first session causes for good shows only in the
    /// sessions right after it.
    fn runs_first(&self, fixtures: &[Fixture]) -> bool {
        fixtures.iter().any(|fixture| fixture.contents.is_empty())
    }
}

/// There is no control: a session before these might leave something behind for them.
fn sample(sampler: &Sampler, fixture: usize) -> Sample {
    let base = sampler.calls.base(fixture, Naming::Id);
    let sample = sampler.several_sessions(&base, |sequence| {
        let sessions = [(); 2].map(|()| sequence.start(&base));
        for session in sessions {
            sequence.call(session);
        }
        let last = sequence.start(&sampler.calls.base(fixture, Naming::Name));
        sequence.call(last);
    });
    Sample { control: Vec::new(), ..sample }
}
