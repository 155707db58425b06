//! Compares what failed with the patterns of a mutant, as [`Mutant`](harness::mock::mutant::Mutant) describes.
//! Pure.

use std::collections::BTreeSet;

use reports::model::{Report, Verdict};
use wildmatch::WildMatch;

/// A requirement of the catalogue, its cases, and which of them failed.
pub(super) struct Tested {
    requirement: Outcome,
    cases: Vec<Outcome>,
}

struct Outcome {
    id: String,
    failed: bool,
}

/// How a run compares with the patterns of a mutant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Everything that failed.
    pub(super) failed: BTreeSet<String>,
    /// Patterns of what must fail that match nothing.
    pub(super) unmatched: Vec<&'static str>,
    /// What must fail and did not.
    pub(super) missed: Vec<String>,
    /// What failed and matches no pattern.
    pub(super) unexpected: Vec<String>,
    /// Patterns of what may fail that alone match something that failed.
    pub(super) used: Vec<&'static str>,
}

impl Tested {
    pub(super) fn of(report: &Report) -> Vec<Self> {
        let outcome = |id: &dyn ToString, verdict| Outcome {
            id: id.to_string(),
            failed: matches!(verdict, Verdict::Failed | Verdict::Flaky),
        };
        report
            .requirements
            .iter()
            .map(|requirement| Self {
                requirement: outcome(&requirement.id, requirement.verdict),
                cases: requirement.cases.iter().map(|case| outcome(&case.id, case.verdict)).collect(),
            })
            .collect()
    }
}

impl Comparison {
    /// Whether everything failed that must, and nothing that may not.
    pub(super) fn is_as_expected(&self) -> bool {
        self.unmatched.is_empty() && self.missed.is_empty() && self.unexpected.is_empty()
    }
}

/// The ids of what failed.
pub(super) fn failed(tested: &[Tested]) -> impl Iterator<Item = &str> {
    outcomes(tested).filter(|outcome| outcome.failed).map(|outcome| outcome.id.as_str())
}

/// The ids of all cases, and of the requirements that have none of their own.
pub(super) fn most_specific(tested: &[Tested]) -> impl Iterator<Item = String> {
    tested.iter().flat_map(|tested| {
        let own = std::slice::from_ref(&tested.requirement);
        let outcomes = if tested.cases.is_empty() { own } else { &tested.cases };
        outcomes.iter().map(|outcome| outcome.id.clone())
    })
}

/// Compares what was tested with the patterns of a mutant.
pub(super) fn compare(
    must_fail: &[&'static str],
    may_fail: &[&'static str],
    tested: &[Tested],
) -> Comparison {
    let must: Vec<_> = must_fail.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let may: Vec<_> = may_fail.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let unmatched = must_fail
        .iter()
        .zip(&must)
        .filter(|(_, pattern)| !outcomes(tested).any(|outcome| pattern.matches(&outcome.id)))
        .map(|(text, _)| *text)
        .collect();
    let missed = outcomes(tested)
        .filter(|outcome| !outcome.failed && matches_any(&must, &outcome.id))
        .map(|outcome| outcome.id.clone())
        .collect();
    let mut unexpected = Vec::new();
    for Tested { requirement, cases } in tested {
        let is_covered =
            |outcome: &&Outcome| matches_any(&must, &outcome.id) || matches_any(&may, &outcome.id);
        let failed = || cases.iter().filter(|case| case.failed);
        if requirement.failed && !is_covered(&requirement) && !failed().any(|case| is_covered(&case)) {
            unexpected.push(requirement.id.clone());
        }
        unexpected.extend(failed().filter(|case| !is_covered(case)).map(|case| case.id.clone()));
    }
    let used = may_fail
        .iter()
        .zip(&may)
        .filter(|(_, pattern)| failed(tested).any(|id| pattern.matches(id) && !matches_any(&must, id)))
        .map(|(text, _)| *text)
        .collect();
    let failed = failed(tested).map(str::to_owned).collect();
    Comparison { failed, unmatched, missed, unexpected, used }
}

fn matches_any(patterns: &[WildMatch], id: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(id))
}

fn outcomes(tested: &[Tested]) -> impl Iterator<Item = &Outcome> {
    tested.iter().flat_map(|tested| [&tested.requirement].into_iter().chain(&tested.cases))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two requirements with cases and one without; those in `failed` failed.
    fn tested(failed: &[&str]) -> Vec<Tested> {
        let outcome = |id: &str| Outcome { id: id.to_owned(), failed: failed.contains(&id) };
        [
            ("start/length", &["start/length/empty", "start/length/above-max"][..]),
            ("get/single-use", &["get/single-use/reused"]),
            ("start/errors/type", &[]),
        ]
        .map(|(requirement, cases)| Tested {
            requirement: outcome(requirement),
            cases: cases.iter().map(|case| outcome(case)).collect(),
        })
        .into()
    }

    const ABOVE_MAX: &[&str] = &["start/length", "start/length/above-max"];

    #[test]
    fn expected_failures_are_accepted() {
        for (must_fail, may_fail) in [
            (&["start/length/above-max"][..], &[][..]),
            (&["start/length/above*"], &[]),
            (&["start/length"], &["start/length/above-max"]),
            (&["start/length", "*/above-max"], &[]),
            (&[], &["start/length/above-max"]),
            (&["start/length/above-max"], &["get/*", "nowhere"]),
        ] {
            let comparison = compare(must_fail, may_fail, &tested(ABOVE_MAX));
            assert!(comparison.is_as_expected(), "{must_fail:?} {may_fail:?} {comparison:?}");
            assert_eq!(comparison.failed, ABOVE_MAX.iter().map(|id| (*id).to_owned()).collect());
        }
    }

    #[test]
    fn unmatched_patterns_are_reported() {
        let comparison = compare(&["start/length/above-max", "start/length/above"], &[], &tested(ABOVE_MAX));
        assert_eq!(comparison.unmatched, ["start/length/above"]);
        assert!(!comparison.is_as_expected());
    }

    #[test]
    fn everything_that_a_pattern_matches_must_fail() {
        let comparison = compare(&["start/length/*"], &[], &tested(ABOVE_MAX));
        assert_eq!(comparison.missed, ["start/length/empty"]);
        assert!(!comparison.is_as_expected());
        let comparison = compare(&["*/errors/type"], &["start/length*"], &tested(ABOVE_MAX));
        assert_eq!(comparison.missed, ["start/errors/type"]);
    }

    #[test]
    fn unexpected_failures_are_reported() {
        let all = ["start/length", "start/length/above-max", "get/single-use", "get/single-use/reused"];
        let comparison = compare(&["start/length/above-max"], &[], &tested(&all));
        assert_eq!(comparison.unexpected, ["get/single-use", "get/single-use/reused"]);
        assert!(!comparison.is_as_expected());
        let comparison =
            compare(&["start/length/above-max"], &[], &tested(&[ABOVE_MAX, &["start/errors/type"]].concat()));
        assert_eq!(comparison.unexpected, ["start/errors/type"]);
    }

    #[test]
    fn requirement_patterns_do_not_cover_cases() {
        let comparison = compare(&["start/length"], &[], &tested(ABOVE_MAX));
        assert_eq!(comparison.unexpected, ["start/length/above-max"]);
    }

    #[test]
    fn only_failed_cases_cover_their_requirement() {
        let comparison = compare(&[], &["start/length/empty"], &tested(&["start/length"]));
        assert_eq!(comparison.unexpected, ["start/length"]);
        let comparison =
            compare(&[], &["start/length/empty"], &tested(&["start/length", "start/length/empty"]));
        assert!(comparison.is_as_expected());
    }

    #[test]
    fn used_patterns_match_what_no_other_pattern_does() {
        let may_fail = ["start/length/*", "get/*", "start/errors/*"];
        let failed = [ABOVE_MAX, &["get/single-use", "get/single-use/reused"]].concat();
        let comparison = compare(&["start/length/above-max", "start/length"], &may_fail, &tested(&failed));
        assert_eq!(comparison.used, ["get/*"]);
    }

    #[test]
    fn requirements_without_cases_are_most_specific() {
        let ids: Vec<_> = most_specific(&tested(&[])).collect();
        let expected =
            ["start/length/empty", "start/length/above-max", "get/single-use/reused", "start/errors/type"];
        assert_eq!(ids, expected);
    }
}
