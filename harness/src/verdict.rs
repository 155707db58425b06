//! Sums up what the cases showed: a verdict for each case and each requirement. Pure.

use std::collections::BTreeMap;

use cases::catalogue::{Case, Catalogue};
use cases::id::RequirementId;
use cases::requirement::Requirement;
use reports::report::{
    CaseResult, Finding, RecordedRequest, RequirementResult, Totals, UNANSWERED, UNSELECTED, Verdict,
    VerdictCounts,
};

use crate::explore::Explored;
use crate::judge::Difference;
use crate::limits::Stop;

/// What became of a case.
#[derive(Debug)]
pub enum Tried {
    /// It ran, maybe not to its end.
    Explored(Explored),
    /// It could not run, and why.
    Skipped(String),
    /// The user left it out.
    Unselected,
}

impl Tried {
    /// What a case showed, if it ran.
    fn explored(&self) -> Option<&Explored> {
        match self {
            Tried::Explored(explored) => Some(explored),
            Tried::Skipped(_) | Tried::Unselected => None,
        }
    }
}

/// What a difference amounts to, once looked at again.
#[derive(Debug, Clone)]
pub struct Found {
    /// Violated, unstable or inconclusive.
    pub verdict: Verdict,
    /// The finding, if it is one.
    pub finding: Option<Finding>,
    /// Why it is inconclusive.
    pub reason: Option<String>,
}

impl Found {
    /// The same with a sequence that may not be the smallest, and why.
    #[must_use]
    pub fn not_minimized(mut self, why: String) -> Self {
        if let Some(finding) = &mut self.finding {
            finding.not_minimized = Some(why);
        }
        self
    }

    /// What proves nothing, and why.
    pub fn inconclusive(reason: String) -> Self {
        Self { verdict: Verdict::Inconclusive, finding: None, reason: Some(reason) }
    }
}

/// The results for every requirement, in the order of the catalogue. `tried` is parallel to the
/// catalogue's cases.
pub fn results(
    catalogue: &Catalogue,
    tried: &[Tried],
    found: &BTreeMap<Difference, Found>,
) -> Vec<RequirementResult> {
    catalogue.requirements.iter().map(|requirement| result(requirement, catalogue, tried, found)).collect()
}

/// The sums over the results.
pub fn totals(results: &[RequirementResult], tried: &[Tried], requests: u64) -> Totals {
    let mut requirements = VerdictCounts::default();
    for result in results {
        requirements.add(result.verdict);
    }
    let explored = || tried.iter().filter_map(Tried::explored);
    Totals {
        requirements,
        cases: explored().filter(|explored| explored.requests > 0).count() as u64,
        requests,
        judged: explored().map(|explored| explored.judged).sum(),
    }
}

fn result(
    requirement: &Requirement,
    catalogue: &Catalogue,
    tried: &[Tried],
    found: &BTreeMap<Difference, Found>,
) -> RequirementResult {
    let own = || catalogue.cases.iter().zip(tried).filter(|(case, _)| case.requirement == requirement.id);
    let cases: Vec<CaseResult> = own().map(|(case, tried)| case_result(case, tried, found)).collect();
    let of_requirement = || found.iter().filter(|(difference, _)| difference.requirement == requirement.id);
    let showed = |difference: &Difference| {
        let shows = |tried: &Tried| tried.explored().is_some_and(|it| it.witnesses.contains_key(difference));
        own().filter(|(_, tried)| shows(tried)).map(|(case, _)| case.id.clone()).collect()
    };
    let mut findings: Vec<Finding> = of_requirement()
        .filter_map(|(difference, found)| {
            Some(Finding { cases: showed(difference), ..found.finding.clone()? })
        })
        .collect();
    findings.sort_by(|a, b| (a.verdict, &a.case).cmp(&(b.verdict, &b.case)));
    let findings = once(findings);

    let (mut verdict, mut reason) =
        if cases.is_empty() { by_answers(&requirement.id, tried) } else { by_cases(&cases) };
    if let Some(worst) = of_requirement().map(|(_, found)| found).min_by_key(|found| found.verdict)
        && worst.verdict < verdict
    {
        (verdict, reason) = (worst.verdict, worst.reason.clone());
    }
    if matches!(verdict, Verdict::Violated | Verdict::Unstable) {
        reason = None;
    }
    let mut observations: BTreeMap<String, u64> = BTreeMap::new();
    for explored in tried.iter().filter_map(Tried::explored) {
        for (seen, count) in explored.observed.get(&requirement.id).into_iter().flatten() {
            *observations.entry(seen.clone()).or_default() += count;
        }
    }
    RequirementResult {
        id: requirement.id.clone(),
        operation: requirement.operation.clone(),
        level: requirement.level,
        text: requirement.text.clone(),
        source: requirement.source.clone(),
        verdict,
        reason,
        requests: cases.iter().map(|case| case.requests).sum(),
        cases,
        findings,
        observations,
    }
}

/// The findings, but those that are one: the same requests got the same answer, which is wrong in several
/// fields.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    fn requests(finding: &Finding) -> impl Iterator<Item = &RecordedRequest> {
        finding.counterexample.iter().map(|exchange| &exchange.request)
    }
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |other: &&mut Finding| {
            other.verdict == finding.verdict
                && other.cases == finding.cases
                && requests(other).eq(requests(&finding))
                && other.differences.len() == finding.differences.len()
                && other.differences.iter().all(|difference| finding.differences.contains(difference))
        };
        match kept.iter_mut().find(same) {
            Some(other) => other.count = other.count.max(finding.count),
            None => kept.push(finding),
        }
    }
    kept
}

/// The verdict on a requirement that has no cases of its own, before findings.
fn by_answers(requirement: &RequirementId, tried: &[Tried]) -> (Verdict, Option<String>) {
    let tested = |explored: &Explored| explored.tested.contains_key(requirement);
    if tried.iter().filter_map(Tried::explored).any(tested) {
        return (Verdict::Held, None);
    }
    let left_out = tried.iter().find_map(|tried| match tried {
        Tried::Unselected => Some((Verdict::Skipped, Some(UNSELECTED.to_owned()))),
        Tried::Explored(explored) => explored.stopped.map(stopped),
        Tried::Skipped(_) => None,
    });
    if let Some(left_out) = left_out {
        return left_out;
    }
    (Verdict::Inconclusive, Some(UNANSWERED.to_owned()))
}

/// The verdict on what was not tried any more: what the user did not ask for is skipped, what the
/// target does not let be tried is no proof of anything.
fn stopped(stop: Stop) -> (Verdict, Option<String>) {
    let verdict = if stop.is_of_target() { Verdict::Inconclusive } else { Verdict::Skipped };
    (verdict, Some(stop.to_string()))
}

/// The verdict on a requirement from those on its cases: the worst of them, but one that could run
/// is not skipped.
fn by_cases(cases: &[CaseResult]) -> (Verdict, Option<String>) {
    let counts = |case: &&CaseResult| case.verdict != Verdict::Skipped;
    let worst = cases.iter().filter(counts).min_by_key(|case| case.verdict).or(cases.first());
    match worst {
        Some(case) => (case.verdict, case.reason.clone()),
        None => (Verdict::Skipped, None),
    }
}

fn case_result(case: &Case, tried: &Tried, found: &BTreeMap<Difference, Found>) -> CaseResult {
    let (verdict, reason, requests) = match tried {
        Tried::Skipped(reason) => (Verdict::Skipped, Some(reason.clone()), 0),
        Tried::Unselected => (Verdict::Skipped, Some(UNSELECTED.to_owned()), 0),
        Tried::Explored(explored) => {
            let seen =
                explored.witnesses.keys().filter(|difference| difference.requirement == case.requirement);
            let worst = seen.filter_map(|difference| found.get(difference)).min_by_key(|found| found.verdict);
            let (verdict, reason) = match worst {
                Some(found) => (found.verdict, found.reason.clone()),
                None => without_difference(explored),
            };
            (verdict, reason, explored.requests)
        }
    };
    CaseResult { id: case.id.clone(), verdict, reason, requests }
}

fn without_difference(explored: &Explored) -> (Verdict, Option<String>) {
    if explored.proofs > 0 {
        (
            Verdict::Held,
            explored.left_out.as_ref().map(|reason| format!("some requests were not sent: {reason}")),
        )
    } else if let Some(reason) = &explored.unproven {
        (Verdict::Inconclusive, Some(reason.clone()))
    } else if let Some(stop) = explored.stopped {
        stopped(stop)
    } else {
        (Verdict::Inconclusive, Some("an earlier answer is not what the next request needs".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cases::contract::Contract;
    use cases::outcome::Field;

    fn explored(proofs: u64) -> Tried {
        Tried::Explored(Explored { proofs, requests: 3, judged: 2, ..Explored::default() })
    }

    fn unproven() -> Tried {
        Tried::Explored(Explored { unproven: Some("refused".to_owned()), ..Explored::default() })
    }

    /// The verdict on the first requirement (with three cases) when its cases went so.
    fn verdict(first: [Tried; 3], found: &BTreeMap<Difference, Found>) -> (Verdict, Option<String>) {
        let catalogue = Catalogue::of(&Contract::page().unwrap());
        let rest = catalogue.cases.len() - 3;
        let tried: Vec<Tried> = first
            .into_iter()
            .chain(std::iter::repeat_with(|| Tried::Skipped("other".to_owned())).take(rest))
            .collect();
        let result = results(&catalogue, &tried, found).remove(0);
        (result.verdict, result.reason)
    }

    fn skipped() -> Tried {
        Tried::Skipped("needs a name".to_owned())
    }

    #[test]
    fn a_requirement_is_as_its_worst_case_that_ran() {
        let none = BTreeMap::new();
        assert_eq!(verdict([explored(1), explored(4), skipped()], &none), (Verdict::Held, None));
        assert_eq!(
            verdict([explored(1), unproven(), skipped()], &none),
            (Verdict::Inconclusive, Some("refused".to_owned()))
        );
        assert_eq!(
            verdict([skipped(), skipped(), skipped()], &none),
            (Verdict::Skipped, Some("needs a name".to_owned()))
        );
    }

    #[test]
    fn a_case_without_a_proof_is_not_held() {
        let none = BTreeMap::new();
        let (verdict, _) = verdict([explored(0), explored(1), explored(1)], &none);
        assert_eq!(verdict, Verdict::Inconclusive);
    }

    #[test]
    fn a_difference_counts_against_its_requirement_whichever_case_saw_it() {
        let catalogue = Catalogue::of(&Contract::page().unwrap());
        let difference = Difference {
            requirement: catalogue.requirements[0].id.clone(),
            field: Field::Status,
            expected: "200".to_owned(),
            actual: "500".to_owned(),
        };
        for worst in [Verdict::Violated, Verdict::Unstable, Verdict::Inconclusive] {
            let found =
                BTreeMap::from([(difference.clone(), Found { verdict: worst, finding: None, reason: None })]);
            assert_eq!(verdict([explored(1), explored(1), explored(1)], &found).0, worst);
        }
    }

    #[test]
    fn one_answer_that_is_wrong_in_two_fields_is_one_finding() {
        let field = |field: &str| reports::report::Difference {
            field: field.to_owned(),
            expected: "right".to_owned(),
            actual: "wrong".to_owned(),
        };
        let finding = |case: &str, count, differences: [&str; 2]| Finding {
            number: 0,
            group: 0,
            verdict: Verdict::Violated,
            case: RequirementId::new(["start", "length"]).case(case),
            cases: Vec::new(),
            known: None,
            count,
            expected: String::new(),
            actual: String::new(),
            differences: differences.map(field).to_vec(),
            counterexample: Vec::new(),
            replay: String::new(),
            reach: String::new(),
            curl: String::new(),
            target: None,
            of: None,
            not_minimized: None,
        };
        let one = finding("far", 2, ["status", "error type"]);
        let same = finding("far", 5, ["error type", "status"]);
        let other = finding("far", 1, ["status", "Message"]);
        let kept = once(vec![one, same, other]);
        let counts: Vec<_> = kept.iter().map(|it| (it.differences[0].field.as_str(), it.count)).collect();
        assert_eq!(counts, [("status", 5), ("status", 1)]);
    }

    #[test]
    fn a_requirement_without_cases_is_held_by_any_answer_that_tests_it() {
        let catalogue = Catalogue::of(&Contract::page().unwrap());
        let id = RequirementId::new(["start-configuration-session", "response", "content-type"]);
        let of = |tried: &[Tried]| {
            let results = results(&catalogue, tried, &BTreeMap::new());
            results.into_iter().find(|result| result.id == id).unwrap().verdict
        };
        assert_eq!(of(&[explored(1)]), Verdict::Inconclusive);
        assert_eq!(of(&[explored(1), Tried::Unselected]), Verdict::Skipped);
        let stopped = Explored { stopped: Some(Stop::Budget), ..Explored::default() };
        assert_eq!(of(&[explored(1), Tried::Explored(stopped)]), Verdict::Skipped);
        let tested = Explored { tested: BTreeMap::from([(id.clone(), 1)]), ..Explored::default() };
        assert_eq!(of(&[Tried::Explored(tested)]), Verdict::Held);
    }
}
