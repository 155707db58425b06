//! A single-use value is the first half of one that was issued and the second half of another.

use proptest::prelude::*;

use crate::generate::call_factory::Base;
use crate::generate::mutation::{MAX_RANDOM_RESOURCES, Mutation};
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;

/// Half of one value and half of another: issued in two sessions, or one after the other in the same session.
#[derive(Debug)]
pub(crate) struct SplicedToken;

impl Mutation for SplicedToken {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        sampler.strategies(vec![false, true], any::<bool>(), sample)
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested.min(MAX_RANDOM_RESOURCES)
    }
}

fn sample(sampler: &Sampler, base: &Base, in_one_session: bool) -> Sample {
    sampler.sequence(base, if in_one_session { 2 } else { 1 }, |sequence| {
        let session = sequence.start(base);
        let first = sequence.newest(session);
        if in_one_session {
            sequence.call(session);
            sequence.splice(sequence.newest(session), first);
        } else {
            let other = sequence.start(base);
            sequence.splice(first, sequence.newest(other));
        }
    })
}
