//! The body as a whole is another one.

use proptest::prelude::*;

use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;

/// A body that one of these edits makes of a valid one.
#[derive(Debug)]
pub(crate) struct BodyEdits(pub(crate) &'static [BodyEdit]);

/// Makes a body from a valid one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyEdit {
    /// What the body is, as a phrase.
    pub(crate) name: &'static str,
    /// The body, given the valid one.
    pub(crate) apply: fn(&str) -> Vec<u8>,
}

impl Mutation for BodyEdits {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        sampler.strategies(self.0.to_vec(), prop::sample::select(self.0), sample)
    }
}

fn sample(sampler: &Sampler, base: &Base, edit: BodyEdit) -> Sample {
    sampler.mutated(base, |step| {
        let contract = &sampler.calls.world.contract;
        if let Ok(request) = step.call.request(contract, |output| Some(output.placeholder())) {
            step.call.body = Some((edit.apply)(&String::from_utf8_lossy(&request.body)));
        }
    })
}
