//! Several members of one request are mutated together.

use std::sync::Arc;

use proptest::prelude::*;

use crate::fixture::{Fixture, Naming};
use crate::generate::call_factory::{Base, CallFactory};
use crate::generate::mutation::Mutation;
use crate::generate::sample::{Sample, Step};
use crate::generate::sampler::Sampler;
use crate::id::RequirementId;
use crate::protocol::{Arg, Call};
use crate::requirement;

/// A request with one of these combinations, or with two of them joined.
#[derive(Debug)]
pub(crate) struct CombinedMembers(pub(crate) Arc<[Combination]>);

/// The settings of some members of one request. All others are as in the base call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Combination {
    /// Whether the request is for the resource with the longest names.
    pub(crate) longest_names: bool,
    /// Members with their settings.
    pub(crate) settings: Vec<(String, Setting)>,
}

/// What a member has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Setting {
    /// The identifier of the base's resource, by id or by name.
    Naming(Naming),
    /// This argument, or none, which is as valid as any.
    Valid(Option<Arg>),
    /// This argument, or none, which tests a requirement on the member.
    Mutated(Option<Arg>, RequirementId),
}

impl Mutation for CombinedMembers {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let combinations = self.0.to_vec();
        let one = prop::sample::select(combinations.clone());
        let other = prop::sample::select(combinations.clone());
        let any = (one, other).prop_map(|(one, other)| one.joined(&other));
        sampler.strategies(combinations, any, |sampler, base, combination| combination.sample(sampler, base))
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested
    }

    fn is_uniform(&self) -> bool {
        false
    }
}

impl Combination {
    fn sample(&self, sampler: &Sampler, base: &Base) -> Sample {
        let base = self.base(&sampler.calls, base);
        let accepts = requirement::accepts(&sampler.calls.operation);
        let (requirement, control) = if self.isolated().next().is_some() {
            (&sampler.requirement, sampler.valid_steps(&base, 1))
        } else {
            (&accepts, Vec::new())
        };
        let simplest = sampler.calls.base(0, Naming::Id);
        let isolated =
            self.isolated().map(|(alone, requirement)| alone.steps(sampler, &simplest, requirement));
        Sample {
            isolated: isolated.collect(),
            ..Sample::new(self.steps(sampler, &base, requirement), control)
        }
    }

    fn steps(&self, sampler: &Sampler, base: &Base, requirement: &RequirementId) -> Vec<Step> {
        let mut call = sampler.calls.call(&sampler.calls.operation, base);
        self.apply(&mut call);
        vec![Step::new(call, requirement.clone())]
    }

    /// Each mutation by itself, with the requirement that it tests.
    fn isolated(&self) -> impl Iterator<Item = (Combination, &RequirementId)> {
        self.settings.iter().filter_map(|(member, setting)| match setting {
            Setting::Mutated(_, requirement) => {
                let settings = vec![(member.clone(), setting.clone())];
                Some((Combination { longest_names: false, settings }, requirement))
            }
            Setting::Naming(_) | Setting::Valid(_) => None,
        })
    }

    /// This combination, and the settings of another one for further members.
    #[must_use]
    fn joined(&self, other: &Combination) -> Combination {
        let mut both = self.clone();
        for (member, setting) in &other.settings {
            if both.settings.iter().all(|(name, _)| name != member) {
                both.settings.push((member.clone(), setting.clone()));
            }
        }
        both.longest_names |= other.longest_names;
        both
    }

    /// The base of the call.
    fn base(&self, calls: &CallFactory, base: &Base) -> Base {
        let mut base = base.clone();
        if self.longest_names {
            base.fixture = longest_names(&calls.world.fixtures).unwrap_or(base.fixture);
        }
        let identifiers = calls.operation.input.iter().filter(|member| member.rules.identifies.is_some());
        for (naming, member) in base.naming.iter_mut().zip(identifiers) {
            let setting = self.settings.iter().find(|(name, _)| *name == member.name);
            if let Some((_, Setting::Naming(set))) = setting {
                *naming = *set;
            }
        }
        base
    }

    /// Sets the arguments of the members.
    fn apply(&self, call: &mut Call) {
        for (member, setting) in &self.settings {
            match setting {
                // The base already has it.
                Setting::Naming(_) => {}
                Setting::Valid(arg) | Setting::Mutated(arg, _) => call.set(member, arg.clone()),
            }
        }
    }
}

/// The index of the fixture with the longest names.
fn longest_names(fixtures: &[Fixture]) -> Option<usize> {
    (0..fixtures.len()).max_by_key(|index| {
        let names = fixtures[*index].resources.values().filter_map(|resource| resource.name.as_ref());
        let length: usize = names.map(|name| name.chars().count()).sum();
        (length, std::cmp::Reverse(*index))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Resource;

    #[test]
    fn first_fixture_with_longest_names_is_chosen() {
        let named = |names: [Option<&str>; 2]| {
            let resource = |name: Option<&str>| Resource {
                id: Some("long-id".to_owned()),
                name: name.map(str::to_owned),
            };
            let kinds = ["application", "profile"].map(str::to_owned);
            Fixture { resources: kinds.into_iter().zip(names.map(resource)).collect(), ..Fixture::default() }
        };
        let fixtures = [
            named([Some("a"), None]),
            named([Some("ab"), Some("é")]),
            named([Some("abc"), None]),
            named([None; 2]),
        ];
        assert_eq!(longest_names(&fixtures), Some(1));
        assert_eq!(longest_names(&[]), None);
    }
}
