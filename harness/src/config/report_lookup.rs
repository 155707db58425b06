//! What entries of known failures are matched against in a report.

use reports::model::{Finding, Report};

/// The ids that an entry can match.
pub(crate) fn ids(report: &Report) -> impl Iterator<Item = &str> {
    report.requirements.iter().flat_map(|requirement| {
        let cases = requirement.cases.iter().map(|case| case.id.as_str());
        std::iter::once(requirement.id.as_str()).chain(cases)
    })
}

/// The actual result of a finding.
pub(crate) fn actual(finding: &Finding) -> Option<&str> {
    finding.differences.first().map(|difference| difference.actual.as_str())
}
