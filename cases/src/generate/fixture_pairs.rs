//! Pairs of fixtures that stand to each other in a way that a case needs.

use crate::fixture::Fixture;

/// Pairs of fixtures beyond these would tell nothing new.
pub(crate) const MOST_PAIRS: usize = 8;

/// Pairs of fixtures that serve different content: first those that are known to, then those that may.
pub(crate) fn distinct_pairs(fixtures: &[Fixture]) -> Vec<(usize, usize)> {
    let differ = |one: &Fixture, other: &Fixture| {
        one.contents
            .iter()
            .any(|(key, content)| other.contents.get(key).is_some_and(|other| other != content))
    };
    let may_differ = |one: &Fixture, other: &Fixture| one.contents.is_empty() || other.contents.is_empty();
    let mut distinct = pairs(fixtures, differ);
    distinct.extend(pairs(fixtures, may_differ).into_iter().filter(|(one, other)| one != other));
    distinct.truncate(MOST_PAIRS);
    distinct
}

/// Pairs of fixtures that stand to each other so.
fn pairs(fixtures: &[Fixture], stand: impl Fn(&Fixture, &Fixture) -> bool) -> Vec<(usize, usize)> {
    let indices = 0..fixtures.len();
    indices
        .clone()
        .flat_map(|one| indices.clone().map(move |other| (one, other)))
        .filter(|(one, other)| stand(&fixtures[*one], &fixtures[*other]))
        .collect()
}

/// Pairs of fixtures, both known by their ids, that have no part in common.
pub(crate) fn foreign_pairs(fixtures: &[Fixture]) -> Vec<(usize, usize)> {
    let apart = |one: &Fixture, other: &Fixture| {
        one.parts.iter().all(|(sort, part)| {
            other
                .parts
                .get(sort)
                .is_some_and(|other| part.id.is_some() && other.id.is_some() && part.id != other.id)
        })
    };
    pairs(fixtures, apart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Part;

    #[test]
    fn fixtures_are_distinct_if_they_are_known_to_serve_something_else_or_may() {
        let fixture = |content: Option<&[u8]>| Fixture {
            contents: content
                .map(|content| ("configuration".to_owned(), content.to_vec()))
                .into_iter()
                .collect(),
            ..Fixture::default()
        };
        let (one, other, unknown) = (fixture(Some(b"one")), fixture(Some(b"other")), fixture(None));
        assert_eq!(distinct_pairs(&[one.clone(), one.clone()]), []);
        assert_eq!(
            distinct_pairs(&[one.clone(), one.clone(), other.clone()]),
            [(0, 2), (1, 2), (2, 0), (2, 1)]
        );
        // What is known comes first.
        let all = distinct_pairs(&[unknown.clone(), one, other]);
        assert_eq!(all, [(1, 2), (2, 1), (0, 1), (0, 2), (1, 0), (2, 0)]);
        assert_eq!(distinct_pairs(&[unknown.clone(), unknown.clone()]), [(0, 1), (1, 0)]);
        assert_eq!(distinct_pairs(&[unknown]), []);
    }

    #[test]
    fn fixtures_are_foreign_to_each_other_if_they_share_no_part_and_all_ids_are_known() {
        let fixture = |ids: [Option<&str>; 2]| {
            let part = |id: Option<&str>| Part { id: id.map(str::to_owned), name: None };
            let sorts = ["application", "profile"].map(str::to_owned);
            Fixture { parts: sorts.into_iter().zip(ids.map(part)).collect(), ..Fixture::default() }
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
