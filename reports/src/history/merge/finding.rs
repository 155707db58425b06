//! Merges two findings of the same difference, and the known failures that cover them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::history::finding_key::FindingKey;
use crate::model::{EntryState, Finding, KnownBy, KnownFailure};

/// Merges the findings of a requirement, the worst first.
pub(super) fn merge_findings(a: Vec<Finding>, b: Vec<Finding>) -> Vec<Finding> {
    let mut merged: BTreeMap<FindingKey, Finding> = BTreeMap::new();
    for finding in a.into_iter().chain(b) {
        let key = FindingKey::of(&finding);
        let whole = match merged.remove(&key) {
            Some(other) => merge_finding(other, finding),
            None => finding,
        };
        merged.insert(key, whole);
    }
    let mut merged: Vec<Finding> = merged.into_values().collect();
    merged.sort_by(compare);
    merged
}

/// Merges two findings of the same difference: the worse one, and of two equals the smaller one.
fn merge_finding(a: Finding, b: Finding) -> Finding {
    let count = a.count.saturating_add(b.count);
    let of = match (a.of, b.of) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (one, other) => one.or(other),
    };
    let cases = sorted_union(a.cases.clone(), &b.cases);
    let known = (a.known.is_some() || b.known.is_some()).then(|| merge_known(&a, &b));
    let first = if compare(&a, &b) == Ordering::Greater { b } else { a };
    Finding { cases, known, count, of, ..first }
}

/// The worse finding first, then the one with the smaller counterexample.
fn compare(a: &Finding, b: &Finding) -> Ordering {
    let key = |finding: &Finding| {
        let (case, curl) = (finding.case.clone(), finding.curl.clone());
        (finding.verdict, size(finding), case, FindingKey::of(finding), curl)
    };
    key(a).cmp(&key(b)).then_with(|| evidence(a).cmp(&evidence(b)))
}

/// The number of requests and of bytes of the counterexample.
fn size(finding: &Finding) -> (usize, u64) {
    let requests = finding.counterexample.iter().map(|exchange| &exchange.request);
    let bytes = requests.map(|it| it.body.byte_len().saturating_add(it.target.len() as u64));
    (finding.counterexample.len(), bytes.fold(0, u64::saturating_add))
}

/// All that two runs may have recorded differently, as text.
fn evidence(finding: &Finding) -> String {
    let evidence = Finding {
        number: 0,
        group: 0,
        cases: Vec::new(),
        known: None,
        count: 0,
        of: None,
        ..finding.clone()
    };
    format!("{evidence:?}")
}

/// The known failures that cover both findings together.
fn merge_known(a: &Finding, b: &Finding) -> KnownBy {
    let entries = |finding: &Finding| finding.known.as_ref().map(|it| it.entries.clone()).unwrap_or_default();
    let uncovered = |finding: &Finding| match &finding.known {
        Some(known) => known.uncovered.clone(),
        None => finding.cases.clone(),
    };
    KnownBy {
        entries: sorted_union(entries(a), &entries(b)),
        uncovered: sorted_union(uncovered(a), &uncovered(b)),
    }
}

/// Merges the results of a known failure: it occurs if it occurs anywhere, and is gone if no report
/// contradicts that.
pub(super) fn merge_known_failure(a: KnownFailure, b: &KnownFailure) -> KnownFailure {
    let state = if rank(a.state) <= rank(b.state) { a.state } else { b.state };
    let with_state = [&a, b].into_iter().filter(|entry| entry.state == state);
    let instead = with_state.filter_map(|entry| entry.instead.clone()).min();
    KnownFailure { state, instead, ..a }
}

/// The state of the lower rank is that of the whole.
fn rank(state: EntryState) -> u8 {
    match state {
        EntryState::Unmatched => 0,
        EntryState::Expired => 1,
        EntryState::Occurs => 2,
        EntryState::Changed => 3,
        EntryState::Gone => 4,
        EntryState::NotSeen => 5,
        EntryState::NotRun => 6,
    }
}

/// The elements of both lists, sorted, each once.
fn sorted_union<T: Ord + Clone>(mut a: Vec<T>, b: &[T]) -> Vec<T> {
    a.extend_from_slice(b);
    a.sort();
    a.dedup();
    a
}
