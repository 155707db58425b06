//! A member is in the request twice.

use proptest::prelude::*;

use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::{Sampler, without_unused_setup};
use crate::protocol::Arg;
use crate::requirement;

/// One of these members is duplicated.
#[derive(Debug)]
pub(crate) struct DuplicateMember(pub(crate) Vec<Duplicate>);

/// A member that is in a request twice: first in its usual position, then after all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duplicate {
    /// The member's name.
    pub(crate) member: String,
    /// The argument in the usual position; the valid one if `None`.
    pub(crate) first: Option<Arg>,
    /// The argument after all others; the valid one if `None`.
    pub(crate) second: Option<Arg>,
}

impl Mutation for DuplicateMember {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        sampler.strategies(self.0.clone(), prop::sample::select(self.0.clone()), sample)
    }
}

fn sample(sampler: &Sampler, base: &Base, duplicate: Duplicate) -> Sample {
    let operation = &sampler.calls.operation;
    let Duplicate { member: name, first, second } = duplicate;
    let mut isolated = Vec::new();
    let sample = sampler.mutated(base, |step| {
        let valid = step.call.arg(&name).cloned();
        // What either value shows by itself is not due to there being two.
        if let Some(member) = operation.input.iter().find(|member| member.name == name) {
            for value in [&first, &second].into_iter().flatten() {
                let mut alone = step.clone();
                alone.call.set(&name, Some(value.clone()));
                alone.requirement = requirement::of_member(operation, member, "type");
                isolated.push(vec![alone]);
            }
        }
        let second = second.or_else(|| valid.clone());
        step.call.set(&name, first.or(valid));
        step.call.args.extend(second.map(|arg| (name.clone(), arg)));
    });
    Sample { isolated, ..without_unused_setup(sample) }
}
