//! Merges the results of a requirement or of a case.

use std::collections::BTreeSet;

use crate::model::{BlockingFailure, CaseResult, RequirementResult, UNSELECTED, UNTESTED, Verdict};
use crate::summary::Explained;

use super::finding::merge_findings;

/// Merges two results of the same requirement.
pub(super) fn merge_requirement(a: RequirementResult, b: RequirementResult) -> RequirementResult {
    let sides = [(a.verdict, a.depends_on), (b.verdict, b.depends_on)];
    let (verdict, reason) = worse((a.verdict, a.reason), (b.verdict, b.reason));
    let mut observations = a.observations;
    for (observation, count) in b.observations {
        let sum = observations.entry(observation).or_default();
        *sum = sum.saturating_add(count);
    }
    RequirementResult {
        verdict,
        reason,
        cases: a.cases.into_iter().zip(b.cases).map(|(a, b)| merge_case(a, b)).collect(),
        requests: a.requests.saturating_add(b.requests),
        responses: a.responses.saturating_add(b.responses),
        depends_on: merge_depends_on(verdict, sides),
        findings: merge_findings(a.findings, b.findings),
        observations,
        id: a.id,
        operation: a.operation,
        level: a.level,
        text: a.text,
        source: a.source,
    }
}

/// Merges two results of the same case.
pub(super) fn merge_case(a: CaseResult, b: CaseResult) -> CaseResult {
    let sides = [(a.verdict, a.depends_on), (b.verdict, b.depends_on)];
    let (verdict, reason) = worse((a.verdict, a.reason), (b.verdict, b.reason));
    let requests = a.requests.saturating_add(b.requests);
    CaseResult { id: a.id, verdict, reason, requests, depends_on: merge_depends_on(verdict, sides) }
}

/// The failures that keep something with this merged verdict from being tested. There are none if something
/// else keeps it from being tested in one of the reports.
fn merge_depends_on(verdict: Verdict, sides: [(Verdict, Vec<BlockingFailure>); 2]) -> Vec<BlockingFailure> {
    if !verdict.is_open() {
        return Vec::new();
    }
    let with_verdict: Vec<_> =
        sides.into_iter().filter(|(own, _)| *own == verdict).map(|(_, failures)| failures).collect();
    if verdict == Verdict::Inconclusive && with_verdict.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let all: BTreeSet<BlockingFailure> = with_verdict.into_iter().flatten().collect();
    all.into_iter().collect()
}

/// The worse of two verdicts, except that a verdict on something that ran precedes one on something that did
/// not.
fn worse(a: Explained, b: Explained) -> Explained {
    let key = |(verdict, reason): &Explained| {
        // A merged report is inconclusive about a requirement that none of its parts tested. That must not
        // outweigh the verdict of another run.
        let is_skipped = *verdict == Verdict::Skipped || reason.as_deref() == Some(UNTESTED);
        let has_no_reason = reason.as_deref().is_none_or(|reason| reason == UNSELECTED);
        (is_skipped, *verdict, has_no_reason, reason.clone())
    };
    if key(&a) <= key(&b) { a } else { b }
}
