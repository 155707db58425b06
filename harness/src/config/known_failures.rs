//! Known failures: what the user knows of and accepts, each with its reason.
//!
//! An entry's pattern is that of `--only`, read against the ids of requirements and cases. A finding is
//! known if each case of its requirement that showed it is in an entry: by the id of the case, or by
//! that of the requirement, which stands for all its cases. So an entry for a requirement covers all its
//! findings, and one for a case neither what another case of the requirement shows nor what the case
//! shows of another requirement. An entry that says what the target answers covers just that answer. A
//! finding that only cases of other requirements showed, and one against a requirement on every answer,
//! is covered by the id of its requirement.
//!
//! What could not be tested because of findings that are known is skipped.

use std::path::{Path, PathBuf};

use cases::catalogue::{Case, Catalogue};
use cases::id::{CaseId, RequirementId};
use jiff::civil::Date;
use reports::model::{EntryState, Finding, KnownBy, KnownFailure, Report, RequirementResult, Verdict};
use reports::render::escape::is_address;
use reports::summary::resolve_blocked;
use serde::Deserialize;
use toml::Spanned;

use crate::config::pattern::Pattern;
use crate::config::user_file::{FileError, read_text};

/// Known failures that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownFailuresError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// A line says what no entry can say.
    #[error("--known-failures {}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and what would be right.
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
    /// As reports show it; the state is set when it is applied.
    shown: KnownFailure,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Spanned<Written>>,
}

/// An entry as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
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
    pub fn read(path: &Path) -> Result<Self, KnownFailuresError> {
        let text = read_text(path).map_err(|problem| {
            FileError::of_flag("--known-failures", path, problem)
                .or_else("--write-known-failures drafts such a file")
        })?;
        Self::parse(&text, path)
    }

    /// Reads a text, which errors and reports call `path`.
    pub fn parse(text: &str, path: &Path) -> Result<Self, KnownFailuresError> {
        let at = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count() as u64;
        let problem =
            |offset, problem| KnownFailuresError::Line { path: path.to_owned(), line: at(offset), problem };
        let file: File = toml::from_str(text).map_err(|error| {
            problem(error.span().map_or(0, |span| span.start), error.message().to_owned())
        })?;
        let entry = |written: Spanned<Written>| {
            let line = at(written.span().start);
            let Written { case, actual, flaky, not_offered, reason, expires, issue } = written.into_inner();
            if case.get_ref().trim().is_empty() {
                let says = "`case` is blank: a part of the id of a requirement or case is expected";
                return Err(problem(case.span().start, says.to_owned()));
            }
            if reason.get_ref().trim().is_empty() {
                let says = "`reason` is blank: say why the failure is accepted";
                return Err(problem(reason.span().start, says.to_owned()));
            }
            if let (true, Some(actual)) = (not_offered, &actual) {
                let says = "`actual` stands beside `not_offered`: whatever the target answers is covered";
                return Err(problem(actual.span().start, says.to_owned()));
            }
            if let Some(issue) = issue.as_ref().filter(|issue| !is_address(issue.get_ref())) {
                let says =
                    format!("`issue` is {:?}: an address such as https://… is expected", issue.get_ref());
                return Err(problem(issue.span().start, says));
            }
            let expires = match expires {
                None => None,
                Some(value) => Some(date(value.get_ref()).ok_or_else(|| {
                    let says =
                        format!("`expires` is {}: a date such as 2027-01-31 is expected", value.get_ref());
                    problem(value.span().start, says)
                })?),
            };
            Ok(Entry {
                expires,
                shown: KnownFailure {
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
                },
            })
        };
        Ok(Self { entries: file.known.into_iter().map(entry).collect::<Result<_, _>>()? })
    }

    /// Whether what a case shows of a requirement, this answer, is known on the day of a run that started
    /// then.
    pub fn covers(
        &self,
        catalogue: &Catalogue,
        case: &Case,
        (requirement, actual): (&RequirementId, &str),
        started_at: &str,
    ) -> bool {
        let today: Option<Date> = started_at.get(..10).and_then(|day| day.parse().ok());
        let ids = || {
            let requirements = catalogue.requirements.iter().map(|requirement| requirement.id.as_str());
            requirements.chain(catalogue.cases.iter().map(|case| case.id.as_str()))
        };
        self.entries.iter().any(|entry| {
            let pattern = Pattern::new(&entry.shown.case, ids());
            let own = case.requirement == *requirement && pattern.matches(case.id.as_str());
            let is_due = entry.expires.zip(today).is_none_or(|(last, today)| last >= today);
            is_due
                && (own || pattern.matches(requirement.as_str()))
                && entry.shown.actual.as_deref().is_none_or(|other| other == actual)
        })
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same without the entry at this index.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut fewer = self.clone();
        if index < fewer.entries.len() {
            fewer.entries.remove(index);
        }
        fewer
    }

    /// Notes in a report which findings are known, what is skipped because of them, and what the run says
    /// of each entry. The day is that on which the run started.
    pub fn apply(&self, report: &mut Report) {
        let ids: Vec<String> = ids(report).map(str::to_owned).collect();
        let entries = self.active(&ids, &report.started_at);
        for requirement in &mut report.requirements {
            let id = requirement.id.as_str();
            for finding in &mut requirement.findings {
                finding.known = covered(id, finding, &entries);
            }
        }
        // What is skipped says where the failure stands that it depends on.
        report.known_failures = entries.iter().map(|active| active.entry.clone()).collect();
        resolve_blocked(report);
        let judged = entries.iter().enumerate().map(|(index, active)| active.judged(index, report));
        report.known_failures = judged.collect();
    }

    /// The entries as they are read against these ids on the day of a time stamp.
    pub(crate) fn active<'a>(&'a self, ids: &[String], started_at: &str) -> Vec<Active<'a>> {
        let today: Option<Date> = started_at.get(..10).and_then(|day| day.parse().ok());
        let expired = |entry: &Entry| entry.expires.zip(today).is_some_and(|(last, today)| last < today);
        let active = |entry: &'a Entry| Active {
            pattern: Pattern::new(&entry.shown.case, ids.iter().map(String::as_str)),
            expired: expired(entry),
            entry: &entry.shown,
        };
        self.entries.iter().map(active).collect()
    }
}

/// The ids that an entry can speak of.
pub(crate) fn ids(report: &Report) -> impl Iterator<Item = &str> {
    report.requirements.iter().flat_map(|requirement| {
        let cases = requirement.cases.iter().map(|case| case.id.as_str());
        std::iter::once(requirement.id.as_str()).chain(cases)
    })
}

/// An entry as it is read against a report.
pub(crate) struct Active<'a> {
    pub(crate) pattern: Pattern,
    /// It covers nothing any more.
    pub(crate) expired: bool,
    pub(crate) entry: &'a KnownFailure,
}

impl Active<'_> {
    /// Whether it is about what a finding shows, wherever that is.
    fn is_about(&self, finding: &Finding) -> bool {
        let actual = self.entry.actual.as_deref();
        !self.expired && actual.is_none_or(|actual| shown(finding) == Some(actual))
    }

    /// Whether it speaks of a requirement or of a case that showed a finding against it.
    fn speaks_of(&self, requirement: &str, finding: &Finding) -> bool {
        let is_case = |case: &CaseId| self.pattern.matches(case.as_str());
        self.pattern.matches(requirement) || finding.cases.iter().any(is_case)
    }

    /// What the run says of the entry, which is the one with this index.
    fn judged(&self, index: usize, report: &Report) -> KnownFailure {
        let state = self.state(index, report);
        let instead = if state == EntryState::Changed { self.instead(report) } else { None };
        KnownFailure { state, instead, ..self.entry.clone() }
    }

    fn state(&self, index: usize, report: &Report) -> EntryState {
        let (cases, wholes) = self.verdicts(report);
        let findings = || report.requirements.iter().flat_map(|requirement| &requirement.findings);
        let covers = |finding: &Finding| finding.known.iter().any(|it| it.entries.contains(&index));
        if cases.is_empty() && wholes.is_empty() {
            EntryState::Unmatched
        } else if self.expired {
            EntryState::Expired
        } else if findings().any(covers) {
            EntryState::Occurs
        } else if self.entry.flaky {
            EntryState::NotSeen
        } else if self.instead(report).is_some() {
            EntryState::Changed
        } else if self.entry.not_offered && cases.contains(&Verdict::Passed)
            || cases.iter().chain(&wholes).all(|verdict| *verdict == Verdict::Passed)
        {
            EntryState::Gone
        } else {
            EntryState::NotRun
        }
    }

    /// What the target answers where the entry says that it answers something else.
    fn instead(&self, report: &Report) -> Option<String> {
        self.entry.actual.as_ref()?;
        let spoken_of = |requirement: &&RequirementResult| {
            let id = requirement.id.as_str();
            requirement.findings.iter().any(|finding| self.speaks_of(id, finding))
        };
        let requirement = report.requirements.iter().find(spoken_of)?;
        let id = requirement.id.as_str();
        let finding = requirement.findings.iter().find(|finding| self.speaks_of(id, finding))?;
        shown(finding).map(str::to_owned)
    }

    /// The verdicts on all that the entry speaks of: on cases, and on requirements as a whole.
    fn verdicts(&self, report: &Report) -> (Vec<Verdict>, Vec<Verdict>) {
        let (mut cases, mut wholes) = (Vec::new(), Vec::new());
        for requirement in &report.requirements {
            let is_whole = self.pattern.matches(requirement.id.as_str());
            let own = requirement.cases.iter();
            let own = own.filter(|case| is_whole || self.pattern.matches(case.id.as_str()));
            cases.extend(own.map(|case| case.verdict));
            wholes.extend(is_whole.then_some(requirement.verdict));
        }
        (cases, wholes)
    }
}

/// What the target answers by a finding.
pub(crate) fn shown(finding: &Finding) -> Option<&str> {
    finding.differences.first().map(|difference| difference.actual.as_str())
}

/// What these entries have on a finding against `requirement`.
fn covered(requirement: &str, finding: &Finding, entries: &[Active<'_>]) -> Option<KnownBy> {
    let whole = |entry: &Active<'_>| entry.pattern.matches(requirement);
    let about = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.is_about(finding) && entry.speaks_of(requirement, finding));
    let (indices, entries): (Vec<usize>, Vec<_>) = about.unzip();
    let is_covered = |case: &str| entries.iter().any(|entry| whole(entry) || entry.pattern.matches(case));
    let uncovered = finding.cases.iter().filter(|case| !is_covered(case.as_str())).cloned().collect();
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
        CaseResult, ContractInfo, Difference, Ending, SCHEMA_VERSION, TargetInfo, TargetKind, Totals,
        VerdictCounts,
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

    /// What becomes of the length and of the entries.
    fn applied(text: &str, others: Vec<RequirementResult>) -> (Triage, Vec<EntryState>, Outcome) {
        let passed = requirement("passed", &[("a", Verdict::Passed), ("b", Verdict::Passed)]);
        let skipped = requirement("mixed", &[("a", Verdict::Passed), ("b", Verdict::Skipped)]);
        let mut report = report([vec![length(), passed, skipped], others].concat());
        known(text).apply(&mut report);
        let states = report.known_failures.iter().map(|entry| entry.state).collect();
        (report.requirements[0].triage(), states, outcome(&report))
    }

    #[test]
    fn a_requirement_or_all_cases_that_showed_it_make_a_finding_known() {
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
    fn a_case_covers_nothing_of_another_requirement() {
        let mut elsewhere = requirement("on-every-answer", &[]);
        elsewhere.verdict = Verdict::Failed;
        elsewhere.findings.push(Finding {
            case: CaseId::new(["start/length/above-max-a"]),
            ..finding(Verdict::Failed, &[])
        });
        let (_, _, outcome) = applied(&entry("start/length"), vec![elsewhere.clone()]);
        assert_eq!(outcome, Outcome::Failed);
        let both = entry("start/length") + &entry("on-every-answer");
        let (_, states, outcome) = applied(&both, vec![elsewhere]);
        assert_eq!((states, outcome), (vec![EntryState::Occurs; 2], Outcome::Passed));
    }

    #[test]
    fn an_id_that_is_a_part_of_others_covers_itself_alone() {
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
    fn an_entry_may_say_what_is_answered_and_covers_nothing_else() {
        let with = |actual: &str| applied(&(entry("start/length") + actual), vec![]);
        assert_eq!(with("actual = \"404\"\n").0, Triage::Known);
        let (standing, states, outcome) = with("actual = \"500\"\n");
        assert_eq!((standing, states, outcome), (Triage::New, vec![EntryState::Changed], Outcome::Failed));
    }

    #[test]
    fn another_result_is_told_from_none() {
        let judged = |case: &str, actual: &str| {
            let mut report = report(vec![length(), requirement("passed", &[("a", Verdict::Passed)])]);
            known(&(entry("start/length") + &entry(case) + actual)).apply(&mut report);
            let judged = report.known_failures[1].clone();
            (judged.state, judged.instead, outcome(&report))
        };
        let changed = (EntryState::Changed, Some("404".to_owned()), Outcome::Outdated);
        assert_eq!(judged("above-max-a", "actual = \"500\"\n"), changed);
        assert_eq!(judged("start/length", "actual = \"500\"\n"), changed);
        assert_eq!(judged("start/passed", "actual = \"500\"\n"), (EntryState::Gone, None, Outcome::Outdated));
        assert_eq!(judged("at-max", "actual = \"404\"\n"), (EntryState::Gone, None, Outcome::Outdated));
    }

    #[test]
    fn a_flaky_failure_may_be_there_or_not() {
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
    fn what_is_offered_after_all_fails_the_run() {
        let judged = |verdict: Verdict| {
            let cases = [("first", verdict), ("other", Verdict::Skipped)];
            let mut report =
                report(vec![requirement("offer", &cases), requirement("h", &[("a", Verdict::Passed)])]);
            known(&(entry("start/offer") + "not_offered = true\n")).apply(&mut report);
            (report.known_failures[0].state, outcome(&report))
        };
        assert_eq!(judged(Verdict::Failed), (EntryState::Occurs, Outcome::Passed));
        assert_eq!(judged(Verdict::Passed), (EntryState::Gone, Outcome::Outdated));
        assert_eq!(judged(Verdict::Skipped), (EntryState::NotRun, Outcome::Passed));
    }

    #[test]
    fn no_drafted_entry_does_without_another_one() {
        let mut both = requirement("length", &[("a", Verdict::Failed), ("b", Verdict::Failed)]);
        let id = RequirementId::new(["start", "length"]);
        // What cases of other requirements show, and the same in one case only.
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
    fn unstable_findings_may_be_known() {
        let flaky = requirement("chance", &[("a", Verdict::Flaky)]);
        let text = entry("start/length") + &entry("start/chance");
        let (_, states, outcome) = applied(&text, vec![flaky]);
        assert_eq!((states, outcome), (vec![EntryState::Occurs; 2], Outcome::Passed));
    }

    #[test]
    fn each_entry_has_its_state() {
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
    fn an_entry_keeps_what_was_written() {
        let text = "# known\n\n[[known]]\ncase = \" a/b \"\nreason = \"why\"\nexpires = 2027-01-31\nissue = \"https://x.y/1\"\n\n\
                    [[known]]\ncase = \"c\"\nreason = \"z\"\n";
        let known = known(text);
        let shown: Vec<_> = known.entries.iter().map(|entry| entry.shown.clone()).collect();
        assert_eq!((shown[0].line, shown[1].line), (3, 9));
        assert_eq!(shown[0].case, "a/b");
        assert_eq!(shown[0].expires.as_deref(), Some("2027-01-31"));
        assert_eq!(shown[0].issue.as_deref(), Some("https://x.y/1"));
        assert_eq!(shown[0].place(), "known.toml:3");
    }

    #[test]
    fn each_fault_is_named_with_its_line() {
        let good = "[[known]]\ncase = \"a\"\nreason = \"r\"\nexpires = 2027-01-31\nissue = \"https://x.y\"\n";
        for (from, to, error) in [
            ("\"r\"", "\" \"", ":3: `reason` is blank: say why"),
            ("reason = \"r\"\n", "", ":1: missing field `reason`"),
            ("\"a\"", "\"\"", ":2: `case` is blank: "),
            ("\"a\"", "5", ":2: invalid type: "),
            ("2027-01-31", "\"soon\"", ":4: `expires` is \"soon\": a date such as 2027-01-31"),
            ("2027-01-31", "2027-01-31T00:00:00Z", ":4: `expires` is 2027-01-31T00:00:00Z: a date"),
            ("2027-01-31", "2027-02-30", ":4: "),
            ("https://x.y", "JIRA-5", ":5: `issue` is \"JIRA-5\": an address such as https://"),
            ("expires", "expire", ":4: unknown field `expire`"),
            (
                "expires",
                "actual = \"5\"\nnot_offered = true\nexpires",
                ":4: `actual` stands beside `not_offered`",
            ),
            ("expires", "flaky = 1\nexpires", ":4: invalid type: "),
            ("[[known]]", "[[knwon]]", ":1: unknown field `knwon`"),
            ("[[known]]", "[[known]", ":1: "),
        ] {
            let text = good.replacen(from, to, 1);
            let found = KnownFailures::parse(&text, Path::new(FILE)).unwrap_err().to_string();
            assert!(found.starts_with(&format!("--known-failures known.toml{error}")), "{to}: {found}");
        }
    }

    #[test]
    fn a_draft_names_what_is_new_and_wants_reasons() {
        let mut report = report(vec![
            length(),
            requirement("type", &[("number", Verdict::Failed), ("none", Verdict::Passed)]),
            requirement("known", &[("a", Verdict::Failed)]),
        ]);
        let mut on_every_answer = requirement("header", &[]);
        on_every_answer.findings.push(finding(Verdict::Failed, &[]));
        on_every_answer.verdict = Verdict::Failed;
        report.requirements.push(on_every_answer);
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
        assert!(error.starts_with("--known-failures known.toml:10: `reason` is blank"), "{error}");
        let filled = draft.text.replace("\"\"", "\"r\"");
        known(&filled).apply(&mut report);
        assert_eq!(
            report.known_failures.iter().map(|entry| entry.state).collect::<Vec<_>>(),
            [EntryState::Occurs; 4]
        );
        assert!(report.requirements.iter().all(|requirement| requirement.triage() == Triage::Known));
    }

    #[test]
    fn a_draft_of_nothing_says_what_it_is_for() {
        let draft = draft(&report(vec![requirement("passed", &[("a", Verdict::Passed)])]), "");
        assert_eq!(draft.entries, 0);
        assert!(draft.text.starts_with("# Known failures, for `boundstone run --known-failures`."));
    }
}
