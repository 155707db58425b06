//! Whether a report accounts for everything: its sums are those of its parts, nothing lacks its reason.

use reports::model::{Report, Verdict, VerdictCounts};

/// What of a report does not add up.
pub(crate) fn complaints(report: &Report) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut same = |what: &str, one: &dyn ToString, other: &dyn ToString| {
        let (one, other) = (one.to_string(), other.to_string());
        if one != other {
            complaints.push(format!("{what}: {one} and {other}"));
        }
    };
    let mut counts = VerdictCounts::default();
    let mut cases = 0;
    let mut requests = 0;
    for requirement in &report.requirements {
        counts.add(requirement.verdict);
        cases += requirement.cases.iter().filter(|case| case.requests > 0).count() as u64;
        requests += requirement.requests;
        let of_cases: u64 = requirement.cases.iter().map(|case| case.requests).sum();
        same(&format!("requests of {}", requirement.id), &requirement.requests, &of_cases);
        let has_reason = match requirement.verdict {
            Verdict::Passed => true,
            Verdict::Failed | Verdict::Flaky => !requirement.findings.is_empty(),
            Verdict::Inconclusive | Verdict::Skipped => {
                let mut cases = requirement.cases.iter();
                requirement.reason.is_some() || cases.any(|case| case.reason.is_some())
            }
        };
        same(&format!("{} has a reason", requirement.id), &has_reason, &true);
    }
    let of = |counts: VerdictCounts| format!("{counts:?}");
    same("requirements by verdict", &of(report.totals.requirements), &of(counts));
    same("cases", &report.totals.cases, &cases);
    // What was sent to probe the target and to reproduce belongs to no case.
    same("requests of cases are not more than all", &(requests <= report.totals.requests), &true);
    same("responses are not more than requests", &(report.latency.total() <= report.totals.requests), &true);
    complaints
}

/// Everything that is said against the target: each requirement that is failed or flaky.
pub(crate) fn accusations(report: &Report) -> Vec<String> {
    let accused = |verdict| matches!(verdict, Verdict::Failed | Verdict::Flaky);
    let accused = report.requirements.iter().filter(|requirement| accused(requirement.verdict));
    accused.map(|requirement| format!("{} {:?}", requirement.id, requirement.verdict)).collect()
}
