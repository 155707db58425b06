//! A member has a value of a class.

use proptest::strategy::BoxedStrategy;

use crate::fixture::Naming;
use crate::generate::call_factory::Base;
use crate::generate::mutation::{MAX_RANDOM_RESOURCES, MAX_WITHOUT_RANDOM_VALUES, Mutation};
use crate::generate::sample::Sample;
use crate::generate::sampler::{Sampler, without_unused_setup};
use crate::generate::values::value_class::{ArgChange, ValueClass};
use crate::protocol::{Arg, Call, Output};

/// A member has a value of a class.
#[derive(Debug)]
pub(crate) struct MemberValue {
    /// The member's name. One that the model does not have is added.
    pub(crate) name: String,
    /// Its values.
    pub(crate) values: ValueClass,
}

impl Mutation for MemberValue {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let name = self.name.clone();
        let (boundaries, any) = (self.values.boundaries(), self.values.strategy());
        sampler.drawn_strategies(boundaries, any, move |sampler, base, change| {
            sample(sampler, base, &name, change)
        })
    }

    fn random_samples(&self, requested: usize) -> usize {
        match self.values {
            _ if self.values.is_random() => requested,
            ValueClass::Altered(_) | ValueClass::Joined(_) => requested.min(MAX_RANDOM_RESOURCES),
            _ => requested.min(MAX_WITHOUT_RANDOM_VALUES),
        }
    }
}

fn sample(sampler: &Sampler, base: &Base, member: &str, change: ArgChange) -> Sample {
    let mutated = sampler.mutated(base, |step| match change {
        ArgChange::Set(arg) => step.call.set(member, arg),
        ArgChange::Wrap(before, after) => {
            if let Some(text) = wrapped(sampler, base, member, (before, after)) {
                step.call.set(member, Some(Arg::Text(text)));
            }
        }
        ArgChange::Alter(alteration) => {
            set_issued(&mut step.call, member, |output| Arg::Output(output.altered(alteration)));
        }
        ArgChange::Join(joining) => {
            set_issued(&mut step.call, member, |output| Arg::Joined(joining.pieces(output)));
        }
        ArgChange::Rename(other) => {
            let args = step.call.args.iter_mut();
            args.filter(|(name, _)| name == member).for_each(|(name, _)| name.clone_from(&other));
        }
        ArgChange::Add(name, arg) => step.call.set(&name, Some(arg)),
    });
    without_unused_setup(mutated)
}

/// Replaces an argument that is taken from an earlier response.
fn set_issued(call: &mut Call, member: &str, replace: impl FnOnce(&Output) -> Arg) {
    if let Some(Arg::Output(output)) = call.arg(member) {
        let arg = replace(output);
        call.set(member, Some(arg));
    }
}

/// The text of a member between two others: the name or id that the base has, or the id if the name is too long
/// for that.
fn wrapped(sampler: &Sampler, base: &Base, member: &str, (before, after): (&str, &str)) -> Option<String> {
    let calls = &sampler.calls;
    let wrap = |base: &Base| match calls.call(&calls.operation, base).arg(member) {
        Some(Arg::Text(text)) => Some(format!("{before}{text}{after}")),
        _ => None,
    };
    let member = calls.operation.input.iter().find(|input| input.name == member);
    let max = member.and_then(|member| member.constraints.length?.max);
    wrap(base)
        .filter(|text| max.is_none_or(|max| text.chars().count() <= max))
        .or_else(|| wrap(&calls.base(base.fixture, Naming::Id)))
}
