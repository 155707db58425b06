//! A value somewhere within a member is mutated.

use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::{Sample, Step};
use crate::generate::sampler::{Sampler, without_unused_setup};
use crate::protocol::{Arg, Call};

/// A member has one of these values instead of a valid one.
#[derive(Debug)]
pub(crate) struct SiteValue {
    /// The member's name.
    pub(crate) member: String,
    /// A valid value that has what the others change.
    pub(crate) control: Option<Arg>,
    /// The values.
    pub(crate) values: Vec<Option<Arg>>,
}

impl Mutation for SiteValue {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let (member, control) = (self.member.clone(), self.control.clone());
        let any = prop::sample::select(self.values.clone());
        sampler.strategies(self.values.clone(), any, move |sampler, base, value| {
            sample(sampler, base, &member, (&control, value))
        })
    }

    fn random_samples(&self, _requested: usize) -> usize {
        0
    }
}

fn sample(
    sampler: &Sampler,
    base: &Base,
    member: &str,
    (control, value): (&Option<Arg>, Option<Arg>),
) -> Sample {
    let with = |step: &Step, arg: Option<Arg>| -> Call {
        let mut call = step.call.clone();
        call.set(member, arg);
        call
    };
    let mut sample = sampler.mutated(base, |step| step.call = with(step, value));
    if let Some(last) = sample.control.last_mut() {
        last.call = with(last, control.clone());
    }
    without_unused_setup(sample)
}
