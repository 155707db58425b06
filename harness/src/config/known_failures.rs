//! Known failures: the failures that a user accepts, each with a reason.
//!
//! The pattern of an entry has the syntax of `--only` and is matched against the ids of requirements and
//! cases. A finding is known if entries cover each case of its requirement that showed it: by the id of the
//! case, or by the id of the requirement, which covers all its cases. An entry for a case covers no other
//! case of the requirement, and no finding of the case against another requirement. An entry with `actual`
//! covers only this result. A finding that only cases of other requirements showed, and one against a
//! requirement on every response, is covered by the id of its requirement.
//!
//! What cannot be tested because of a known failure is skipped.

use std::path::{Path, PathBuf};

use cases::catalogue::{Case, Catalogue};
use cases::id::{CaseId, RequirementId};
use jiff::civil::Date;
use reports::model::{EntryState, Finding, KnownBy, KnownFailure, Report, Verdict};
use reports::render::escape::is_address;
use reports::summary::resolve_blocked;
use serde::Deserialize;
use toml::Spanned;

use crate::config::pattern::Pattern;
use crate::config::report_lookup::{actual, ids};
use crate::config::user_file::{FileError, read_text};

/// Known failures that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownFailuresError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// A line is not valid.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and what to write instead.
        problem: String,
    },
}

/// The entries in their order.
#[derive(Debug, Clone, Default)]
pub struct KnownFailures {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    expires: Option<Date>,
    /// The entry in the form of the report; [`KnownFailures::apply`] sets its state.
    failure: KnownFailure,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Spanned<RawEntry>>,
}

/// An entry of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    case: Spanned<String>,
    actual: Option<Spanned<String>>,
    #[serde(default)]
    flaky: bool,
    #[serde(default)]
    not_offered: bool,
    reason: Spanned<String>,
    expires: Option<Spanned<toml::Value>>,
    issue: Option<Spanned<String>>,
}

impl KnownFailures {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, or a line is not valid.
    pub fn read(path: &Path) -> Result<Self, KnownFailuresError> {
        let text = read_text(path).map_err(|problem| {
            FileError::of_setting("known-failures", path, problem)
                .with_remedy("--write-known-failures drafts such a file")
        })?;
        Self::parse(&text, path)
    }

    /// Parses a text that errors and reports call `path`.
    ///
    /// # Errors
    /// A line is not valid.
    pub fn parse(text: &str, path: &Path) -> Result<Self, KnownFailuresError> {
        let invalid = |Invalid { at, problem }| KnownFailuresError::Line {
            path: path.to_owned(),
            line: line_of(text, at),
            problem,
        };
        let file: File = toml::from_str(text).map_err(|error| {
            invalid(Invalid {
                at: error.span().map_or(0, |span| span.start),
                problem: error.message().to_owned(),
            })
        })?;
        let mut entries = Vec::new();
        for raw in file.known {
            let line = line_of(text, raw.span().start);
            entries.push(Entry::new(raw.into_inner(), path, line).map_err(invalid)?);
        }
        Ok(Self { entries })
    }

    /// Whether an entry covers this result of a case against a requirement, on the day that a run started.
    /// `started_at` is a time stamp of RFC 3339.
    pub fn covers(
        &self,
        catalogue: &Catalogue,
        case: &Case,
        (requirement, actual): (&RequirementId, &str),
        started_at: &str,
    ) -> bool {
        let today = day_of(started_at);
        let ids = || {
            let requirements = catalogue.requirements.iter().map(|requirement| requirement.id.as_str());
            requirements.chain(catalogue.cases.iter().map(|case| case.id.as_str()))
        };
        self.entries.iter().any(|entry| {
            let pattern = Pattern::new(&entry.failure.case, ids());
            let is_own_case = case.requirement == *requirement && pattern.matches(case.id.as_str());
            !entry.is_expired(today)
                && (is_own_case || pattern.matches(requirement.as_str()))
                && entry.failure.actual.as_deref().is_none_or(|other| other == actual)
        })
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same entries without the one at `index`.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut fewer = self.clone();
        if index < fewer.entries.len() {
            fewer.entries.remove(index);
        }
        fewer
    }

    /// Marks in a report which findings are known and what is skipped because of them, and sets the state of
    /// each entry. Entries expire by the day that the run started.
    pub fn apply(&self, report: &mut Report) {
        let ids: Vec<String> = ids(report).map(str::to_owned).collect();
        let entries = self.active(&ids, &report.started_at);
        for requirement in &mut report.requirements {
            let id = requirement.id.as_str();
            for finding in &mut requirement.findings {
                finding.known = covered(id, finding, &entries);
            }
        }
        // The reasons of skipped cases name the entry that covers the failure.
        report.known_failures = entries.iter().map(|active| active.entry.clone()).collect();
        resolve_blocked(report);
        let resolved = entries.iter().enumerate().map(|(index, active)| active.resolve(index, report));
        report.known_failures = resolved.collect();
    }

    /// The entries with their patterns matched against `ids`, on the day of a time stamp.
    pub(crate) fn active<'a>(&'a self, ids: &[String], started_at: &str) -> Vec<Active<'a>> {
        let today = day_of(started_at);
        let entries = self.entries.iter();
        entries
            .map(|entry| Active {
                pattern: Pattern::new(&entry.failure.case, ids.iter().map(String::as_str)),
                expired: entry.is_expired(today),
                entry: &entry.failure,
            })
            .collect()
    }
}

/// What is wrong with a value, and the offset of its first byte.
struct Invalid {
    at: usize,
    problem: String,
}

impl Invalid {
    fn at<T>(value: &Spanned<T>, problem: impl Into<String>) -> Self {
        Self { at: value.span().start, problem: problem.into() }
    }
}

impl Entry {
    /// Checks an entry. `path` and `line` are its place for reports.
    fn new(raw: RawEntry, path: &Path, line: u64) -> Result<Self, Invalid> {
        let RawEntry { case, actual, flaky, not_offered, reason, expires, issue } = raw;
        if case.get_ref().trim().is_empty() {
            let problem = "`case` is blank: write the id of a requirement or case, or a part of it";
            return Err(Invalid::at(&case, problem));
        }
        if reason.get_ref().trim().is_empty() {
            return Err(Invalid::at(&reason, "`reason` is blank: say why the failure is accepted"));
        }
        if let (true, Some(actual)) = (not_offered, &actual) {
            let problem =
                "`actual` has no effect with `not_offered`, which covers any result: remove one of them";
            return Err(Invalid::at(actual, problem));
        }
        if let Some(issue) = issue.as_ref().filter(|issue| !is_address(issue.get_ref())) {
            let problem = format!("`issue` is {:?}: a URL such as https://… is expected", issue.get_ref());
            return Err(Invalid::at(issue, problem));
        }
        let expires = expires.map(|value| expiry(&value)).transpose()?;
        let failure = KnownFailure {
            file: path.display().to_string(),
            line,
            case: case.into_inner().trim().to_owned(),
            actual: actual.map(Spanned::into_inner),
            flaky,
            not_offered,
            reason: reason.into_inner().trim().to_owned(),
            expires: expires.map(|date| date.to_string()),
            issue: issue.map(Spanned::into_inner),
            state: EntryState::NotRun,
            instead: None,
        };
        Ok(Self { expires, failure })
    }

    fn is_expired(&self, today: Option<Date>) -> bool {
        self.expires.zip(today).is_some_and(|(last, today)| last < today)
    }
}

/// The line of a byte, from 1.
fn line_of(text: &str, offset: usize) -> u64 {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count() as u64
}

/// The day of a time stamp of RFC 3339.
fn day_of(timestamp: &str) -> Option<Date> {
    timestamp.get(..10).and_then(|day| day.parse().ok())
}

fn expiry(value: &Spanned<toml::Value>) -> Result<Date, Invalid> {
    date(value.get_ref()).ok_or_else(|| {
        let problem = format!("`expires` is {}: a date such as 2027-01-31 is expected", value.get_ref());
        Invalid::at(value, problem)
    })
}

/// An entry with its pattern matched against the ids of a report.
pub(crate) struct Active<'a> {
    pub(crate) pattern: Pattern,
    /// Whether it has expired and covers nothing.
    pub(crate) expired: bool,
    pub(crate) entry: &'a KnownFailure,
}

impl Active<'_> {
    /// Whether it covers the result of a finding, regardless of the requirement.
    fn covers_result(&self, finding: &Finding) -> bool {
        let expected = self.entry.actual.as_deref();
        !self.expired && expected.is_none_or(|expected| actual(finding) == Some(expected))
    }

    /// Whether it matches a requirement, or a case that showed a finding against the requirement.
    fn matches(&self, requirement: &str, finding: &Finding) -> bool {
        let mut cases = finding.cases.iter().map(CaseId::as_str);
        self.pattern.matches(requirement) || cases.any(|case| self.pattern.matches(case))
    }

    /// The entry with its state after the run. `index` is its position in the list.
    fn resolve(&self, index: usize, report: &Report) -> KnownFailure {
        let state = self.state(index, report);
        let instead = if state == EntryState::Changed { self.instead(report) } else { None };
        KnownFailure { state, instead, ..self.entry.clone() }
    }

    fn state(&self, index: usize, report: &Report) -> EntryState {
        let (cases, requirements) = self.verdicts(report);
        let findings = report.requirements.iter().flat_map(|requirement| &requirement.findings);
        let mut covered = findings.filter_map(|finding| finding.known.as_ref());
        if cases.is_empty() && requirements.is_empty() {
            EntryState::Unmatched
        } else if self.expired {
            EntryState::Expired
        } else if covered.any(|covered| covered.entries.contains(&index)) {
            EntryState::Occurs
        } else if self.entry.flaky {
            EntryState::NotSeen
        } else if self.instead(report).is_some() {
            EntryState::Changed
        } else if self.entry.not_offered && cases.contains(&Verdict::Passed)
            || cases.iter().chain(&requirements).all(|verdict| *verdict == Verdict::Passed)
        {
            EntryState::Gone
        } else {
            EntryState::NotRun
        }
    }

    /// The actual result, where an entry with `actual` expects another one.
    fn instead(&self, report: &Report) -> Option<String> {
        self.entry.actual.as_ref()?;
        let mut matching = report.requirements.iter().filter_map(|requirement| {
            let id = requirement.id.as_str();
            requirement.findings.iter().find(|finding| self.matches(id, finding))
        });
        actual(matching.next()?).map(str::to_owned)
    }

    /// The verdicts on everything that the entry matches: on cases, and on whole requirements.
    fn verdicts(&self, report: &Report) -> (Vec<Verdict>, Vec<Verdict>) {
        let (mut cases, mut requirements) = (Vec::new(), Vec::new());
        for requirement in &report.requirements {
            let is_whole = self.pattern.matches(requirement.id.as_str());
            let matching = requirement.cases.iter();
            let matching = matching.filter(|case| is_whole || self.pattern.matches(case.id.as_str()));
            cases.extend(matching.map(|case| case.verdict));
            requirements.extend(is_whole.then_some(requirement.verdict));
        }
        (cases, requirements)
    }
}

/// How entries cover a finding against `requirement`.
fn covered(requirement: &str, finding: &Finding, entries: &[Active<'_>]) -> Option<KnownBy> {
    let matching = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.covers_result(finding) && entry.matches(requirement, finding));
    let (indices, entries): (Vec<usize>, Vec<_>) = matching.unzip();
    let uncovered = finding.cases.iter().filter(|case| {
        let mut patterns = entries.iter().map(|entry| &entry.pattern);
        !patterns.any(|pattern| pattern.matches(requirement) || pattern.matches(case.as_str()))
    });
    let uncovered = uncovered.cloned().collect();
    (!indices.is_empty()).then_some(KnownBy { entries: indices, uncovered })
}

fn date(value: &toml::Value) -> Option<Date> {
    match value {
        toml::Value::String(text) => text.parse().ok(),
        toml::Value::Datetime(toml::value::Datetime { date: Some(date), time: None, offset: None }) => {
            date.to_string().parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::draft::draft;
    use cases::id::{Level, RequirementId};
    use reports::model::Latency;
    use reports::model::Triage;
    use reports::model::{
        CaseResult, ContractInfo, Difference, Ending, RequirementResult, SCHEMA_VERSION, TargetInfo,
        TargetKind, Totals, VerdictCounts,
    };
    use reports::summary::{Outcome, outcome};

    const FILE: &str = "known.toml";

    fn known(text: &str) -> KnownFailures {
        KnownFailures::parse(text, Path::new(FILE)).unwrap()
    }

    fn entry(case: &str) -> String {
        format!("[[known]]\ncase = {case:?}\nreason = \"r\"\n")
    }

    fn finding(verdict: Verdict, cases: &[CaseId]) -> Finding {
        Finding {
            number: 0,
            group: 0,
            verdict,
            case: CaseId::new(["start/elsewhere/x"]),
            cases: cases.to_vec(),
            known: None,
            count: 1,
            expected: String::new(),
            actual: String::new(),
            differences: vec![Difference {
                field: "status".to_owned(),
                expected: "400".to_owned(),
                actual: "404".to_owned(),
            }],
            counterexample: Vec::new(),
            replay: String::new(),
            reach: String::new(),
            curl: String::new(),
            target: None,
            of: None,
            not_minimized: None,
        }
    }

    /// A requirement with these cases; the failed ones of them showed one finding.
    fn requirement(name: &str, cases: &[(&str, Verdict)]) -> RequirementResult {
        let id = RequirementId::new(["start", name]);
        let bad = |verdict: Verdict| matches!(verdict, Verdict::Failed | Verdict::Flaky);
        let showed: Vec<CaseId> =
            cases.iter().filter(|(_, verdict)| bad(*verdict)).map(|(case, _)| id.case(case)).collect();
        let worst = cases.iter().map(|(_, verdict)| *verdict).min().unwrap_or(Verdict::Passed);
        RequirementResult {
            operation: "Start".to_owned(),
            level: Level::Must,
            text: "It is so.".to_owned(),
            source: String::new(),
            verdict: worst,
            reason: None,
            requests: 1,
            responses: 1,
            depends_on: Vec::new(),
            findings: if showed.is_empty() { Vec::new() } else { vec![finding(worst, &showed)] },
            observations: std::collections::BTreeMap::new(),
            cases: cases
                .iter()
                .map(|(case, verdict)| CaseResult {
                    id: id.case(case),
                    verdict: *verdict,
                    reason: None,
                    requests: 1,
                    depends_on: Vec::new(),
                })
                .collect(),
            id,
        }
    }

    fn report(requirements: Vec<RequirementResult>) -> Report {
        Report {
            schema_version: SCHEMA_VERSION,
            boundstone: String::new(),
            contract: ContractInfo { name: "page".to_owned(), digest: String::new() },
            target: TargetInfo { kind: TargetKind::Mock, url: String::new(), notes: Vec::new() },
            seed: 0,
            started_at: "2026-03-01T12:00:00Z".to_owned(),
            seconds: 0.0,
            ending: Ending::Complete,
            strict: false,
            totals: Totals { requirements: VerdictCounts::default(), cases: 1, requests: 1, responses: 1 },
            requirements,
            known_failures: Vec::new(),
            contract_changes: None,
            latency: Latency::default(),
        }
    }

    fn length() -> RequirementResult {
        let cases =
            [("above-max-a", Verdict::Failed), ("above-max-b", Verdict::Failed), ("at-max", Verdict::Passed)];
        requirement("length", &cases)
    }

    /// The standing of the requirement `length`, the states of the entries, and the outcome of the run.
    fn applied(text: &str, others: Vec<RequirementResult>) -> (Triage, Vec<EntryState>, Outcome) {
        let passed = requirement("passed", &[("a", Verdict::Passed), ("b", Verdict::Passed)]);
        let skipped = requirement("mixed", &[("a", Verdict::Passed), ("b", Verdict::Skipped)]);
        let mut report = report([vec![length(), passed, skipped], others].concat());
        known(text).apply(&mut report);
        let states = report.known_failures.iter().map(|entry| entry.state).collect();
        (report.requirements[0].triage(), states, outcome(&report))
    }

    #[test]
    fn finding_is_known_by_requirement_or_all_cases() {
        use EntryState::{Gone, Occurs};
        for text in [
            entry("start/length"),
            entry("*/length"),
            entry("length/above-max"),
            entry("*/above-max-*"),
            entry("above-max-a") + &entry("above-max-b"),
        ] {
            let (standing, states, outcome) = applied(&text, vec![]);
            assert_eq!((standing, outcome), (Triage::Known, Outcome::Passed), "{text}");
            assert!(states.iter().all(|state| *state == Occurs), "{text}");
        }
        let (standing, states, outcome) = applied(&entry("above-max-a"), vec![]);
        assert_eq!((standing, outcome), (Triage::New, Outcome::Failed));
        assert_eq!(states, [Occurs]);
        let (standing, states, _) = applied(&entry("length/at-max"), vec![]);
        assert_eq!((standing, states), (Triage::New, vec![Gone]));
    }

    #[test]
    fn case_covers_nothing_of_another_requirement() {
        let mut elsewhere = requirement("on-every-response", &[]);
        elsewhere.verdict = Verdict::Failed;
        elsewhere.findings.push(Finding {
            case: CaseId::new(["start/length/above-max-a"]),
            ..finding(Verdict::Failed, &[])
        });
        let (_, _, outcome) = applied(&entry("start/length"), vec![elsewhere.clone()]);
        assert_eq!(outcome, Outcome::Failed);
        let both = entry("start/length") + &entry("on-every-response");
        let (_, states, outcome) = applied(&both, vec![elsewhere]);
        assert_eq!((states, outcome), (vec![EntryState::Occurs; 2], Outcome::Passed));
    }

    #[test]
    fn whole_id_covers_only_itself() {
        let cases = [("used", Verdict::Failed), ("used-later", Verdict::Failed)];
        let single_use = || requirement("single-use", &cases);
        let standing = |text: &str| {
            let mut report = report(vec![single_use()]);
            known(text).apply(&mut report);
            report.requirements[0].triage()
        };
        assert_eq!(standing(&entry("start/single-use/used")), Triage::New);
        assert_eq!(standing(&entry("single-use/used")), Triage::Known);
        let mut first = report(vec![requirement("single-use", &[cases[0], ("used-later", Verdict::Passed)])]);
        let draft = draft(&first, "").text.replace("\"\"", "\"r\"");
        known(&draft).apply(&mut first);
        assert_eq!(first.requirements[0].triage(), Triage::Known);
        assert_eq!(standing(&draft), Triage::New);
    }

    #[test]
    fn entry_with_actual_covers_only_this_result() {
        let with = |actual: &str| applied(&(entry("start/length") + actual), vec![]);
        assert_eq!(with("actual = \"404\"\n").0, Triage::Known);
        let (standing, states, outcome) = with("actual = \"500\"\n");
        assert_eq!((standing, states, outcome), (Triage::New, vec![EntryState::Changed], Outcome::Failed));
    }

    #[test]
    fn changed_result_differs_from_gone() {
        let resolved = |case: &str, actual: &str| {
            let mut report = report(vec![length(), requirement("passed", &[("a", Verdict::Passed)])]);
            known(&(entry("start/length") + &entry(case) + actual)).apply(&mut report);
            let entry = report.known_failures[1].clone();
            (entry.state, entry.instead, outcome(&report))
        };
        let changed = (EntryState::Changed, Some("404".to_owned()), Outcome::Outdated);
        assert_eq!(resolved("above-max-a", "actual = \"500\"\n"), changed);
        assert_eq!(resolved("start/length", "actual = \"500\"\n"), changed);
        assert_eq!(
            resolved("start/passed", "actual = \"500\"\n"),
            (EntryState::Gone, None, Outcome::Outdated)
        );
        assert_eq!(resolved("at-max", "actual = \"404\"\n"), (EntryState::Gone, None, Outcome::Outdated));
    }

    #[test]
    fn flaky_failure_may_occur_or_not() {
        use EntryState::{NotSeen, Occurs};
        let flaky_entry = |case: &str| entry(case) + "flaky = true\n";
        let flaky = requirement("chance", &[("a", Verdict::Flaky)]);
        let rest = entry("start/length");
        let (_, states, code) = applied(&(rest.clone() + &flaky_entry("start/chance")), vec![flaky.clone()]);
        assert_eq!((states, code), (vec![Occurs, Occurs], Outcome::Passed));
        let (_, states, code) = applied(&(rest.clone() + &flaky_entry("start/passed")), vec![]);
        assert_eq!((states, code), (vec![Occurs, NotSeen], Outcome::Passed));
        // Another result is not what was accepted.
        let other = flaky_entry("start/chance") + "actual = \"500\"\n";
        let (_, states, code) = applied(&(rest + &other), vec![flaky]);
        assert_eq!((states, code), (vec![Occurs, NotSeen], Outcome::Failed));
    }

    #[test]
    fn not_offered_that_passes_fails_the_run() {
        let resolved = |verdict: Verdict| {
            let cases = [("first", verdict), ("other", Verdict::Skipped)];
            let mut report =
                report(vec![requirement("offer", &cases), requirement("h", &[("a", Verdict::Passed)])]);
            known(&(entry("start/offer") + "not_offered = true\n")).apply(&mut report);
            (report.known_failures[0].state, outcome(&report))
        };
        assert_eq!(resolved(Verdict::Failed), (EntryState::Occurs, Outcome::Passed));
        assert_eq!(resolved(Verdict::Passed), (EntryState::Gone, Outcome::Outdated));
        assert_eq!(resolved(Verdict::Skipped), (EntryState::NotRun, Outcome::Passed));
    }

    #[test]
    fn every_drafted_entry_is_needed() {
        let mut both = requirement("length", &[("a", Verdict::Failed), ("b", Verdict::Failed)]);
        let id = RequirementId::new(["start", "length"]);
        // A finding that cases of other requirements show, and one of a single case.
        both.findings.push(finding(Verdict::Failed, &[]));
        both.findings.push(finding(Verdict::Failed, &[id.case("a")]));
        let mut flaky = requirement("chance", &[("a", Verdict::Flaky), ("b", Verdict::Passed)]);
        flaky.findings[0].differences[0].actual = "500".to_owned();
        let mut found = report(vec![both, flaky, requirement("h", &[("a", Verdict::Passed)])]);
        let text = draft(&found, "").text.replace("\"\"", "\"r\"");
        assert_eq!(text.matches("[[known]]").count(), 2, "{text}");
        assert!(text.contains("case = \"start/chance\"\nactual = \"500\"\nflaky = true\n"), "{text}");
        let all = known(&text);
        all.apply(&mut found);
        assert_eq!(outcome(&found), Outcome::Passed);
        for index in 0..all.len() {
            all.without(index).apply(&mut found);
            assert_eq!(outcome(&found), Outcome::Failed, "{index}");
        }
        all.apply(&mut found);
        assert_eq!(outcome(&found), Outcome::Passed);
    }

    #[test]
    fn flaky_finding_may_be_known() {
        let flaky = requirement("chance", &[("a", Verdict::Flaky)]);
        let text = entry("start/length") + &entry("start/chance");
        let (_, states, outcome) = applied(&text, vec![flaky]);
        assert_eq!((states, outcome), (vec![EntryState::Occurs; 2], Outcome::Passed));
    }

    #[test]
    fn entry_state_follows_verdicts_and_expiry() {
        use EntryState::{Expired, Gone, NotRun, Occurs, Unmatched};
        let with =
            |case: &str, expires: &str| applied(&(entry("start/length") + &entry(case) + expires), vec![]);
        for (case, expires, state, expected) in [
            ("start/passed", "", Gone, Outcome::Outdated),
            ("start/passed/a", "", Gone, Outcome::Outdated),
            ("start/mixed", "", NotRun, Outcome::Passed),
            ("start/mixed/b", "", NotRun, Outcome::Passed),
            ("start/mixed/a", "", Gone, Outcome::Outdated),
            ("start/nowhere", "", Unmatched, Outcome::Outdated),
            ("start/length", "expires = 2026-03-01\n", Occurs, Outcome::Passed),
            ("start/length", "expires = 2026-02-28\n", Expired, Outcome::Outdated),
            ("start/nowhere", "expires = 2026-02-28\n", Unmatched, Outcome::Outdated),
        ] {
            let (standing, states, outcome) = with(case, expires);
            assert_eq!((standing, outcome), (Triage::Known, expected), "{case} {expires}");
            assert_eq!(states, [Occurs, state], "{case} {expires}");
        }
        // An expired entry covers nothing.
        let text = entry("start/length") + "expires = \"2026-02-28\"\n";
        assert_eq!(applied(&text, vec![]), (Triage::New, vec![Expired], Outcome::Failed));
    }

    #[test]
    fn entry_keeps_its_fields() {
        let text = "# known\n\n[[known]]\ncase = \" a/b \"\nreason = \"why\"\nexpires = 2027-01-31\nissue = \"https://x.y/1\"\n\n\
                    [[known]]\ncase = \"c\"\nreason = \"z\"\n";
        let known = known(text);
        let failures: Vec<_> = known.entries.iter().map(|entry| entry.failure.clone()).collect();
        assert_eq!((failures[0].line, failures[1].line), (3, 9));
        assert_eq!(failures[0].case, "a/b");
        assert_eq!(failures[0].expires.as_deref(), Some("2027-01-31"));
        assert_eq!(failures[0].issue.as_deref(), Some("https://x.y/1"));
        assert_eq!(failures[0].place(), "known.toml:3");
    }

    #[test]
    fn each_mistake_is_reported_with_its_line() {
        let good = "[[known]]\ncase = \"a\"\nreason = \"r\"\nexpires = 2027-01-31\nissue = \"https://x.y\"\n";
        for (from, to, error) in [
            ("\"r\"", "\" \"", ":3: `reason` is blank: say why"),
            ("reason = \"r\"\n", "", ":1: missing field `reason`"),
            ("\"a\"", "\"\"", ":2: `case` is blank: "),
            ("\"a\"", "5", ":2: invalid type: "),
            ("2027-01-31", "\"soon\"", ":4: `expires` is \"soon\": a date such as 2027-01-31"),
            ("2027-01-31", "2027-01-31T00:00:00Z", ":4: `expires` is 2027-01-31T00:00:00Z: a date"),
            ("2027-01-31", "2027-02-30", ":4: "),
            ("https://x.y", "JIRA-5", ":5: `issue` is \"JIRA-5\": a URL such as https://"),
            ("expires", "expire", ":4: unknown field `expire`"),
            (
                "expires",
                "actual = \"5\"\nnot_offered = true\nexpires",
                ":4: `actual` has no effect with `not_offered`",
            ),
            ("expires", "flaky = 1\nexpires", ":4: invalid type: "),
            ("[[known]]", "[[knwon]]", ":1: unknown field `knwon`"),
            ("[[known]]", "[[known]", ":1: "),
        ] {
            let text = good.replacen(from, to, 1);
            let found = KnownFailures::parse(&text, Path::new(FILE)).unwrap_err().to_string();
            assert!(found.starts_with(&format!("known.toml{error}")), "{to}: {found}");
        }
    }

    #[test]
    fn draft_has_new_findings_with_blank_reasons() {
        let mut report = report(vec![
            length(),
            requirement("type", &[("number", Verdict::Failed), ("none", Verdict::Passed)]),
            requirement("known", &[("a", Verdict::Failed)]),
        ]);
        let mut on_every_response = requirement("header", &[]);
        on_every_response.findings.push(finding(Verdict::Failed, &[]));
        on_every_response.verdict = Verdict::Failed;
        report.requirements.push(on_every_response);
        let existing = "# mine\n".to_owned() + &entry("start/known");
        known(&existing).apply(&mut report);
        let draft = draft(&report, &existing);
        assert_eq!(draft.entries, 3);
        assert!(draft.text.starts_with(&existing), "{}", draft.text);
        let added = &draft.text[existing.len()..];
        assert!(
            added.starts_with(
                "\n# MUST failed, status: 400 -> 404\n[[known]]\ncase = \"start/length/above-max-*\"\nactual = \"404\"\nreason = \"\"\n"
            ),
            "{added}"
        );
        let error = KnownFailures::parse(&draft.text, Path::new(FILE)).unwrap_err().to_string();
        assert!(error.starts_with("known.toml:10: `reason` is blank"), "{error}");
        let filled = draft.text.replace("\"\"", "\"r\"");
        known(&filled).apply(&mut report);
        assert_eq!(
            report.known_failures.iter().map(|entry| entry.state).collect::<Vec<_>>(),
            [EntryState::Occurs; 4]
        );
        assert!(report.requirements.iter().all(|requirement| requirement.triage() == Triage::Known));
    }

    #[test]
    fn empty_draft_explains_its_purpose() {
        let draft = draft(&report(vec![requirement("passed", &[("a", Verdict::Passed)])]), "");
        assert_eq!(draft.entries, 0);
        assert!(draft.text.starts_with("# Known failures, for `boundstone run --known-failures`."));
    }
}
