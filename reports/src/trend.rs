//! What became of a target over many runs.

use std::collections::BTreeMap;

use cases::id::Level;

use crate::merge::Key;
use crate::report::{Finding, Report, RequirementResult, Verdict};

/// The runs of one target by one contract, the earliest first.
#[derive(Debug)]
pub struct Series<'a> {
    /// The reports of the runs.
    pub runs: Vec<&'a Report>,
    /// Everything that was found in any of them: what the last run found first, then what was found last.
    pub histories: Vec<History<'a>>,
}

/// A finding over the runs of a series.
#[derive(Debug)]
pub struct History<'a> {
    /// The requirement that it contradicts, as the last run that found it has it.
    pub requirement: &'a RequirementResult,
    /// The finding of that run.
    pub finding: &'a Finding,
    /// What each run says of it.
    pub seen: Vec<Seen>,
}

/// What a run says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is there.
    There,
    /// The requirement was judged, and it is not there.
    Absent,
    /// The requirement was not judged, or the contract did not have it.
    NotJudged,
}

impl History<'_> {
    /// The index of the first run that found it.
    pub fn first(&self) -> usize {
        self.seen.iter().position(|seen| *seen == Seen::There).unwrap_or_default()
    }

    /// The index of the last run that found it.
    pub fn last(&self) -> usize {
        self.seen.iter().rposition(|seen| *seen == Seen::There).unwrap_or_default()
    }
}

/// The series of these reports, in the order of targets and contracts. What `reports` are in does not
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
        let mut histories: BTreeMap<(&str, Key), History<'a>> = BTreeMap::new();
        for (nth, run) in runs.iter().enumerate() {
            for requirement in &run.requirements {
                for finding in &requirement.findings {
                    let of = (requirement.id.as_str(), Key::of(finding));
                    let seen = || runs.iter().map(|run| absent(run, requirement)).collect();
                    let history =
                        histories.entry(of).or_insert_with(|| History { requirement, finding, seen: seen() });
                    history.seen[nth] = Seen::There;
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

/// What a run says of a finding that it does not have.
fn absent(run: &Report, requirement: &RequirementResult) -> Seen {
    let verdict = run.requirements.iter().find(|it| it.id == requirement.id).map(|it| it.verdict);
    match verdict {
        Some(Verdict::Passed | Verdict::Failed | Verdict::Flaky) => Seen::Absent,
        Some(Verdict::Inconclusive | Verdict::Skipped) | None => Seen::NotJudged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn at(day: u32, mut report: Report) -> Report {
        report.started_at = format!("2026-03-{day:02}T01:00:00Z");
        report.contract.name = "page".to_owned();
        report
    }

    #[test]
    fn a_finding_comes_stays_and_goes() {
        let mut skipped = sample::failed();
        for requirement in &mut skipped.requirements {
            requirement.findings.clear();
            requirement.verdict = Verdict::Skipped;
        }
        let mut passed = skipped.clone();
        passed.requirements.iter_mut().for_each(|it| it.verdict = Verdict::Passed);
        // In no order.
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
        assert_eq!(history.seen, [Seen::Absent, Seen::There, Seen::NotJudged, Seen::Absent, Seen::There]);
        assert_eq!((history.first(), history.last()), (1, 4));
    }

    #[test]
    fn targets_and_contracts_are_kept_apart() {
        let mut other = at(2, sample::failed());
        other.target.url = "http://other".to_owned();
        let reports = [at(1, sample::failed()), other];
        assert_eq!(series(&reports).len(), 2);
        assert!(series(&[]).is_empty());
    }
}
