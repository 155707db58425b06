//! A member names a resource within another one than the rest of the request names.

use proptest::strategy::BoxedStrategy;

use crate::fixture::{Fixture, Naming};
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::{Sampler, pairs};

/// The valid call for one fixture, with one member as in the call for another fixture.
#[derive(Debug)]
pub(crate) struct ForeignResource {
    /// The name of the member.
    pub(crate) member: String,
}

impl Mutation for ForeignResource {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let member = self.member.clone();
        let pairs = foreign_pairs(&sampler.calls.world.fixtures);
        sampler.pair_strategies(pairs, move |sampler, own, foreign| sample(sampler, &member, own, foreign))
    }

    fn missing_prerequisite(&self, fixtures: &[Fixture]) -> Option<String> {
        foreign_pairs(fixtures)
            .is_empty()
            .then(|| "needs two fixtures, known by their ids, that lie within different resources".to_owned())
    }
}

fn sample(sampler: &Sampler, member: &str, own: usize, foreign: usize) -> Sample {
    let calls = &sampler.calls;
    let donor = calls.call(&calls.operation, &calls.base(foreign, Naming::Id));
    sampler.mutated(&calls.base(own, Naming::Id), |step| step.call.set(member, donor.arg(member).cloned()))
}

/// Pairs of fixtures, both known by their ids, that have no resource in common.
fn foreign_pairs(fixtures: &[Fixture]) -> Vec<(usize, usize)> {
    pairs(fixtures, |one, other| {
        one.resources.iter().all(|(kind, resource)| {
            other
                .resources
                .get(kind)
                .is_some_and(|other| resource.id.is_some() && other.id.is_some() && resource.id != other.id)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Resource;

    #[test]
    fn foreign_fixtures_share_no_resource_and_have_ids() {
        let fixture = |ids: [Option<&str>; 2]| {
            let resource = |id: Option<&str>| Resource { id: id.map(str::to_owned), name: None };
            let kinds = ["application", "profile"].map(str::to_owned);
            Fixture { resources: kinds.into_iter().zip(ids.map(resource)).collect(), ..Fixture::default() }
        };
        let one = fixture([Some("a"), Some("p")]);
        let sibling = fixture([Some("a"), Some("q")]);
        let other = fixture([Some("b"), Some("r")]);
        let unknown = fixture([Some("c"), None]);
        assert_eq!(foreign_pairs(&[one.clone(), sibling.clone()]), []);
        assert_eq!(foreign_pairs(&[one.clone(), unknown]), []);
        assert_eq!(foreign_pairs(&[one, sibling, other]), [(0, 2), (1, 2), (2, 0), (2, 1)]);
    }
}
