//! The runs of a target, and what each run says about each finding.

use std::collections::BTreeMap;

use cases::id::Level;

use crate::history::finding_key::FindingKey;
use crate::model::{Finding, Report, RequirementResult, Verdict};

/// The runs at one target with one contract, the earliest first.
#[derive(Debug)]
pub struct Series<'a> {
    /// The reports of the runs.
    pub runs: Vec<&'a Report>,
    /// All findings of these runs: those of the last run first, then by the last run that has them.
    pub histories: Vec<History<'a>>,
}

/// A finding over the runs of a series.
#[derive(Debug)]
pub struct History<'a> {
    /// The requirement that it contradicts, from the last run that has the finding.
    pub requirement: &'a RequirementResult,
    /// The finding of that run.
    pub finding: &'a Finding,
    /// What each run says about it.
    pub presence: Vec<Presence>,
}

/// What a run says about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The run has it.
    Present,
    /// The run tested the requirement and does not have it.
    Absent,
    /// The run did not test the requirement, or its contract does not have it.
    NotTested,
}

impl History<'_> {
    /// The index of the first run that has it.
    pub fn first(&self) -> usize {
        self.presence.iter().position(|it| *it == Presence::Present).unwrap_or_default()
    }

    /// The index of the last run that has it.
    pub fn last(&self) -> usize {
        self.presence.iter().rposition(|it| *it == Presence::Present).unwrap_or_default()
    }
}

/// The series of these reports, in the order of targets and contracts. The order of `reports` does not
/// matter.
pub fn series(reports: &[Report]) -> Vec<Series<'_>> {
    let mut by_target: BTreeMap<(&str, &str), Vec<&Report>> = BTreeMap::new();
    for report in reports {
        by_target.entry((&report.target.url, &report.contract.name)).or_default().push(report);
    }
    by_target.into_values().map(Series::of).collect()
}

impl<'a> Series<'a> {
    fn of(mut runs: Vec<&'a Report>) -> Self {
        // RFC 3339 in UTC sorts as time does.
        runs.sort_by(|a, b| a.started_at.cmp(&b.started_at));
        let mut histories: BTreeMap<(&str, FindingKey), History<'a>> = BTreeMap::new();
        for (nth, run) in runs.iter().enumerate() {
            for requirement in &run.requirements {
                for finding in &requirement.findings {
                    let key = (requirement.id.as_str(), FindingKey::of(finding));
                    let history = histories.entry(key).or_insert_with(|| History {
                        requirement,
                        finding,
                        presence: runs.iter().map(|run| without_finding(run, requirement)).collect(),
                    });
                    history.presence[nth] = Presence::Present;
                    (history.requirement, history.finding) = (requirement, finding);
                }
            }
        }
        let mut histories: Vec<History<'a>> = histories.into_values().collect();
        histories.sort_by_key(|history| {
            let finding = history.finding;
            (
                std::cmp::Reverse(history.last()),
                finding.is_known(),
                finding.verdict,
                history.requirement.level != Level::Must,
                history.first(),
            )
        });
        Self { runs, histories }
    }
}

/// What a run says about a finding that it does not have.
fn without_finding(run: &Report, requirement: &RequirementResult) -> Presence {
    let verdict = run.requirements.iter().find(|it| it.id == requirement.id).map(|it| it.verdict);
    match verdict {
        Some(Verdict::Passed | Verdict::Failed | Verdict::Flaky) => Presence::Absent,
        Some(Verdict::Inconclusive | Verdict::Skipped) | None => Presence::NotTested,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn at(day: u32, mut report: Report) -> Report {
        report.started_at = format!("2026-03-{day:02}T01:00:00Z");
        report.contract.name = "page".to_owned();
        report
    }

    #[test]
    fn finding_appears_and_disappears() {
        let mut skipped = sample::failed();
        for requirement in &mut skipped.requirements {
            requirement.findings.clear();
            requirement.verdict = Verdict::Skipped;
        }
        let mut passed = skipped.clone();
        passed.requirements.iter_mut().for_each(|it| it.verdict = Verdict::Passed);
        // In any order.
        let reports = [
            at(4, passed.clone()),
            at(2, sample::failed()),
            at(1, passed),
            at(3, skipped),
            at(5, sample::failed()),
        ];
        let series = series(&reports);
        assert_eq!(series.len(), 1);
        let days: Vec<&str> = series[0].runs.iter().map(|run| &run.started_at[8..10]).collect();
        assert_eq!(days, ["01", "02", "03", "04", "05"]);
        let history = &series[0].histories[0];
        assert_eq!(
            history.presence,
            [Presence::Absent, Presence::Present, Presence::NotTested, Presence::Absent, Presence::Present]
        );
        assert_eq!((history.first(), history.last()), (1, 4));
    }

    #[test]
    fn targets_and_contracts_are_separate() {
        let mut other = at(2, sample::failed());
        other.target.url = "http://other".to_owned();
        let reports = [at(1, sample::failed()), other];
        assert_eq!(series(&reports).len(), 2);
        assert!(series(&[]).is_empty());
    }
}
