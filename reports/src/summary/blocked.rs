//! Cases and requirements that a failure keeps from being tested: skipped if the failure is known,
//! inconclusive if not.

use std::collections::BTreeMap;

use crate::model::{
    BlockingFailure, CaseResult, Finding, Report, UNSELECTED, UNTESTED, Verdict, VerdictCounts,
};

use super::known_failures::{covering_entries, depends_on_known};

/// The most failures or entries that a reason names.
const MAX_NAMED: usize = 3;

/// A verdict and the reason for it.
pub type Explained = (Verdict, Option<String>);

/// Passed with `note` if any of `responses` tested the requirement, inconclusive otherwise. There is no other
/// way to pass.
pub fn verdict_if_tested(responses: u64, note: Option<String>) -> Explained {
    match responses {
        0 => (Verdict::Inconclusive, Some(UNTESTED.to_owned())),
        _ => (Verdict::Passed, note),
    }
}

/// The verdict on a requirement from those on its cases: the worst of them, where a skipped case counts only
/// if all are skipped. `responses` is the number of responses that tested the requirement.
pub fn verdict_of_cases(cases: &[CaseResult], responses: u64) -> Explained {
    let ran = cases.iter().filter(|case| case.verdict != Verdict::Skipped);
    match ran.min_by_key(|case| case.verdict).or(cases.first()) {
        Some(case) if case.verdict == Verdict::Passed => verdict_if_tested(responses, case.reason.clone()),
        Some(case) => (case.verdict, case.reason.clone()),
        None => (Verdict::Skipped, None),
    }
}

/// Sets the verdict of all cases and requirements that depend on failures. The report must already say which
/// findings are known.
pub fn resolve_blocked(report: &mut Report) {
    let verdicts = blocked_verdicts(report);
    let mut counts = VerdictCounts::default();
    for requirement in &mut report.requirements {
        for case in &mut requirement.cases {
            if let Some(explained) = verdicts.get(&case.depends_on)
                && may_be_blocked(case.verdict, case.reason.as_ref())
            {
                (case.verdict, case.reason) = explained.clone();
            }
        }
        if let Some(explained) = verdicts.get(&requirement.depends_on) {
            if !requirement.cases.is_empty() {
                (requirement.verdict, requirement.reason) =
                    verdict_of_cases(&requirement.cases, requirement.responses);
            } else if may_be_blocked(requirement.verdict, requirement.reason.as_ref()) {
                (requirement.verdict, requirement.reason) = explained.clone();
            }
        }
        counts.add(requirement.verdict);
    }
    report.totals.requirements = counts;
}

/// The verdict for each set of failures on which something depends.
fn blocked_verdicts(report: &Report) -> BTreeMap<Vec<BlockingFailure>, Explained> {
    let requirements = report.requirements.iter();
    let sets = requirements.flat_map(|requirement| {
        requirement.cases.iter().map(|case| &case.depends_on).chain([&requirement.depends_on])
    });
    let sets = sets.filter(|failures| !failures.is_empty());
    sets.map(|failures| (failures.clone(), blocked_verdict(report, failures))).collect()
}

/// Whether failures may have led to a verdict.
fn may_be_blocked(verdict: Verdict, reason: Option<&String>) -> bool {
    match verdict {
        Verdict::Inconclusive => true,
        Verdict::Skipped => reason.is_none_or(|reason| reason != UNSELECTED),
        Verdict::Failed | Verdict::Flaky | Verdict::Passed => false,
    }
}

/// The verdict on something that these failures keep from being tested.
pub(crate) fn blocked_verdict(report: &Report, failures: &[BlockingFailure]) -> Explained {
    let named: Vec<(&BlockingFailure, Option<String>)> =
        failures.iter().map(|failure| (failure, known_as(report, failure))).collect();
    if let Some(known) = named.iter().map(|(_, known)| known.clone()).collect::<Option<Vec<String>>>() {
        let reason = depends_on_known(failures.len(), &first_of(known.into_iter()));
        return (Verdict::Skipped, Some(reason));
    }
    let unknown = named.iter().filter(|(_, known)| known.is_none());
    let texts = unknown.map(|(failure, _)| {
        let BlockingFailure { requirement, field, actual } = failure;
        format!("{requirement}, which failed ({field}: {actual})")
    });
    (Verdict::Inconclusive, Some(format!("depends on {}", first_of(texts))))
}

/// A list that names the first few texts and counts the others.
fn first_of(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.collect();
    let more = texts.len().saturating_sub(MAX_NAMED);
    texts.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", texts.join(", "))
}

/// `start/application/length (known.toml:3)`, if known failures cover all findings that show this failure.
fn known_as(report: &Report, failure: &BlockingFailure) -> Option<String> {
    let requirement = report.requirements.iter().find(|it| it.id == failure.requirement)?;
    let mut findings: Vec<&Finding> =
        requirement.findings.iter().filter(|finding| shows(finding, failure)).collect();
    if findings.is_empty() {
        // A finding of several values does not name each of them.
        findings = requirement.findings.iter().collect();
    }
    let are_known = !findings.is_empty() && findings.iter().all(|finding| finding.is_known());
    let entries = are_known.then(|| first_of(covering_entries(report, &findings)))?;
    Some(format!("{} ({entries})", failure.requirement))
}

fn shows(finding: &Finding, failure: &BlockingFailure) -> bool {
    finding.differences.iter().any(|it| it.field == failure.field && it.actual == failure.actual)
}

#[cfg(test)]
mod tests {
    use cases::id::Level;

    use super::*;
    use crate::model::{KnownBy, sample};
    use crate::summary::outcome::{Outcome, outcome};

    /// What depends on the failure that is the first finding of `report`.
    fn blocking(report: &Report) -> Vec<BlockingFailure> {
        let failed = &report.requirements[0];
        let shown = &failed.findings[0].differences[0];
        let (field, actual) = (shown.field.clone(), shown.actual.clone());
        vec![BlockingFailure { requirement: failed.id.clone(), field, actual }]
    }

    /// The report with known failures, and a case that the first of them blocks.
    fn report() -> Report {
        let mut report = sample::known();
        let mut blocked = sample::requirement("Blocked", Level::Must, Verdict::Inconclusive);
        blocked.depends_on = blocking(&report);
        blocked.cases[0].depends_on.clone_from(&blocked.depends_on);
        report.requirements.push(blocked);
        report
    }

    fn last(report: &Report) -> (Verdict, &str, Verdict, &str) {
        let last = report.requirements.last().expect("there are some");
        let case = &last.cases[0];
        let text = |reason| Option::as_deref(reason).expect("a reason");
        (last.verdict, text(&last.reason), case.verdict, text(&case.reason))
    }

    #[test]
    fn case_blocked_by_known_failure_is_skipped() {
        let mut report = report();
        resolve_blocked(&mut report);
        let id = report.requirements[0].id.to_string();
        let reason = format!("depends on known failure {id} (known.toml:3)");
        assert_eq!(last(&report), (Verdict::Skipped, &*reason, Verdict::Skipped, &*reason));
        assert_eq!(outcome(&report), Outcome::Passed);
        assert_eq!((report.totals.requirements.skipped, report.totals.requirements.inconclusive), (1, 0));
    }

    #[test]
    fn case_blocked_by_new_failure_is_inconclusive() {
        let mut report = report();
        resolve_blocked(&mut report);
        let uncovered = report.requirements[0].findings[0].cases.clone();
        report.requirements[0].findings[0].known = Some(KnownBy { entries: vec![0], uncovered });
        resolve_blocked(&mut report);
        let id = report.requirements[0].id.to_string();
        let reason = format!("depends on {id}, which failed (status: 200)");
        assert_eq!(last(&report), (Verdict::Inconclusive, &*reason, Verdict::Inconclusive, &*reason));
        assert_eq!(outcome(&report), Outcome::Failed);
    }

    #[test]
    fn requirement_with_a_passed_case_is_not_skipped() {
        let mut report = report();
        let last = report.requirements.last_mut().expect("there are some");
        let mut passed = last.cases[0].clone();
        (passed.verdict, passed.depends_on) = (Verdict::Passed, Vec::new());
        last.cases.push(passed);
        resolve_blocked(&mut report);
        assert_eq!(report.requirements.last().map(|it| it.verdict), Some(Verdict::Passed));
    }

    #[test]
    fn unselected_requirement_stays_skipped() {
        let mut report = report();
        let last = report.requirements.last_mut().expect("there are some");
        last.cases.clear();
        (last.verdict, last.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
        resolve_blocked(&mut report);
        assert_eq!(report.requirements.last().and_then(|it| it.reason.as_deref()), Some(UNSELECTED));
    }

    #[test]
    fn nothing_passes_without_a_response() {
        assert_eq!(verdict_if_tested(1, None), (Verdict::Passed, None));
        assert_eq!(verdict_if_tested(0, None), (Verdict::Inconclusive, Some(UNTESTED.to_owned())));
        let cases = sample::requirement("It", Level::Must, Verdict::Passed).cases;
        assert_eq!(verdict_of_cases(&cases, 3).0, Verdict::Passed);
        assert_eq!(verdict_of_cases(&cases, 0).0, Verdict::Inconclusive);
        assert_eq!(verdict_of_cases(&[], 3), (Verdict::Skipped, None));
    }

    #[test]
    fn long_lists_are_cut_and_counted() {
        let names = |count: usize| first_of((0..count).map(|n| n.to_string()));
        assert_eq!([1, 3, 4].map(names), ["0", "0, 1, 2", "0, 1, 2 and 1 more"]);
    }
}
