//! One report of several: of the shards of a run, or of runs at several targets. In whichever order and
//! grouping reports are merged, the result is the same.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use cases::id::RequirementId;

use crate::dependency::{self, Judged};
use crate::report::{
    CaseResult, Covered, Dependency, Ending, EntryState, Finding, KnownFailure, Report, RequirementResult,
    TargetInfo, TargetKind, UNANSWERED, UNSELECTED, Verdict, VerdictCounts,
};

/// Why reports do not make one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("no report is given: at least one is expected")]
    Nothing,
    /// One lets a requirement pass that nothing tested.
    #[error("a report says that `{requirement}` passed, but no response tested it: run it again")]
    Unseen {
        /// The requirement.
        requirement: String,
    },
    /// They do not speak of the same thing.
    #[error(
        "the {what} differ: {one} and {other}; shards of one run, or runs at several targets with the same \
         contract, seed and known failures, make one report"
    )]
    Differ {
        /// What differs.
        what: &'static str,
        /// The one.
        one: String,
        /// The other one.
        other: String,
    },
}

/// One report of several.
///
/// # Errors
/// There is none, or they do not belong together.
pub fn merge(reports: impl IntoIterator<Item = Report>) -> Result<Report, MergeError> {
    let mut reports = reports.into_iter();
    let first = reports.next().ok_or(MergeError::Nothing)?;
    let mut merged = reports.try_fold(seen(first)?, |merged, report| both(merged, seen(report)?))?;
    close(&mut merged);
    Ok(merged)
}

/// A report in which nothing passes unseen.
fn seen(report: Report) -> Result<Report, MergeError> {
    match report.passes_unseen() {
        Some(requirement) => Err(MergeError::Unseen { requirement: requirement.id.to_string() }),
        None => Ok(report),
    }
}

fn same<T: PartialEq>(
    what: &'static str,
    one: &T,
    other: &T,
    shown: impl Fn(&T) -> String,
) -> Result<(), MergeError> {
    if one == other { Ok(()) } else { Err(MergeError::Differ { what, one: shown(one), other: shown(other) }) }
}

/// Takes note of more. Nobody vouches for what stands in a report: a sum has an end.
fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

/// What a report has requirements and cases on, without what the run says of them.
fn stated(report: &Report) -> Vec<RequirementResult> {
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

/// One report of two.
fn both(mut a: Report, mut b: Report) -> Result<Report, MergeError> {
    same("contracts", &a.contract, &b.contract, |it| {
        format!("{} ({})", it.name, &it.digest.get(..8).unwrap_or("?"))
    })?;
    same("seeds", &a.seed, &b.seed, ToString::to_string)?;
    let entries = |report: &Report| -> Vec<KnownFailure> {
        let stateless =
            |entry: &KnownFailure| KnownFailure { state: EntryState::NotRun, instead: None, ..entry.clone() };
        report.known_failures.iter().map(stateless).collect()
    };
    same("known failures", &entries(&a), &entries(&b), |it| format!("{} entries", it.len()))?;
    let (one, other) = (stated(&a), stated(&b));
    same("requirements", &one.len(), &other.len(), usize::to_string)?;
    for (one, other) in one.iter().zip(&other) {
        same("requirements", one, other, |it| format!("`{}` ({}; {})", it.id, it.text, it.source))?;
    }
    // What changed from one contract to another is as the newer boundstone has it.
    let (own, other) = (a.drift.take(), b.drift.take());
    let drift = if a.boundstone < b.boundstone { other.or(own) } else { own.or(other) };
    if a.target.url != b.target.url {
        for report in [&mut a, &mut b] {
            let url = report.target.url.clone();
            for finding in report.requirements.iter_mut().flat_map(|it| &mut it.findings) {
                finding.target.get_or_insert_with(|| url.clone());
            }
        }
    }
    let mut totals = a.totals.clone();
    for (sum, more) in [
        (&mut totals.cases, b.totals.cases),
        (&mut totals.requests, b.totals.requests),
        (&mut totals.judged, b.totals.judged),
    ] {
        add(sum, more);
    }
    let requirements: Vec<RequirementResult> =
        a.requirements.into_iter().zip(b.requirements).map(|(a, b)| requirement(a, b)).collect();
    Ok(Report {
        schema_version: a.schema_version.max(b.schema_version),
        boundstone: a.boundstone.max(b.boundstone),
        contract: a.contract,
        target: target(a.target, &b.target),
        seed: a.seed,
        started_at: a.started_at.min(b.started_at),
        // They ran side by side.
        seconds: a.seconds.max(b.seconds),
        ending: ending(a.ending, b.ending),
        strict: a.strict || b.strict,
        totals,
        requirements,
        known_failures: a
            .known_failures
            .into_iter()
            .zip(b.known_failures)
            .map(|(a, b)| entry(a, &b))
            .collect(),
        drift,
        latency: a.latency.and(b.latency),
    })
}

/// What can be said only of the whole.
fn close(report: &mut Report) {
    let mut counts = VerdictCounts::default();
    let is_unselected = |verdict: Verdict, reason: &Option<String>| {
        verdict == Verdict::Skipped && reason.as_deref() == Some(UNSELECTED)
    };
    let cases = report.requirements.iter().flat_map(|requirement| &requirement.cases);
    let is_whole = !cases.clone().any(|case| is_unselected(case.verdict, &case.reason));
    let blocked = report.requirements.iter().filter(|requirement| !requirement.depends_on.is_empty());
    let open: BTreeMap<RequirementId, Judged> =
        blocked.map(|it| (it.id.clone(), dependency::judged(report, &it.depends_on))).collect();
    for requirement in &mut report.requirements {
        for finding in &mut requirement.findings {
            // What they were in the parts.
            (finding.number, finding.group) = (0, 0);
        }
        if is_whole && requirement.cases.is_empty() && is_unselected(requirement.verdict, &requirement.reason)
        {
            (requirement.verdict, requirement.reason) = match open.get(&requirement.id) {
                Some(judged) => judged.clone(),
                None => (Verdict::Inconclusive, Some(UNANSWERED.to_owned())),
            };
        }
        counts.add(requirement.verdict);
    }
    report.totals.requirements = counts;
}

fn target(a: TargetInfo, b: &TargetInfo) -> TargetInfo {
    if a.kind == b.kind && a.url == b.url && a.notes == b.notes {
        return a;
    }
    let mut urls: Vec<&str> = a.targets().chain(b.targets()).collect();
    urls.sort_unstable();
    urls.dedup();
    let mut notes: Vec<String> = a.notes.iter().chain(&b.notes).cloned().collect();
    notes.sort();
    notes.dedup();
    let is_mock = a.kind == TargetKind::Mock && b.kind == TargetKind::Mock;
    let kind = if is_mock { TargetKind::Mock } else { TargetKind::Url };
    TargetInfo { kind, url: urls.join(TargetInfo::AND), notes }
}

/// The worse of two ends.
fn ending(a: Ending, b: Ending) -> Ending {
    let key = |ending: &Ending| match ending {
        Ending::NotJudged { reason } => (0, reason.clone()),
        Ending::Interrupted { reason } => (1, reason.clone()),
        Ending::Complete => (2, String::new()),
    };
    if key(&a) <= key(&b) { a } else { b }
}

fn requirement(a: RequirementResult, b: RequirementResult) -> RequirementResult {
    let sides = [(a.verdict, a.depends_on), (b.verdict, b.depends_on)];
    let (verdict, reason) = worse((a.verdict, a.reason), (b.verdict, b.reason));
    let mut findings: BTreeMap<Key, Finding> = BTreeMap::new();
    for one in a.findings.into_iter().chain(b.findings) {
        let key = Key::of(&one);
        let whole = match findings.remove(&key) {
            Some(known) => finding(known, one),
            None => one,
        };
        findings.insert(key, whole);
    }
    let mut findings: Vec<Finding> = findings.into_values().collect();
    findings.sort_by(order);
    let mut observations = a.observations;
    for (seen, count) in b.observations {
        add(observations.entry(seen).or_default(), count);
    }
    RequirementResult {
        verdict,
        reason,
        cases: a.cases.into_iter().zip(b.cases).map(|(a, b)| case(a, b)).collect(),
        requests: a.requests.saturating_add(b.requests),
        responses: a.responses.saturating_add(b.responses),
        depends_on: depends_on(verdict, sides),
        findings,
        observations,
        id: a.id,
        operation: a.operation,
        level: a.level,
        text: a.text,
        source: a.source,
    }
}

fn case(a: CaseResult, b: CaseResult) -> CaseResult {
    let sides = [(a.verdict, a.depends_on), (b.verdict, b.depends_on)];
    let (verdict, reason) = worse((a.verdict, a.reason), (b.verdict, b.reason));
    let requests = a.requests.saturating_add(b.requests);
    CaseResult { id: a.id, verdict, reason, requests, depends_on: depends_on(verdict, sides) }
}

/// The failures that keep something from being tested which has this verdict over all. If something else
/// does too on one side, no failure is to blame.
fn depends_on(verdict: Verdict, sides: [(Verdict, Vec<Dependency>); 2]) -> Vec<Dependency> {
    if !matches!(verdict, Verdict::Inconclusive | Verdict::Skipped) {
        return Vec::new();
    }
    let alike: Vec<_> =
        sides.into_iter().filter(|(own, _)| *own == verdict).map(|(_, failures)| failures).collect();
    if verdict == Verdict::Inconclusive && alike.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let all: BTreeSet<Dependency> = alike.into_iter().flatten().collect();
    all.into_iter().collect()
}

/// The worse of two verdicts, but what was tried comes before what was not.
fn worse(a: Judged, b: Judged) -> Judged {
    let key = |(verdict, reason): &Judged| {
        // What `close` says of the shards of one run is no verdict to those of another.
        let is_skipped = *verdict == Verdict::Skipped || reason.as_deref() == Some(UNANSWERED);
        let says_nothing = reason.as_deref().is_none_or(|reason| reason == UNSELECTED);
        (is_skipped, *verdict, says_nothing, reason.clone())
    };
    if key(&a) <= key(&b) { a } else { b }
}

/// What makes two findings the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    target: Option<String>,
    field: String,
    expected: String,
    actual: String,
}

impl Key {
    pub(crate) fn of(finding: &Finding) -> Self {
        let first = finding.differences.first();
        let of =
            |part: fn(&crate::report::Difference) -> &String| first.map(part).cloned().unwrap_or_default();
        Self {
            target: finding.target.clone(),
            field: of(|it| &it.field),
            expected: of(|it| &it.expected),
            actual: of(|it| &it.actual),
        }
    }
}

/// The worse finding first, then the smaller one.
fn order(a: &Finding, b: &Finding) -> Ordering {
    let size = |finding: &Finding| {
        let requests = finding.counterexample.iter().map(|exchange| &exchange.request);
        let bytes = requests.map(|it| it.body.byte_len().saturating_add(it.target.len() as u64));
        let bytes = bytes.fold(0, u64::saturating_add);
        (finding.counterexample.len(), bytes)
    };
    let key = |finding: &Finding| {
        (finding.verdict, size(finding), finding.case.clone(), Key::of(finding), finding.curl.clone())
    };
    // Two runs may have got answers that differ elsewhere.
    let all = |finding: &Finding| {
        let one = Finding {
            number: 0,
            group: 0,
            cases: Vec::new(),
            known: None,
            count: 0,
            of: None,
            ..finding.clone()
        };
        format!("{one:?}")
    };
    key(a).cmp(&key(b)).then_with(|| all(a).cmp(&all(b)))
}

/// One finding of two of the same difference: the worse one, and of two equals the smaller one.
fn finding(a: Finding, b: Finding) -> Finding {
    let count = a.count.saturating_add(b.count);
    let of = match (a.of, b.of) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (one, other) => one.or(other),
    };
    let mut cases: Vec<_> = a.cases.iter().chain(&b.cases).cloned().collect();
    cases.sort();
    cases.dedup();
    let known = (a.known.is_some() || b.known.is_some()).then(|| covered(&a, &b));
    let first = if order(&a, &b) == Ordering::Greater { b } else { a };
    Finding { cases, known, count, of, ..first }
}

/// How far known failures cover both findings together.
fn covered(a: &Finding, b: &Finding) -> Covered {
    let uncovered = |finding: &Finding| match &finding.known {
        Some(covered) => covered.uncovered.clone(),
        None => finding.cases.clone(),
    };
    let entries = [a, b].into_iter().filter_map(|finding| finding.known.as_ref());
    let mut entries: Vec<usize> = entries.flat_map(|covered| covered.entries.clone()).collect();
    entries.sort_unstable();
    entries.dedup();
    let mut uncovered = [uncovered(a), uncovered(b)].concat();
    uncovered.sort();
    uncovered.dedup();
    Covered { entries, uncovered }
}

/// An entry of the known failures: it occurs if it does anywhere, and is gone if nothing contradicts that.
fn entry(a: KnownFailure, b: &KnownFailure) -> KnownFailure {
    let rank = |state: EntryState| match state {
        EntryState::Unmatched => 0,
        EntryState::Expired => 1,
        EntryState::Occurs => 2,
        EntryState::Changed => 3,
        EntryState::Gone => 4,
        EntryState::NotSeen => 5,
        EntryState::NotRun => 6,
    };
    let state = if rank(a.state) <= rank(b.state) { a.state } else { b.state };
    let others = [&a, b].into_iter().filter(|it| it.state == state);
    let instead = others.filter_map(|it| it.instead.clone()).min();
    KnownFailure { state, instead, ..a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Outcome, outcome};
    use crate::sample;
    use crate::summary::answer;

    /// A report in which only every `of`th case was tried, from the `index`th on.
    fn shard(whole: &Report, index: usize, of: usize) -> Report {
        let mut report = whole.clone();
        let mut number = 0;
        for requirement in &mut report.requirements {
            // One on every answer is tried by all.
            let mut tried = requirement.cases.is_empty() && index == 0;
            for case in &mut requirement.cases {
                if number % of == index {
                    tried = true;
                } else {
                    (case.verdict, case.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
                }
                number += 1;
            }
            if !tried {
                (requirement.verdict, requirement.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
                requirement.findings.clear();
            }
        }
        report
    }

    #[test]
    fn a_report_in_which_something_passes_unseen_is_refused() {
        let (whole, mut unseen) = (sample::all_held(), sample::all_held());
        unseen.requirements[1].responses = 0;
        let requirement = whole.requirements[1].id.to_string();
        let refused = Err(MergeError::Unseen { requirement });
        assert_eq!(merge([unseen.clone()]), refused);
        assert_eq!(merge([whole.clone(), unseen.clone()]), refused);
        assert_eq!(merge([unseen, whole.clone()]), refused);
        let merged = merge([whole.clone(), whole.clone()]).unwrap();
        assert_eq!(merged.requirements[1].responses, 2 * whole.requirements[1].responses);
    }

    #[test]
    fn what_a_known_failure_keeps_from_being_tested_is_skipped_in_the_whole_too() {
        let whole = sample::blocked();
        let last = |report: &Report| {
            let last = report.requirements.last().unwrap().clone();
            (last.verdict, last.reason, last.depends_on)
        };
        for of in [1, 2, 3] {
            let shards: Vec<Report> = (0..of).map(|index| shard(&whole, index, of)).collect();
            assert_eq!(last(&merge(shards).unwrap()), last(&whole), "{of}");
        }
        // One on every answer is open in each shard, since others might show it.
        let mut shards = [shard(&whole, 0, 2), shard(&whole, 1, 2)];
        for shard in &mut shards {
            let last = shard.requirements.last_mut().unwrap();
            last.cases.clear();
            (last.verdict, last.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
        }
        assert_eq!(last(&merge(shards.clone()).unwrap()), last(&whole));
        let known =
            |shard: &mut Report| shard.requirements[0].findings.iter_mut().for_each(|it| it.known = None);
        shards.iter_mut().for_each(known);
        assert_eq!(merge(shards).unwrap().requirements.last().unwrap().verdict, Verdict::Inconclusive);
    }

    #[test]
    fn what_keeps_a_case_from_being_tested_is_the_same_in_any_order_and_grouping() {
        use Verdict::{Failed, Inconclusive, Passed, Skipped};
        let failures = |names: &[&str]| -> Vec<Dependency> {
            let failure = |name: &&str| Dependency {
                requirement: RequirementId::new([*name]),
                field: "status".to_owned(),
                actual: "500".to_owned(),
            };
            names.iter().map(failure).collect()
        };
        let case = |verdict, names: &[&str]| {
            let template = sample::all_held().requirements[0].cases[0].clone();
            CaseResult { verdict, reason: None, depends_on: failures(names), ..template }
        };
        let all = [
            case(Passed, &[]),
            case(Failed, &[]),
            case(Inconclusive, &[]),
            case(Inconclusive, &["a"]),
            case(Inconclusive, &["b"]),
            case(Skipped, &["a"]),
            case(Skipped, &["c"]),
            case(Skipped, &[]),
        ];
        let both = |a: &CaseResult, b: &CaseResult| super::case(a.clone(), b.clone());
        for (a, b, c) in all
            .iter()
            .flat_map(|a| all.iter().flat_map(|b| all.iter().map(|c| (a.clone(), b.clone(), c.clone()))))
        {
            assert_eq!(both(&both(&a, &b), &c), both(&a, &both(&b, &c)));
            assert_eq!(both(&a, &b), both(&b, &a));
        }
        assert_eq!(both(&all[3], &all[4]).depends_on, failures(&["a", "b"]));
        assert_eq!(both(&all[2], &all[3]).depends_on, failures(&[]));
        assert_eq!(both(&all[0], &all[5]).verdict, Passed);
    }

    #[test]
    fn shards_make_the_whole_in_any_order_and_grouping() {
        let whole = sample::failed();
        for of in [1, 2, 3, 7] {
            let shards: Vec<Report> = (0..of).map(|index| shard(&whole, index, of)).collect();
            let merged = merge(shards.clone()).unwrap();
            let verdicts = |report: &Report| -> Vec<Verdict> {
                let of = |it: &RequirementResult| {
                    std::iter::once(it.verdict).chain(it.cases.iter().map(|case| case.verdict)).collect()
                };
                report.requirements.iter().flat_map(|it| -> Vec<Verdict> { of(it) }).collect()
            };
            assert_eq!(verdicts(&merged), verdicts(&whole), "{of}");
            assert_eq!(outcome(&merged), Outcome::Failed);
            assert_eq!(merge(shards.clone().into_iter().rev()).unwrap(), merged, "{of}");
            let (one, other) = shards.split_at(of / 2);
            let halves = [one, other].into_iter().filter(|half| !half.is_empty());
            let halves: Vec<Report> = halves.map(|half| merge(half.to_vec()).unwrap()).collect();
            assert_eq!(merge(halves).unwrap(), merged, "{of}");
        }
    }

    #[test]
    fn findings_of_several_targets_say_whose_they_are() {
        let at = |url: &str| {
            let mut report = sample::failed();
            report.target.url = url.to_owned();
            report
        };
        let merged = merge([at("http://b"), at("http://a"), at("http://b")]).unwrap();
        assert_eq!(merged.target.url, "http://a, http://b");
        assert!(answer(&merged).starts_with("http://a, http://b break the contract "), "{}", answer(&merged));
        let of = |url: &str| {
            let findings = merged.requirements.iter().flat_map(|it| &it.findings);
            findings.filter(|it| it.target.as_deref() == Some(url)).map(|it| it.count).sum::<u64>()
        };
        assert!(of("http://a") > 0);
        assert_eq!(of("http://b"), 2 * of("http://a"));
    }

    #[test]
    fn what_nobody_vouches_for_is_merged_in_any_order_and_grouping() {
        let huge = |url: &str| {
            let mut report = sample::failed();
            report.target.url = url.to_owned();
            report.totals.requests = u64::MAX;
            for requirement in &mut report.requirements {
                requirement.requests = u64::MAX;
                for finding in &mut requirement.findings {
                    (finding.count, finding.replay) = (u64::MAX, format!("boundstone replay {url}"));
                    finding.target = Some("http://shared".to_owned());
                }
            }
            report
        };
        let all = [huge("http://a"), huge("http://b"), huge("http://c")];
        let [a, b, c] = all.clone();
        let merged = merge(all.clone()).unwrap();
        assert_eq!(merged.totals.requests, u64::MAX);
        assert_eq!(merge(all.into_iter().rev()).unwrap(), merged);
        assert_eq!(merge([a, merge([b, c]).unwrap()]).unwrap(), merged);
    }

    /// Two shards of which none had an answer that would show something, and a run that had one.
    #[test]
    fn what_is_said_of_a_whole_is_no_verdict_to_another_run() {
        let with = |verdict, reason: Option<&str>| {
            let mut report = sample::failed();
            let requirement = report.requirements.iter_mut().find(|it| it.cases.is_empty()).unwrap();
            (requirement.verdict, requirement.reason) = (verdict, reason.map(str::to_owned));
            requirement.findings.clear();
            report
        };
        let shard = || with(Verdict::Skipped, Some(UNSELECTED));
        let passed = with(Verdict::Passed, None);
        let grouped = merge([merge([shard(), shard()]).unwrap(), passed.clone()]).unwrap();
        assert_eq!(grouped, merge([shard(), shard(), passed]).unwrap());
    }

    #[test]
    fn what_does_not_belong_together_is_named() {
        assert_eq!(merge([]), Err(MergeError::Nothing));
        let one = sample::failed();
        let differ = |change: fn(&mut Report)| {
            let mut other = one.clone();
            change(&mut other);
            merge([one.clone(), other]).unwrap_err().to_string()
        };
        assert!(differ(|it| it.seed = 7).starts_with("the seeds differ: "));
        assert!(differ(|it| it.contract.digest = "00".repeat(32)).starts_with("the contracts differ: "));
        assert!(differ(|it| drop(it.requirements.pop())).starts_with("the requirements differ: "));
    }

    #[test]
    fn the_worst_end_is_the_end_of_all() {
        let merged = merge([sample::failed(), sample::failed()]).unwrap();
        assert_eq!(merged.ending, Ending::Complete);
        let ending = Ending::Interrupted { reason: "Stopped by Ctrl-C.".to_owned() };
        let merged = merge([sample::failed(), Report { ending, ..sample::failed() }]).unwrap();
        assert_eq!(outcome(&merged), Outcome::Interrupted);
    }
}
