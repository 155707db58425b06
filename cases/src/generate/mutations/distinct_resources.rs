//! Two sessions for resources that serve different content, or may.

use proptest::strategy::BoxedStrategy;

use crate::fixture::{Fixture, Naming};
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::{MAX_RESOURCES, Sampler, pairs};

/// Two sessions at the same time, each for a resource of its own.
#[derive(Debug)]
pub(crate) struct DistinctResources;

impl Mutation for DistinctResources {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        sampler.pair_strategies(distinct_pairs(&sampler.calls.world.fixtures), sample)
    }

    fn missing_prerequisite(&self, fixtures: &[Fixture]) -> Option<String> {
        distinct_pairs(fixtures)
            .is_empty()
            .then(|| "needs two fixtures that do not say that they serve the same".to_owned())
    }

    fn is_exclusive(&self) -> bool {
        true
    }
}

fn sample(sampler: &Sampler, one: usize, other: usize) -> Sample {
    let fixtures = &sampler.calls.world.fixtures;
    let is_content_known = [one, other].iter().all(|index| !fixtures[*index].contents.is_empty());
    let base = |fixture| sampler.calls.base(fixture, Naming::Id);
    sampler.several_sessions(&base(one), |sequence| {
        let sessions = [one, other].map(|fixture| sequence.start(&base(fixture)));
        for session in sessions {
            sequence.call(session);
        }
        // What a resource serves shows in a session with no other one at the same time.
        for fixture in [one, other].into_iter().filter(|_| !is_content_known) {
            let session = sequence.start(&base(fixture));
            sequence.call(session);
        }
    })
}

/// Pairs of fixtures that serve different content: first the pairs that are known to, then those that may.
fn distinct_pairs(fixtures: &[Fixture]) -> Vec<(usize, usize)> {
    let differ = |one: &Fixture, other: &Fixture| {
        one.contents
            .iter()
            .any(|(key, content)| other.contents.get(key).is_some_and(|other| other != content))
    };
    let may_differ = |one: &Fixture, other: &Fixture| one.contents.is_empty() || other.contents.is_empty();
    let mut distinct = pairs(fixtures, differ);
    distinct.extend(pairs(fixtures, may_differ).into_iter().filter(|(one, other)| one != other));
    distinct.truncate(MAX_RESOURCES);
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(content: Option<&[u8]>) -> Fixture {
        let contents = content.map(|content| ("configuration".to_owned(), content.to_vec()));
        Fixture { contents: contents.into_iter().collect(), ..Fixture::default() }
    }

    #[test]
    fn fixtures_with_equal_content_are_not_distinct() {
        let (one, other) = (fixture(Some(b"one")), fixture(Some(b"other")));
        assert_eq!(distinct_pairs(&[one.clone(), one.clone()]), []);
        assert_eq!(distinct_pairs(&[one.clone(), one, other]), [(0, 2), (1, 2), (2, 0), (2, 1)]);
    }

    #[test]
    fn fixtures_with_unknown_content_may_be_distinct() {
        let (one, other, unknown) = (fixture(Some(b"one")), fixture(Some(b"other")), fixture(None));
        // Pairs with known content come first.
        let all = distinct_pairs(&[unknown.clone(), one, other]);
        assert_eq!(all, [(1, 2), (2, 1), (0, 1), (0, 2), (1, 0), (2, 0)]);
        assert_eq!(distinct_pairs(&[unknown.clone(), unknown.clone()]), [(0, 1), (1, 0)]);
        assert_eq!(distinct_pairs(&[unknown]), []);
    }
}
