//! What is inconclusive or skipped, by reason.

use crate::model::{Report, RequirementResult, Verdict};

use super::number::counted;

/// What is inconclusive, or skipped, for the same reason.
#[derive(Debug)]
pub struct OpenReason<'a> {
    /// Inconclusive or skipped.
    pub verdict: Verdict,
    /// The reason.
    pub reason: &'a str,
    /// The requirements with this verdict and reason.
    pub requirements: Vec<&'a RequirementResult>,
    /// The number of cases with this verdict and reason, of these and of other requirements.
    pub cases: usize,
}

impl OpenReason<'_> {
    /// `2 requirements, 5 cases`; a part that is 0 is omitted.
    pub fn extent(&self) -> String {
        let requirements = counted(self.requirements.len() as u64, "requirement");
        let cases = counted(self.cases as u64, "case");
        match (self.requirements.len(), self.cases) {
            (_, 0) => requirements,
            (0, _) => cases,
            _ => format!("{requirements}, {cases}"),
        }
    }
}

/// What is inconclusive, then what is skipped, grouped by reason.
pub fn open_reasons(report: &Report) -> Vec<OpenReason<'_>> {
    const NO_REASON: &str = "no reason given";
    let mut groups: Vec<OpenReason<'_>> = Vec::new();
    for requirement in &report.requirements {
        let of_cases = requirement.cases.iter().find_map(|case| case.reason.as_deref());
        let own = requirement.reason.as_deref().or(of_cases).unwrap_or(NO_REASON);
        if requirement.verdict.is_open() {
            group(&mut groups, requirement.verdict, own).requirements.push(requirement);
        }
        for case in requirement.cases.iter().filter(|case| case.verdict.is_open()) {
            group(&mut groups, case.verdict, case.reason.as_deref().unwrap_or(own)).cases += 1;
        }
    }
    groups.sort_by_key(|group| group.verdict);
    groups
}

/// The group of a verdict and a reason, which is added if it is not there.
fn group<'g, 'a>(
    groups: &'g mut Vec<OpenReason<'a>>,
    verdict: Verdict,
    reason: &'a str,
) -> &'g mut OpenReason<'a> {
    let at = groups
        .iter()
        .position(|group| group.verdict == verdict && group.reason == reason)
        .unwrap_or_else(|| {
            groups.push(OpenReason { verdict, reason, requirements: Vec::new(), cases: 0 });
            groups.len() - 1
        });
    &mut groups[at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn equal_reasons_form_one_group() {
        let mut report = sample::mixed();
        let mut case = report.requirements[2].cases[0].clone();
        case.reason.clone_from(&report.requirements[2].reason);
        report.requirements[4].cases.push(case);
        let shown: Vec<_> =
            open_reasons(&report).iter().map(|g| (g.verdict, g.reason.to_owned(), g.extent())).collect();
        assert_eq!(
            shown,
            [
                (
                    Verdict::Inconclusive,
                    "the control was refused with status 403".to_owned(),
                    "1 requirement, 1 case".to_owned()
                ),
                (
                    Verdict::Skipped,
                    "no fixture has a name; add `name` to [[resource]]".to_owned(),
                    "2 requirements, 3 cases".to_owned()
                ),
            ]
        );
    }
}
