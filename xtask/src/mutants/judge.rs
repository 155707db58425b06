//! Holds what failed to what the model of a deviation says. Pure; the rule is that of
//! [`Deviation`](harness::mock::deviation::Deviation).

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

/// What a run says about the model of a deviation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// Everything that failed.
    pub(super) failed: BTreeSet<String>,
    /// Patterns of what must fail that match nothing.
    pub(super) void: Vec<&'static str>,
    /// What must fail and did not.
    pub(super) missed: Vec<String>,
    /// What failed and is not named.
    pub(super) surplus: Vec<String>,
    /// Patterns of what may fail that something needed.
    pub(super) excuses: Vec<&'static str>,
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

impl Judged {
    /// Whether everything failed that must, and nothing else but what may.
    pub(super) fn is_as_told(&self) -> bool {
        self.void.is_empty() && self.missed.is_empty() && self.surplus.is_empty()
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

/// Judges what was tested by the patterns of a deviation.
pub(super) fn judge(must_fail: &[&'static str], may_fail: &[&'static str], tested: &[Tested]) -> Judged {
    let must: Vec<_> = must_fail.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let may: Vec<_> = may_fail.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let named = |patterns: &[WildMatch], id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let void = must_fail
        .iter()
        .zip(&must)
        .filter(|(_, pattern)| !outcomes(tested).any(|outcome| pattern.matches(&outcome.id)))
        .map(|(text, _)| *text)
        .collect();
    let missed = outcomes(tested)
        .filter(|outcome| !outcome.failed && named(&must, &outcome.id))
        .map(|outcome| outcome.id.clone())
        .collect();
    let mut surplus = Vec::new();
    for Tested { requirement, cases } in tested {
        let is_named = |outcome: &&Outcome| named(&must, &outcome.id) || named(&may, &outcome.id);
        let failed = || cases.iter().filter(|case| case.failed);
        if requirement.failed && !is_named(&requirement) && !failed().any(|case| is_named(&case)) {
            surplus.push(requirement.id.clone());
        }
        surplus.extend(failed().filter(|case| !is_named(case)).map(|case| case.id.clone()));
    }
    let excuses = may_fail
        .iter()
        .zip(&may)
        .filter(|(_, pattern)| failed(tested).any(|id| pattern.matches(id) && !named(&must, id)))
        .map(|(text, _)| *text)
        .collect();
    let failed = failed(tested).map(str::to_owned).collect();
    Judged { failed, void, missed, surplus, excuses }
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
    fn what_must_fail_and_what_may_is_as_told() {
        for (must_fail, may_fail) in [
            (&["start/length/above-max"][..], &[][..]),
            (&["start/length/above*"], &[]),
            (&["start/length"], &["start/length/above-max"]),
            (&["start/length", "*/above-max"], &[]),
            (&[], &["start/length/above-max"]),
            (&["start/length/above-max"], &["get/*", "nowhere"]),
        ] {
            let judged = judge(must_fail, may_fail, &tested(ABOVE_MAX));
            assert!(judged.is_as_told(), "{must_fail:?} {may_fail:?} {judged:?}");
            assert_eq!(judged.failed, ABOVE_MAX.iter().map(|id| (*id).to_owned()).collect());
        }
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_void_even_if_another_one_matches() {
        let judged = judge(&["start/length/above-max", "start/length/above"], &[], &tested(ABOVE_MAX));
        assert_eq!(judged.void, ["start/length/above"]);
        assert!(!judged.is_as_told());
    }

    #[test]
    fn everything_that_a_pattern_matches_has_to_fail() {
        let judged = judge(&["start/length/*"], &[], &tested(ABOVE_MAX));
        assert_eq!(judged.missed, ["start/length/empty"]);
        assert!(!judged.is_as_told());
        let judged = judge(&["*/errors/type"], &["start/length*"], &tested(ABOVE_MAX));
        assert_eq!(judged.missed, ["start/errors/type"]);
    }

    #[test]
    fn what_fails_unnamed_is_too_much() {
        let all = ["start/length", "start/length/above-max", "get/single-use", "get/single-use/reused"];
        let judged = judge(&["start/length/above-max"], &[], &tested(&all));
        assert_eq!(judged.surplus, ["get/single-use", "get/single-use/reused"]);
        assert!(!judged.is_as_told());
        let judged =
            judge(&["start/length/above-max"], &[], &tested(&[ABOVE_MAX, &["start/errors/type"]].concat()));
        assert_eq!(judged.surplus, ["start/errors/type"]);
    }

    #[test]
    fn a_pattern_of_a_requirement_does_not_cover_its_cases() {
        let judged = judge(&["start/length"], &[], &tested(ABOVE_MAX));
        assert_eq!(judged.surplus, ["start/length/above-max"]);
    }

    #[test]
    fn a_requirement_is_covered_by_a_case_only_if_that_failed() {
        let judged = judge(&[], &["start/length/empty"], &tested(&["start/length"]));
        assert_eq!(judged.surplus, ["start/length"]);
        let judged = judge(&[], &["start/length/empty"], &tested(&["start/length", "start/length/empty"]));
        assert!(judged.is_as_told());
    }

    #[test]
    fn an_excuse_is_needed_where_nothing_else_names_the_failure() {
        let excuses = ["start/length/*", "get/*", "start/errors/*"];
        let failed = [ABOVE_MAX, &["get/single-use", "get/single-use/reused"]].concat();
        let judged = judge(&["start/length/above-max", "start/length"], &excuses, &tested(&failed));
        assert_eq!(judged.excuses, ["get/*"]);
    }

    #[test]
    fn a_requirement_without_cases_speaks_for_itself() {
        let ids: Vec<_> = most_specific(&tested(&[])).collect();
        let expected =
            ["start/length/empty", "start/length/above-max", "get/single-use/reused", "start/errors/type"];
        assert_eq!(ids, expected);
    }
}
