//! Merges reports. The result does not depend on the order or the grouping in which reports are merged.

use std::collections::{BTreeMap, BTreeSet};

use cases::id::RequirementId;

use crate::model::{
    CaseResult, Ending, EntryState, KnownFailure, Report, RequirementResult, TargetInfo, TargetKind, Totals,
    UNSELECTED, UNTESTED, Verdict, VerdictCounts,
};
use crate::summary::{Explained, blocked_verdict};

use super::error::MergeError;
use super::finding::merge_known_failure;
use super::requirement::merge_requirement;

/// Merges the shards of a run, or runs at several targets, into one report. The caller numbers the findings.
///
/// # Errors
/// There are no reports, they do not belong together, or one of them is invalid.
pub fn merge(reports: impl IntoIterator<Item = Report>) -> Result<Report, MergeError> {
    let mut reports = reports.into_iter();
    let first = checked(reports.next().ok_or(MergeError::NoReports)?)?;
    let mut merged = reports.try_fold(first, |merged, report| merge_two(merged, checked(report)?))?;
    conclude(&mut merged);
    Ok(merged)
}

/// The report, if every requirement that passed was tested.
fn checked(report: Report) -> Result<Report, MergeError> {
    match report.passed_untested() {
        Some(requirement) => Err(MergeError::PassedUntested { requirement: requirement.id.to_string() }),
        None => Ok(report),
    }
}

fn merge_two(mut a: Report, mut b: Report) -> Result<Report, MergeError> {
    check_same_plan(&a, &b)?;
    let (of_a, of_b) = (a.contract_changes.take(), b.contract_changes.take());
    // Those of the newer boundstone.
    let contract_changes = if a.boundstone < b.boundstone { of_b.or(of_a) } else { of_a.or(of_b) };
    if a.target.url != b.target.url {
        name_targets(&mut a);
        name_targets(&mut b);
    }
    Ok(Report {
        schema_version: a.schema_version.max(b.schema_version),
        boundstone: a.boundstone.max(b.boundstone),
        contract: a.contract,
        target: merge_target(a.target, &b.target),
        seed: a.seed,
        started_at: a.started_at.min(b.started_at),
        // They ran side by side.
        seconds: a.seconds.max(b.seconds),
        ending: worse_ending(a.ending, b.ending),
        strict: a.strict || b.strict,
        totals: merge_totals(&a.totals, &b.totals),
        requirements: zip_with(a.requirements, b.requirements, merge_requirement),
        known_failures: zip_with(a.known_failures, b.known_failures, |a, b| merge_known_failure(a, &b)),
        contract_changes,
        latency: a.latency.and(b.latency),
    })
}

/// Checks that two reports are of the same contract, seed and known failures.
fn check_same_plan(a: &Report, b: &Report) -> Result<(), MergeError> {
    check_same("contracts", &a.contract, &b.contract, |it| {
        format!("{} ({})", it.name, &it.digest.get(..8).unwrap_or("?"))
    })?;
    check_same("seeds", &a.seed, &b.seed, ToString::to_string)?;
    check_same("known failures", &entries(a), &entries(b), |it| format!("{} entries", it.len()))?;
    let (one, other) = (without_results(a), without_results(b));
    check_same("requirements", &one.len(), &other.len(), usize::to_string)?;
    for (one, other) in one.iter().zip(&other) {
        check_same("requirements", one, other, |it| format!("`{}` ({}; {})", it.id, it.text, it.source))?;
    }
    Ok(())
}

fn check_same<T: PartialEq>(
    what: &'static str,
    one: &T,
    other: &T,
    shown: impl Fn(&T) -> String,
) -> Result<(), MergeError> {
    if one == other { Ok(()) } else { Err(MergeError::Differ { what, one: shown(one), other: shown(other) }) }
}

/// The known failures without what the run says about them.
fn entries(report: &Report) -> Vec<KnownFailure> {
    let entries = report.known_failures.iter();
    entries.map(|entry| KnownFailure { state: EntryState::NotRun, instead: None, ..entry.clone() }).collect()
}

/// The requirements and cases of a report without their results.
fn without_results(report: &Report) -> Vec<RequirementResult> {
    let case = |case: &CaseResult| CaseResult {
        verdict: Verdict::Skipped,
        reason: None,
        requests: 0,
        depends_on: Vec::new(),
        ..case.clone()
    };
    let requirement = |it: &RequirementResult| RequirementResult {
        id: it.id.clone(),
        operation: it.operation.clone(),
        level: it.level,
        text: it.text.clone(),
        source: it.source.clone(),
        verdict: Verdict::Skipped,
        reason: None,
        cases: it.cases.iter().map(case).collect(),
        requests: 0,
        responses: 0,
        depends_on: Vec::new(),
        findings: Vec::new(),
        observations: BTreeMap::new(),
    };
    report.requirements.iter().map(requirement).collect()
}

/// Sets the target of all findings that have none.
fn name_targets(report: &mut Report) {
    let url = &report.target.url;
    for finding in report.requirements.iter_mut().flat_map(|it| &mut it.findings) {
        finding.target.get_or_insert_with(|| url.clone());
    }
}

fn merge_target(a: TargetInfo, b: &TargetInfo) -> TargetInfo {
    if a == *b {
        return a;
    }
    let urls: BTreeSet<&str> = a.targets().chain(b.targets()).collect();
    let urls: Vec<&str> = urls.into_iter().collect();
    let notes: BTreeSet<&String> = a.notes.iter().chain(&b.notes).collect();
    let is_mock = a.kind == TargetKind::Mock && b.kind == TargetKind::Mock;
    TargetInfo {
        kind: if is_mock { TargetKind::Mock } else { TargetKind::Url },
        url: urls.join(TargetInfo::SEPARATOR),
        notes: notes.into_iter().cloned().collect(),
    }
}

/// The worse of two endings.
fn worse_ending(a: Ending, b: Ending) -> Ending {
    let key = |ending: &Ending| match ending {
        Ending::NotTested { reason } => (0, reason.clone()),
        Ending::Interrupted { reason } => (1, reason.clone()),
        Ending::Complete => (2, String::new()),
    };
    if key(&a) <= key(&b) { a } else { b }
}

/// The sums of both. The reports are untrusted, so the sums must not overflow.
fn merge_totals(a: &Totals, b: &Totals) -> Totals {
    Totals {
        // `conclude` counts them.
        requirements: a.requirements,
        cases: a.cases.saturating_add(b.cases),
        requests: a.requests.saturating_add(b.requests),
        responses: a.responses.saturating_add(b.responses),
    }
}

fn zip_with<T>(a: Vec<T>, b: Vec<T>, merge: impl Fn(T, T) -> T) -> Vec<T> {
    a.into_iter().zip(b).map(|(a, b)| merge(a, b)).collect()
}

/// Sets what only the whole report tells: the requirements on every response, and the totals.
fn conclude(report: &mut Report) {
    let verdicts = untested_verdicts(report);
    let mut counts = VerdictCounts::default();
    for requirement in &mut report.requirements {
        for finding in &mut requirement.findings {
            // The numbers are those of the parts.
            (finding.number, finding.group) = (0, 0);
        }
        if let Some(explained) = verdicts.get(&requirement.id) {
            (requirement.verdict, requirement.reason) = explained.clone();
        }
        counts.add(requirement.verdict);
    }
    report.totals.requirements = counts;
}

/// The verdicts on the requirements on every response that no part tested. There are none as long as a case
/// is missing, since its responses might test them.
fn untested_verdicts(report: &Report) -> BTreeMap<RequirementId, Explained> {
    let requirements = || report.requirements.iter();
    let mut cases = requirements().flat_map(|requirement| &requirement.cases);
    if cases.any(|case| is_unselected(case.verdict, case.reason.as_deref())) {
        return BTreeMap::new();
    }
    let untested = requirements()
        .filter(|it| it.cases.is_empty() && is_unselected(it.verdict, it.reason.as_deref()))
        .map(|it| match it.depends_on.as_slice() {
            [] => (it.id.clone(), (Verdict::Inconclusive, Some(UNTESTED.to_owned()))),
            failures => (it.id.clone(), blocked_verdict(report, failures)),
        });
    untested.collect()
}

fn is_unselected(verdict: Verdict, reason: Option<&str>) -> bool {
    verdict == Verdict::Skipped && reason == Some(UNSELECTED)
}
