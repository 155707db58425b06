//! What cannot be tested because of a failure: skipped if that failure is known, inconclusive if not.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::{
    CaseResult, Dependency, Finding, KnownFailure, Report, UNANSWERED, UNSELECTED, Verdict, VerdictCounts,
};

/// So many failures are named in a reason.
const MAX_NAMED: usize = 3;

/// A verdict with the reason for it.
pub type Judged = (Verdict, Option<String>);

/// Passed if `responses` tested it, with a note on it. Nothing passes unseen: there is no other way to
/// hold.
pub fn passed(responses: u64, note: Option<String>) -> Judged {
    match responses {
        0 => (Verdict::Inconclusive, Some(UNANSWERED.to_owned())),
        _ => (Verdict::Passed, note),
    }
}

/// The verdict on a requirement from those on its cases: the worst of them, but one that could run is
/// not skipped. `responses` tested the requirement.
pub fn by_cases(cases: &[CaseResult], responses: u64) -> Judged {
    let counts = |case: &&CaseResult| case.verdict != Verdict::Skipped;
    let worst = cases.iter().filter(counts).min_by_key(|case| case.verdict).or(cases.first());
    match worst {
        Some(case) if case.verdict == Verdict::Passed => passed(responses, case.reason.clone()),
        Some(case) => (case.verdict, case.reason.clone()),
        None => (Verdict::Skipped, None),
    }
}

/// Gives everything that depends on failures its verdict, now that it is noted which of them are known.
pub fn settle(report: &mut Report) {
    let judged: BTreeMap<Vec<Dependency>, Judged> = report
        .requirements
        .iter()
        .flat_map(|requirement| {
            requirement.cases.iter().map(|case| &case.depends_on).chain([&requirement.depends_on])
        })
        .filter(|failures| !failures.is_empty())
        .map(|failures| (failures.clone(), judged(report, failures)))
        .collect();
    let mut counts = VerdictCounts::default();
    for requirement in &mut report.requirements {
        for case in &mut requirement.cases {
            if let Some(judged) = judged.get(&case.depends_on)
                && is_blocked(case.verdict, case.reason.as_ref())
            {
                (case.verdict, case.reason) = judged.clone();
            }
        }
        if let Some(judged) = judged.get(&requirement.depends_on) {
            if !requirement.cases.is_empty() {
                (requirement.verdict, requirement.reason) =
                    by_cases(&requirement.cases, requirement.responses);
            } else if is_blocked(requirement.verdict, requirement.reason.as_ref()) {
                (requirement.verdict, requirement.reason) = judged.clone();
            }
        }
        counts.add(requirement.verdict);
    }
    report.totals.requirements = counts;
}

/// Whether a verdict is one that failures may have led to.
fn is_blocked(verdict: Verdict, reason: Option<&String>) -> bool {
    match verdict {
        Verdict::Inconclusive => true,
        Verdict::Skipped => reason.is_none_or(|reason| reason != UNSELECTED),
        Verdict::Failed | Verdict::Flaky | Verdict::Passed => false,
    }
}

/// The verdict on what these failures keep from being tested.
pub(crate) fn judged(report: &Report, failures: &[Dependency]) -> Judged {
    let named: Vec<(&Dependency, Option<BTreeSet<usize>>)> =
        failures.iter().map(|failure| (failure, covering(report, failure))).collect();
    if named.iter().all(|(_, entries)| entries.is_some()) {
        let texts = named.iter().map(|(failure, entries)| {
            let entries = entries.iter().flatten().filter_map(|index| report.known_failures.get(*index));
            format!("{} ({})", failure.requirement, some_of(entries.map(KnownFailure::place)))
        });
        let many = if failures.len() > 1 { "s" } else { "" };
        return (Verdict::Skipped, Some(format!("depends on known failure{many} {}", some_of(texts))));
    }
    let unknown = named.iter().filter(|(_, entries)| entries.is_none());
    let texts = unknown.map(|(failure, _)| {
        let Dependency { requirement, field, actual } = failure;
        format!("{requirement}, which failed ({field}: {actual})")
    });
    (Verdict::Inconclusive, Some(format!("depends on {}", some_of(texts))))
}

/// A list that names the first ones and counts the others.
fn some_of(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.collect();
    let more = texts.len().saturating_sub(MAX_NAMED);
    texts.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", texts.join(", "))
}

/// The known failures that cover what shows this failure, if they cover all of it.
fn covering(report: &Report, failure: &Dependency) -> Option<BTreeSet<usize>> {
    let requirement = report.requirements.iter().find(|it| it.id == failure.requirement)?;
    let shows = |finding: &&Finding| {
        let same = |it: &crate::report::Difference| it.field == failure.field && it.actual == failure.actual;
        finding.differences.iter().any(same)
    };
    let mut findings: Vec<&Finding> = requirement.findings.iter().filter(shows).collect();
    if findings.is_empty() {
        // It is told together with others.
        findings = requirement.findings.iter().collect();
    }
    if findings.is_empty() || !findings.iter().all(|finding| finding.is_known()) {
        return None;
    }
    Some(findings.iter().filter_map(|it| it.known.as_ref()).flat_map(|it| it.entries.clone()).collect())
}

#[cfg(test)]
mod tests {
    use cases::id::Level;

    use super::*;
    use crate::exit::{Outcome, outcome};
    use crate::report::Covered;
    use crate::sample;

    /// What depends on the failure that is the first finding of `report`.
    fn dependent(report: &Report) -> Vec<Dependency> {
        let failed = &report.requirements[0];
        let shown = &failed.findings[0].differences[0];
        let (field, actual) = (shown.field.clone(), shown.actual.clone());
        vec![Dependency { requirement: failed.id.clone(), field, actual }]
    }

    /// The known failures, and beside them a case that depends on the first one.
    fn report() -> Report {
        let mut report = sample::known();
        let mut blocked = sample::requirement("Blocked", Level::Must, Verdict::Inconclusive);
        blocked.depends_on = dependent(&report);
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
    fn what_depends_on_a_known_failure_is_skipped() {
        let mut report = report();
        settle(&mut report);
        let id = report.requirements[0].id.to_string();
        let reason = format!("depends on known failure {id} (known.toml:3)");
        assert_eq!(last(&report), (Verdict::Skipped, &*reason, Verdict::Skipped, &*reason));
        assert_eq!(outcome(&report), Outcome::Passed);
        assert_eq!((report.totals.requirements.skipped, report.totals.requirements.inconclusive), (1, 0));
    }

    #[test]
    fn what_depends_on_another_failure_is_inconclusive() {
        let mut report = report();
        settle(&mut report);
        let uncovered = report.requirements[0].findings[0].cases.clone();
        report.requirements[0].findings[0].known = Some(Covered { entries: vec![0], uncovered });
        settle(&mut report);
        let id = report.requirements[0].id.to_string();
        let reason = format!("depends on {id}, which failed (status: 200)");
        assert_eq!(last(&report), (Verdict::Inconclusive, &*reason, Verdict::Inconclusive, &*reason));
        assert_eq!(outcome(&report), Outcome::Failed);
    }

    #[test]
    fn a_requirement_with_a_case_that_held_is_not_skipped() {
        let mut report = report();
        let last = report.requirements.last_mut().expect("there are some");
        let mut passed = last.cases[0].clone();
        (passed.verdict, passed.depends_on) = (Verdict::Passed, Vec::new());
        last.cases.push(passed);
        settle(&mut report);
        assert_eq!(report.requirements.last().map(|it| it.verdict), Some(Verdict::Passed));
    }

    #[test]
    fn what_was_not_selected_stays_so() {
        let mut report = report();
        let last = report.requirements.last_mut().expect("there are some");
        last.cases.clear();
        (last.verdict, last.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
        settle(&mut report);
        assert_eq!(report.requirements.last().and_then(|it| it.reason.as_deref()), Some(UNSELECTED));
    }

    #[test]
    fn nothing_holds_without_a_response() {
        assert_eq!(passed(1, None), (Verdict::Passed, None));
        assert_eq!(passed(0, None), (Verdict::Inconclusive, Some(UNANSWERED.to_owned())));
        let cases = sample::requirement("It", Level::Must, Verdict::Passed).cases;
        assert_eq!(by_cases(&cases, 3).0, Verdict::Passed);
        assert_eq!(by_cases(&cases, 0).0, Verdict::Inconclusive);
        assert_eq!(by_cases(&[], 3), (Verdict::Skipped, None));
    }

    #[test]
    fn many_failures_are_counted() {
        let names = |count: usize| some_of((0..count).map(|n| n.to_string()));
        assert_eq!([1, 3, 4].map(names), ["0", "0, 1, 2", "0, 1, 2 and 1 more"]);
    }
}
