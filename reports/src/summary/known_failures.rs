//! The words for known failures. Every rendering takes them from here.

use std::collections::BTreeSet;

use crate::model::{EntryState, Finding, KnownFailure, Report};

use super::listed::{Listed, case_name};
use super::number::number;

/// Follows the verdict of requirements that known failures cover.
pub(super) const AND_KNOWN: &str = " and known";

/// Follows the verdict of something that known failures cover.
pub(crate) fn known_mark(is_known: bool) -> &'static str {
    if is_known { ", known" } else { "" }
}

/// `2 known failures no longer apply`.
pub(super) fn outdated_sentence(report: &Report) -> String {
    match report.known_failures.iter().filter(|entry| entry.state.is_outdated()).count() {
        1 => "1 known failure no longer applies".to_owned(),
        n => format!("{} known failures no longer apply", number(n as u64)),
    }
}

/// The known failures that no longer apply, then those that were not tested, each with a text that says so.
pub fn known_failure_notes(report: &Report) -> Vec<(&KnownFailure, String)> {
    let entries = report.known_failures.iter();
    let mut notes: Vec<_> =
        entries.filter_map(|entry| Some((entry, note(entry, &report.contract.name)?))).collect();
    notes.sort_by_key(|(entry, _)| !entry.state.is_outdated());
    notes
}

/// What is wrong with an entry and what to do; none if the failure occurs.
fn note(entry: &KnownFailure, contract: &str) -> Option<String> {
    let note = match entry.state {
        EntryState::Occurs => return None,
        EntryState::Gone if entry.not_offered => {
            "the target offers it now; remove this entry, so that its cases run".to_owned()
        }
        EntryState::Gone => "no longer occurs; remove this entry".to_owned(),
        EntryState::Changed => {
            let [was, is] = [&entry.actual, &entry.instead].map(|it| it.as_deref().unwrap_or("another"));
            format!("occurs with another result, {is} instead of {was}; review it and change the entry")
        }
        EntryState::NotSeen => "is flaky and did not occur in this run".to_owned(),
        EntryState::Unmatched => {
            format!("matches no requirement and no case of the contract {contract}; see `boundstone list`")
        }
        EntryState::Expired => {
            let date = entry.expires.as_deref().unwrap_or_default();
            format!("expired on {date}; fix the failure or extend the entry")
        }
        EntryState::NotRun if entry.not_offered => {
            "was not tested: the call that checks whether the target offers it proved nothing".to_owned()
        }
        EntryState::NotRun => "was not tested: not all of its cases passed".to_owned(),
    };
    Some(note)
}

impl KnownFailure {
    /// `known.toml:7`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// The reason, the link, the last day and the place in one line.
    pub fn about(&self) -> String {
        let issue = self.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
        format!("{}{issue} ({})", self.reason, self.until())
    }

    /// `known.toml:7, until 2027-01-31`.
    pub fn until(&self) -> String {
        let until = self.expires.as_ref().map(|date| format!(", until {date}")).unwrap_or_default();
        format!("{}{until}", self.place())
    }
}

impl Listed<'_> {
    /// `failed`, `failed, known`.
    pub fn verdict(&self) -> String {
        format!("{}{}", self.finding.verdict, known_mark(self.finding.is_known()))
    }

    /// Why the finding is known, or which of its cases are not: a title and its lines. None if no known
    /// failure covers any of it.
    pub(crate) fn known(&self) -> Option<(&'static str, Vec<String>)> {
        let uncovered = &self.finding.known.as_ref()?.uncovered;
        if uncovered.is_empty() {
            return Some(("Known", self.entries().map(KnownFailure::about).collect()));
        }
        let places: Vec<String> = self.entries().map(KnownFailure::place).collect();
        let names: Vec<&str> = uncovered.iter().map(|id| case_name(self.requirement, id)).collect();
        Some(("Not known", vec![format!("{} does not cover {}", places.join(", "), names.join(", "))]))
    }
}

/// The reason of something that these known failures keep from being tested.
pub(super) fn depends_on_known(count: usize, names: &str) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("depends on known failure{plural} {names}")
}

/// The entries that cover these findings, as places: `known.toml:7, known.toml:9`.
pub(super) fn covering_entries<'a>(
    report: &'a Report,
    findings: &[&Finding],
) -> impl Iterator<Item = String> + use<'a> {
    let known = findings.iter().filter_map(|finding| finding.known.as_ref());
    let indices: BTreeSet<usize> = known.flat_map(|known| known.entries.iter().copied()).collect();
    indices.into_iter().filter_map(|index| report.known_failures.get(index)).map(KnownFailure::place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::summary::findings::findings;

    #[test]
    fn entry_that_does_not_occur_has_a_note() {
        let report = sample::outdated();
        let notes: Vec<_> = known_failure_notes(&report)
            .into_iter()
            .map(|(entry, note)| format!("{} {note}", entry.place()))
            .collect();
        assert_eq!(notes.len(), 4);
        assert_eq!(notes[0], "known.toml:9 no longer occurs; remove this entry");
        assert_eq!(notes[1], "known.toml:14 expired on 2026-02-28; fix the failure or extend the entry");
        assert!(
            notes[2].starts_with("known.toml:20 matches no requirement and no case of the contract page")
        );
        assert!(notes[3].starts_with("known.toml:24 was not tested"));
    }

    #[test]
    fn known_finding_shows_reason_link_and_place() {
        let mut report = sample::known();
        let known = |report: &Report| findings(report)[0].known().expect("covered");
        let about =
            "The limit comes with version 3. https://issues.example/7 (known.toml:3, until 2026-12-31)";
        assert_eq!(known(&report), ("Known", vec![about.to_owned()]));
        let requirement = &mut report.requirements[0];
        let known_by = requirement.findings[0].known.as_mut().expect("covered");
        known_by.uncovered.push(requirement.cases[0].id.clone());
        let uncovered = "known.toml:3 does not cover above-max".to_owned();
        assert_eq!(known(&report), ("Not known", vec![uncovered]));
    }
}
